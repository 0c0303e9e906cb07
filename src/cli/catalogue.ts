import { join } from 'node:path';
import { playbooks } from '../../playbooks/index.ts';
import { catalogueMarkdown } from '../core/catalogue/catalogue.ts';
import { page } from './page.ts';
import { readingUses } from './reading-uses.ts';
import type { Page } from './page.ts';

/** `npm run catalogue`: what the bot knows. `-- --write` writes docs/catalogue.md, `-- --check` holds it against the playbooks. */
export function cataloguePage(): Page {
  return {
    file: join(import.meta.dirname, '../../docs/catalogue.md'),
    text: catalogueMarkdown(playbooks, readingUses),
    script: 'catalogue',
  };
}

if (import.meta.main) {
  process.exitCode = page(cataloguePage(), process.argv.slice(2), (line) => process.stdout.write(`${line}\n`));
}
