import { fold } from '../core/incident/fold.ts';
import type { Incident } from '../core/incident/state.ts';
import { workloadOf } from '../core/incident/storming.ts';
import type { Message, Press } from '../core/message.ts';
import type { Answer } from '../core/ports/intake.ts';
import { splitForm } from '../core/render/forms.ts';
import {
  diffMessage,
  listMessage,
  sentence,
  showMessage,
  stepsMessage,
  timelineMessage,
  whyNotMessage,
} from '../core/render/help.ts';
import { statusMessage } from '../core/render/status.ts';
import { alertList } from '../core/render/storm-lists.ts';
import { temporaryMessage, withTemporary } from '../core/render/temporary.ts';
import { withWatchdogs } from '../core/render/watchdogs.ts';
import { killedBy } from './facts.ts';
import { withStop } from './kill-switch.ts';
import { withMaintenance } from './maintenance.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import { readable } from './stream.ts';
import { watchdogsHeard } from './watchdog.ts';
import { withLag } from './undelivered.ts';

/** Answers that only look into the store: nothing is changed by asking. */

export async function loadIncident(parts: Parts, stream: string): Promise<Incident> {
  const { events } = await parts.store.load(stream);
  return fold(events.map((stored) => readable(stored.body)));
}

/** A button's value may have been edited, or be of another bot: its answer must not wait in a stream that nobody drives. */
export async function isThread(parts: Parts, stream: string): Promise<boolean> {
  const { seq, inbox } = await parts.store.load(stream);
  return seq > 0 || inbox.length > 0;
}

export async function answerStatus(parts: Parts, region: string | null): Promise<Message> {
  const open = (await parts.store.streams({ open: true, limit: 50 })).filter(
    ({ summary }) => region === null || summary.regions.length === 0 || summary.regions.includes(region),
  );
  const all = statusMessage(open, region);
  const temporary = await parts.store.temporary(MOST_TEMPORARY);
  const heard = withWatchdogs(
    withTemporary(all, temporary, region),
    await watchdogsHeard(parts, region),
    iso(parts.clock.now()),
  );
  return withStop(parts, await withMaintenance(parts, await withLag(parts, heard)));
}

/** The ledger: what was changed for a while, over all threads, open and closed. */
export async function answerTemporary(parts: Parts): Promise<Message> {
  return temporaryMessage(await parts.store.temporary(MOST_TEMPORARY), iso(parts.clock.now()));
}
const MOST_TEMPORARY = 40;

export async function answerRuns(parts: Parts): Promise<Message> {
  return listMessage(
    await parts.store.streams({ open: null, limit: 15 }),
    'Newest first',
    'No run yet. `/mlp diagnose` starts one.',
  );
}

export async function answerShow(parts: Parts, number: number | null, thread: string | null): Promise<Message> {
  const stream = await streamOf(parts, number, thread);
  if (stream === null)
    return sentence(
      number === null ? 'Which incident? For example `/mlp show INC-214`.' : `There is no INC-${number}.`,
    );
  const incident = await loadIncident(parts, stream);
  const { rules, playbooks } = parts;
  return showMessage({
    stream,
    incident,
    rules,
    playbooks,
    killSwitch: await killedBy(parts),
    at: iso(parts.clock.now()),
  });
}

export async function answerWhyNot(
  parts: Parts,
  remedy: string,
  number: number | null,
  thread: string | null,
): Promise<Message> {
  const stream =
    (await streamOf(parts, number, thread)) ?? (await parts.store.streams({ open: true, limit: 1 }))[0]?.stream ?? null;
  if (stream === null) return sentence('No incident is open: name one, as in `/mlp why not rollback INC-214`.');
  return whyNotMessage(await loadIncident(parts, stream), remedy, parts.playbooks);
}

export async function detail(parts: Parts, press: Press): Promise<Message> {
  const incident = await loadIncident(parts, press.thread);
  if (incident.openedAt === null) return sentence('This incident is not known any more.');
  if (press.does === 'steps') return stepsMessage(incident);
  if (press.does === 'list-alerts') return alertList(incident);
  return press.does === 'timeline' ? timelineMessage(incident) : diffMessage(incident, press.proposal ?? '');
}

/** What can be split off a storm; nothing: it holds one workload, or none. */
export async function askSplit(parts: Parts, press: Press): Promise<Answer> {
  const incident = await loadIncident(parts, press.thread);
  const ways = Object.values(incident.storm?.ways ?? {}).map(workloadOf);
  const counted = [...Map.groupBy(ways, (one) => one)].map(([name, all]) => ({ name, alerts: all.length }));
  if (counted.length < 2) return { is: 'said', message: sentence('There is nothing to split: it holds one workload.') };
  return {
    is: 'ask',
    modal: splitForm(
      press,
      counted.toSorted((a, b) => b.alerts - a.alerts),
    ),
  };
}

async function streamOf(parts: Parts, number: number | null, thread: string | null): Promise<string | null> {
  if (number === null) return thread;
  return (await parts.store.byNumber(number))?.stream ?? null;
}
