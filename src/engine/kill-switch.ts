import type { Message } from '../core/message.ts';
import { mayLift, namesOf, refusePerson } from '../core/policy.ts';
import { sentence } from '../core/render/help.ts';
import { stoppedLine } from '../core/render/notice.ts';
import type { Incoming, StreamInfo } from '../core/ports/store.ts';
import { KILL_SWITCH, killedBy, whoIs } from './facts.ts';
import { NOTICES } from './alert-rows.ts';
import { rowOf } from './inbox-row.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';

/** Since when the channels know that everything is stopped (ISO 8601); null: they do not. */
const TOLD = 'kill-switch-told';

/** When somebody last wanted to move the switch and may not. */
const REFUSED = 'kill-switch-refused';

export interface Stopping {
  /** Of the command: sent twice, it is one. */
  readonly id: string;
  readonly by: string;
  /** All channels that the bot posts in. */
  readonly channels: readonly string[];
}

/**
 * `/mlp stop all`: no act starts, nothing can be approved; looking goes on. Any member who is no guest may set it. The channels are
 * told once: a process that dies in between leaves that to whoever types it again.
 */
export async function setKillSwitch(parts: Parts, on: boolean, stopping: Stopping): Promise<Message> {
  const { by } = stopping;
  const who = await whoIs(parts, by, !on);
  const refusal = on ? refusePerson(who) : mayLift(parts.rules.policy, who);
  if (refusal !== null) {
    await audit(parts, by, `refused: ${on ? '/mlp stop all' : '/mlp stop off'}`, refusal);
    return sentence(`Not done: ${refusal}.`);
  }
  const [before, told] = await Promise.all([parts.store.setting(KILL_SWITCH), parts.store.setting(TOLD)]);
  const since = typeof told === 'string' ? told : null;
  if (on && typeof before === 'string' && since !== null) return withStop(parts, sentence('It was stopped already.'));
  if (!on && before === null && since === null) return sentence('Nothing is stopped.');
  await parts.store.setSetting(KILL_SWITCH, on ? by : null, {
    stream: '',
    who: by,
    what: on ? 'set the kill switch: no change starts' : 'lifted the kill switch',
    digest: null,
    why: on ? '/mlp stop all' : '/mlp stop off',
  });
  const at = iso(parts.clock.now());
  await parts.store.accept(await rowsOf(parts, on, stopping, { at, since }));
  await parts.store.setSetting(TOLD, on ? at : null, null);
  return sentence(
    on
      ? 'Everything is stopped: no change starts and nothing can be approved. Looking goes on. A change under way is followed to its end. `/mlp stop off` lifts it. The channel is told.'
      : 'Lifted: proposals can be approved again. The channel is told.',
  );
}

/** An entry of the audit log belongs to a step of a stream or to a setting; the switch itself must not be written for it. */
async function audit(parts: Parts, who: string, what: string, why: string): Promise<void> {
  const at = iso(parts.clock.now());
  await parts.store.setSetting(REFUSED, at, { stream: '', who, what, digest: null, why });
}

/** One post in each channel; and every thread that shows the switch is drawn anew, also those that closed while it was on. */
async function rowsOf(
  parts: Parts,
  on: boolean,
  { id, by, channels }: Stopping,
  { at, since }: { readonly at: string; readonly since: string | null },
): Promise<readonly Incoming[]> {
  const open = await parts.store.streams({ open: true, limit: 500 });
  const closed = on ? [] : await parts.store.streams({ open: false, limit: 200 });
  const shows = [...open, ...closed.filter(({ summary }) => since === null || summary.updatedAt >= since)];
  const underWay = open
    .filter(({ summary }) => summary.state === 'changing' || summary.state === 'verifying')
    .map(nameOf);
  const notice = { on, by, at, underWay, mayLift: namesOf(parts.rules.policy, 'high') };
  return [
    {
      id: `announce:${id}`,
      to: { is: 'stream', stream: NOTICES },
      body: rowOf({ is: 'announce', notice, channels: [...new Set(channels)] }),
    },
    ...shows.map(({ stream }): Incoming => ({
      id: `refresh:${stream}:${id}`,
      to: { is: 'stream', stream },
      body: rowOf({ is: 'refresh' }),
    })),
  ];
}

/** "INC-7 (model-server: image v2.4.1 not found)". */
export function nameOf({ summary }: StreamInfo): string {
  return summary.number === null ? summary.title : `INC-${summary.number} (${summary.title})`;
}

/** Whoever asks how things are must learn that everything is stopped. */
export async function withStop(parts: Parts, message: Message): Promise<Message> {
  const by = await killedBy(parts);
  if (by === null) return message;
  const line = stoppedLine(by, namesOf(parts.rules.policy, 'high'));
  return { ...message, blocks: [{ is: 'lines', lines: [line] }, ...message.blocks] };
}
