import type { Workspace } from './workspace.ts';

const pollMs = 20;

/** Looks at each change of the workspace, and now and then. */
export function until<T>(
  ws: Workspace,
  check: () => T | undefined | null | false,
  what: string,
  limitMs: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      clearInterval(timer);
      clearTimeout(limit);
      stop();
    };
    const look = (): void => {
      const got = check();
      if (got === undefined || got === null || got === false) return;
      finish();
      resolve(got);
    };
    const timer = setInterval(look, pollMs);
    const limit = setTimeout(() => {
      finish();
      reject(new Error(`waited ${limitMs} ms in vain for ${what}`));
    }, limitMs);
    const stop = ws.listen(() => void setImmediate(look));
    look();
  });
}
