import { renderThread } from '../../src/core/render/thread.ts';
import type { RegionDiagnosis } from '../../src/core/diagnosis.ts';
import type { Desired, Message } from '../../src/core/message.ts';
import { plain } from '../../src/core/words.ts';
import type { Story } from './story.ts';

/** A story's thread as people read it. */

export function messages(story: Story): readonly Desired[] {
  return renderThread({
    stream: 't',
    incident: story.state,
    rules: story.rules,
    playbooks: [],
    killSwitch: story.killSwitch,
    at: story.at,
  });
}

export function shown(story: Story, key = 'root'): Message {
  const found = messages(story).find((one) => one.key === `t/${key}`);
  if (found === undefined) throw new Error(`there is no ${key}`);
  return found.message;
}

export function text(message: Message): string {
  return message.blocks
    .flatMap((block) => {
      if (block.is === 'lines') return block.lines.map(plain);
      if (block.is === 'verbatim' || block.is === 'quote') return [block.text];
      if (block.is === 'buttons') return block.buttons.map((one) => `${one.label} ${one.describe}`);
      return block.is === 'note' ? [plain(block.words)] : [];
    })
    .join('\n');
}

/** Looks give this from now on. */
export function sees(story: Story, change: (seen: RegionDiagnosis) => RegionDiagnosis): void {
  const usual = story.seen.bind(story);
  story.seen = (region) => change(usual(region));
}
