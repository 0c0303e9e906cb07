/** Any value that JSON can carry unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** `V extends Plain<V>`: V comes back from JSON unchanged. Interfaces pass; Date, Map, functions, bigint, undefined do not. */
export type Plain<V> = { readonly [K in keyof V]: PlainPart<V[K]> } & Root;
type Root = string | number | boolean | object | null;
type PlainPart<X> = X extends string | number | boolean | null
  ? X
  : X extends (...args: never) => unknown
    ? never
    : X extends object
      ? { readonly [K in keyof X]: PlainPart<X[K]> }
      : never;

/** One text for one value: keys sorted, no white space. What is digested, so that key order never changes an approval. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const parts: string[] = [];
    const fields = value as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(fields).sort()) {
      if (fields[key] !== undefined) parts.push(`${JSON.stringify(key)}:${canonical(fields[key])}`);
    }
    return `{${parts.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
