import { readFileSync, writeFileSync } from 'node:fs';

/** A page of docs/ that is generated: printed, written, or held against what is on disk. */
export interface Page {
  readonly file: string;
  readonly text: string;
  /** The npm script that writes it. */
  readonly script: string;
}

/** Exit code: 0 done, 1 the page on disk is another, 2 wrong usage. */
export function page({ file, text, script }: Page, args: readonly string[], print: (line: string) => void): number {
  const [flag, ...rest] = args;
  if (rest.length > 0 || (flag !== undefined && flag !== '--write' && flag !== '--check')) {
    print(`usage: npm run ${script} [-- --write | --check]`);
    return 2;
  }
  if (flag === undefined) {
    print(text.trimEnd());
    return 0;
  }
  if (flag === '--write') {
    writeFileSync(file, text);
    print(`wrote ${file}`);
    return 0;
  }
  const same = onDisk(file) === text;
  print(same ? `${file} is up to date` : `${file} is not what the code says: run \`npm run ${script} -- --write\``);
  return same ? 0 : 1;
}

function onDisk(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
