import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes the folder where it is missing. Null: it can be written to; else a sentence that says why not and what to set. */
export function folderTrouble(folder: string): string | null {
  try {
    makeFolder(resolve(folder));
    if (!statSync(folder).isDirectory()) return says(folder, 'it is no folder');
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return says(folder, WHY[code] ?? code);
  }
}

/** One step after the other: with `recursive` Node 26 never returns where the file system takes no folders (/proc, an autofs mount). */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else made it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the disk is read-only',
  ENOENT: 'the folder above it is not there and cannot be made',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'it is no folder',
  ENOSPC: 'the disk is full',
};

function says(folder: string, why: string): string {
  return `MLP_DATA ${folder} cannot be used: ${why}. Set it to a folder that stays and that this user may write to, or set DATABASE_URL`;
}
