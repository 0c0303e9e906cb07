import type { HomeView, KnownBlock } from '@slack/types';
import { section } from './blocks.ts';

const BLOCKS_MAX = 100;

/** The bot's own page: what is open, for who looks, and how it is used. */
export function homeView(blocks: readonly KnownBlock[] | null): HomeView {
  const shown = blocks === null ? HOW_TO : [...blocks, { type: 'divider' as const }, ...HOW_TO.slice(-2)];
  return { type: 'home', blocks: shown.slice(0, BLOCKS_MAX) };
}

const HOW_TO: readonly KnownBlock[] = [
  { type: 'header', text: { type: 'plain_text', text: 'Incidents of the ML platform' } },
  section(
    [
      'I look at every system involved when an alert fires, say in one thread whether users are hurt, what is wrong and how I know, and offer fixes.',
      '*Nothing is changed before the right people approve exactly what was shown.*',
    ].join('\n'),
  ),
  { type: 'divider' },
  section(
    [
      '*In any channel*',
      '`/mlp diagnose model-server eu-west-1`  look now; without a region: all of them',
      '`/mlp status`  what is open',
      '`/mlp stop INC-214` or `/mlp stop all`  end runs; nothing new starts',
      '`/mlp playbooks`  what I can recognise and fix',
      '`/mlp help`  everything else',
    ].join('\n'),
  ),
  section(
    [
      "*In an incident's thread*",
      'Commands do not work in threads: write `@mlp again`, `@mlp why not restart` and so on. The incident is the target.',
      '*On any message*',
      'More actions → *Diagnose this*: I read the message and look at what it speaks of.',
    ].join('\n'),
  ),
];
