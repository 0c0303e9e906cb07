import { join } from 'node:path';
import { lifecycleMarkdown } from '../core/incident/lifecycle.ts';
import { page } from './page.ts';
import type { Page } from './page.ts';

/** `npm run lifecycle`: the life of a proposal and of an incident. `-- --write` writes docs/lifecycle.md, `-- --check` holds it against the code. */
export function lifecyclePage(): Page {
  return {
    file: join(import.meta.dirname, '../../docs/lifecycle.md'),
    text: lifecycleMarkdown(),
    script: 'lifecycle',
  };
}

if (import.meta.main) {
  process.exitCode = page(lifecyclePage(), process.argv.slice(2), (line) => process.stdout.write(`${line}\n`));
}
