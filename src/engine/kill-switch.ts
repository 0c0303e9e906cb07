import type { Message } from '../core/message.ts';
import { mayLift, refusePerson } from '../core/policy.ts';
import { sentence } from '../core/render/help.ts';
import { KILL_SWITCH, whoIs } from './facts.ts';
import { rowOf } from './inbox-row.ts';
import type { Parts } from './parts.ts';

/** `/mlp stop all`: no act starts, nothing can be approved; looking goes on. Any member who is no guest may set it. */
export async function setKillSwitch(parts: Parts, on: boolean, by: string): Promise<Message> {
  const who = await whoIs(parts, by, !on);
  const refusal = on ? refusePerson(who) : mayLift(parts.rules.policy, who);
  if (refusal !== null) return sentence(`Not done: ${refusal}.`);
  const what = on ? 'set the kill switch: no change starts' : 'lifted the kill switch';
  await parts.store.setSetting(KILL_SWITCH, on ? by : null, {
    stream: '',
    who: by,
    what,
    digest: null,
    why: on ? '/mlp stop all' : '/mlp stop off',
  });
  const open = await parts.store.streams({ open: true, limit: 500 });
  const at = parts.clock.now();
  if (open.length > 0) {
    await parts.store.accept(
      open.map(({ stream }) => ({
        id: `refresh:${stream}:${at}`,
        to: { is: 'stream', stream } as const,
        body: rowOf({ is: 'refresh' }),
      })),
    );
  }
  return sentence(
    on
      ? 'Everything is stopped: no change starts and nothing can be approved. Looking goes on. A change under way is followed to its end. `/mlp stop off` lifts it.'
      : 'Lifted: proposals can be approved again.',
  );
}
