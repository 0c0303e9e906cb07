import { expect } from 'vitest';
import { textOf } from '../crash/chat.ts';
import type { World } from '../crash/harness.ts';
import type { Message } from '../../src/core/message.ts';
import { plain } from '../../src/core/words.ts';

/** What every summary must be, whatever it is about: short enough for a phone, users first. */

/** How somebody asks each playbook. */
export const asks: Readonly<Record<string, string>> = {
  'rollout-stuck': '',
  'inference-errors': 'inference errors',
  'slow-inference': 'slow inference',
  'high-cpu': 'high CPU',
  'memory-leak': 'memory leak',
};
/** Faults of another deployment than model-server. */
const elsewhere: Readonly<Record<string, string>> = {
  'keda-at-maximum': 'api-gateway',
  'batch-cpu': 'replication-service',
};

export function questionFor(
  { id, playbook }: { readonly id: string; readonly playbook?: string | undefined },
  region: string,
): string {
  return `diagnose ${asks[playbook ?? ''] ?? ''} ${elsewhere[id] ?? 'model-server'} ${region}`.replaceAll(/ +/g, ' ');
}

const MOST_ROWS = 12;
const MOST_BUTTONS = 6;
/** What a phone shows at once; "Do NOT restart or scale" may follow, as the last words. */
const MOST_LOCK = 160;
/** How users fare; before the first look, or where the question names what is not there, nobody knows. */
const USERS = /^(Users|[a-z]+(-[a-z]+)+-\d: users|Looking at |Alert: |There is no |Nothing )/i;

/** What is wrong with a summary; empty: nothing. */
export function complaintsOf(message: Message): readonly string[] {
  const lines = message.blocks.flatMap((one) => (one.is === 'lines' ? one.lines.map(plain) : []));
  const buttons = message.blocks.flatMap((one) => (one.is === 'buttons' ? [...one.buttons] : []));
  const rows = lines.length + message.blocks.filter((one) => one.is !== 'lines').length;
  const lock = message.lock.replace(/ Do NOT .*$/, '');
  return [
    ...(rows > MOST_ROWS ? [`${rows} rows: ${textOf(message)}`] : []),
    ...(buttons.length > MOST_BUTTONS ? [`${buttons.length} buttons`] : []),
    ...(USERS.test(lines[1] ?? '') ? [] : [`users do not come first: ${lines[1] ?? 'nothing'}`]),
    ...(lock.length > MOST_LOCK ? [`lock screen of ${lock.length} characters: ${lock}`] : []),
  ];
}

/** Every summary that stands in the channel at any step of the story. */
export function watchRoots(world: World): void {
  const seen = new WeakSet<Message>();
  world.scripts.push(() => {
    for (const one of world.chat.standing) {
      if (!one.mark.key.endsWith('/root') || seen.has(one.message)) continue;
      seen.add(one.message);
      expect(complaintsOf(one.message)).toEqual([]);
    }
  });
}
