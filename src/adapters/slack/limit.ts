/** What became of a promise within a time. It goes on when it is late; nobody is left with an unhandled rejection. */
export type Within<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'failed'; readonly error: unknown }
  | { readonly is: 'late'; readonly later: Promise<T> };

export async function within<T>(promise: Promise<T>, ms: number): Promise<Within<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Within<T>>((resolve) => {
    timer = setTimeout(() => resolve({ is: 'late', later: promise }), ms);
  });
  const settled = promise.then(
    (value): Within<T> => ({ is: 'done', value }),
    (error: unknown): Within<T> => ({ is: 'failed', error }),
  );
  const outcome = await Promise.race([settled, late]);
  clearTimeout(timer);
  return outcome;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
