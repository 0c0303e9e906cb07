import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { randomUUID } from 'node:crypto';
import { Failure, whyOf } from '../../core/failure.ts';
import type { Postmortems } from '../../core/ports/postmortems.ts';
import { checkName } from './name.ts';

/** Files in a folder, made where it is not there. A reader never sees half of one: it is written beside and put in its place. */
export function postmortemFolder(folder: string): Postmortems {
  const root = resolve(folder);
  return {
    async write(name, markdown, limitMs) {
      checkName(name);
      const file = join(root, name);
      const part = join(root, `.${name}.${randomUUID()}.part`);
      try {
        await mkdir(root, { recursive: true });
        await writeFile(part, markdown, { mode: 0o640, flag: 'wx', signal: AbortSignal.timeout(Math.ceil(limitMs)) });
        await rename(part, file);
        return file;
      } catch (error) {
        await rm(part, { force: true }).catch(() => undefined);
        throw new Failure('server error', `the folder ${root} does not take it: ${whyOf(error)}`, { cause: error });
      }
    },
  };
}
