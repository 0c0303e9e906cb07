import { whyOf } from '../core/failure.ts';
import type { Inside } from '../core/incident/commands.ts';
import { REMEMBER_DAYS, draftName, toRecall } from '../core/incident/memory.ts';
import type { EarlierTime, Remembered } from '../core/incident/memory.ts';
import { similarTo } from '../core/symptoms.ts';
import type { Message } from '../core/message.ts';
import type { KnownPast } from '../core/ports/store.ts';
import { postmortem } from '../core/render/postmortem.ts';
import { sentence } from '../core/render/help.ts';
import { similarMessage } from '../core/render/seen-before.ts';
import { titleOf } from '../core/render/thread.ts';
import { linkTo } from './facts.ts';
import type { Desk } from './effects.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import { loadIncident } from './answers.ts';

/** What earlier incidents tell, and what this one leaves for later ones. */

const DAY_MS = 86_400_000;
/** So many are counted, and so many told. */
const MOST = 50;
const TOLD = 3;
const WRITE_MS = 15_000;

function sinceOf(parts: Parts): string {
  return iso(parts.clock.now() - REMEMBER_DAYS * DAY_MS);
}

/** Null: this fault was not there before, as far as is known. Never throws: a look is worth more than its past. */
export async function recall(
  parts: Parts,
  desk: Desk,
  { diagnosis }: Extract<Inside, { is: 'looked' }>,
): Promise<Remembered | null> {
  const wanted = toRecall(desk.state(), diagnosis);
  if (wanted === null) return null;
  try {
    const all = await parts.store.past({ key: wanted.key, since: sinceOf(parts), limit: MOST });
    const others = all.filter((one) => one.stream !== desk.stream);
    if (others.length === 0) return null;
    const earlier = await Promise.all(others.slice(0, TOLD).map((one) => withLink(parts, one)));
    return { region: diagnosis.region, check: wanted.check, times: others.length, earlier };
  } catch (error) {
    parts.log('warn', 'earlier incidents could not be looked up', { stream: desk.stream, err: whyOf(error) });
    return null;
  }
}

async function withLink(parts: Parts, { key: _key, ...one }: KnownPast): Promise<EarlierTime> {
  return { ...one, link: await linkTo(parts, one.stream) };
}

/** Where it is stored, or why it is not. Never throws: the incident is closed either way. */
export async function performDraft(parts: Parts, draft: number, desk: Desk): Promise<Inside> {
  const incident = desk.state();
  try {
    if (parts.postmortems === undefined) throw new Error('no place for post-mortems is configured');
    const text = postmortem({ incident, playbooks: parts.playbooks });
    const where = await parts.postmortems.write(draftName(incident), text, WRITE_MS);
    return { is: 'draft-filed', draft, where };
  } catch (error) {
    const because = whyOf(error).slice(0, 300);
    parts.log('warn', 'a post-mortem could not be stored: it is tried again', { stream: desk.stream, err: because });
    return { is: 'draft-trouble', draft, because };
  }
}

/** By words: incidents of the last thirty days whose titles are like this one's. */
export async function answerSimilar(parts: Parts, number: number | null, thread: string | null): Promise<Message> {
  const newest = (await parts.store.streams({ open: true, limit: 1 }))[0]?.stream ?? null;
  const stream = number === null ? (thread ?? newest) : ((await parts.store.byNumber(number))?.stream ?? null);
  if (stream === null)
    return sentence(
      number === null ? 'Which incident? For example `/mlp similar INC-214`.' : `There is no INC-${number}.`,
    );
  const incident = await loadIncident(parts, stream);
  const all = await parts.store.past({ key: null, since: sinceOf(parts), limit: 1_000 });
  const others = [...new Map(all.filter((one) => one.stream !== stream).map((one) => [one.stream, one])).values()];
  const title = titleOf(incident);
  const found = similarTo(title, others).slice(0, 8);
  return similarMessage(incident.number, title, await Promise.all(found.map((one) => withLink(parts, one))));
}
