import type { HandlingSaid, HandlingWanted, SnoozeSaid } from '../core/command/handling.ts';
import type { Handling } from '../core/incident/handling.ts';
import { groupsOf, refusePerson } from '../core/policy.ts';
import type { Answer } from '../core/ports/intake.ts';
import type { Person } from '../core/ports/chat.ts';
import { moreForm } from '../core/render/more-form.ts';
import { sentence } from '../core/render/help.ts';
import { redact } from '../core/redact.ts';
import { quoted } from '../core/command/target-words.ts';
import { loadIncident } from './answers.ts';
import { askHandling } from './asked.ts';
import type { Asker, Which } from './asked.ts';
import { linkTo, whoIs, within } from './facts.ts';
import { rowOf } from './inbox-row.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';

/** What people say about an incident as such: names and times are looked up here, then it is a row of that incident's inbox. */

const DAY_MS = 86_400_000;

export async function answerHandling(
  parts: Parts,
  { verb, incident, what }: HandlingWanted,
  asker: Asker,
  thread: string | null,
): Promise<Answer> {
  const which = { number: incident, thread };
  const name = incident === null ? 'this incident' : `INC-${incident}`;
  const hand = async (decided: Handling, said: string): Promise<Answer> =>
    askHandling(parts, verb, which, asker, { what: decided, said });
  switch (what.does) {
    case 'severity':
      return hand(what, `Setting ${name} to ${what.to}. Its thread says so.`);
    case 'assign': {
      const found = await personCalled(parts, what.who, asker.by);
      if ('no' in found) return said(found.no);
      return hand({ does: 'assign', who: found.id }, `Giving ${name} to ${found.name}, who is told in its thread.`);
    }
    case 'snooze': {
      if (what.until === null) return hand({ does: 'snooze', until: null }, `Ending the snooze of ${name}.`);
      const until = endOf(what.until, parts.clock.now());
      const day = until.slice(0, 10) === iso(parts.clock.now()).slice(0, 10) ? '' : ` tomorrow`;
      return hand(
        { does: 'snooze', until },
        `Snoozing ${name} until ${until.slice(11, 16)} UTC${day}: nobody is called before that, unless it becomes P0.`,
      );
    }
    case 'resolve':
    case 'reopen':
      return hand(what, what.does === 'resolve' ? `Closing ${name} on your word.` : `Opening ${name} again.`);
    case 'say':
      return hand({ does: 'status', text: what.text }, `It stands in the summary of ${name}.`);
    default:
      return answerOther(parts, what, which, asker);
  }
}

async function answerOther(
  parts: Parts,
  what: Extract<HandlingSaid, { does: 'lead' | 'note' | 'merge' | 'split' }>,
  which: Which,
  asker: Asker,
): Promise<Answer> {
  const stream = await streamMeant(parts, which);
  if (stream === null)
    return said(
      which.number === null
        ? `Which incident? For example \`${example(what)}\`; \`/mlp incidents\` lists them.`
        : `There is no INC-${which.number}.`,
    );
  const { id, by } = asker;
  const store = async (body: Parameters<typeof rowOf>[0]): Promise<void> =>
    void (await parts.store.accept([{ id, to: { is: 'stream', stream }, body: rowOf(body) }]));
  switch (what.does) {
    case 'lead':
      await store({ is: 'press', press: { does: 'mine', thread: stream }, by, reason: null });
      return said('You lead, if you may: its summary says so.');
    case 'note':
      await store({ is: 'note', by, what: redact(what.text).slice(0, 1_000) });
      return said('Noted on the timeline.');
    case 'split':
      await store({ is: 'press', press: { does: 'split', thread: stream }, by, reason: what.workload });
      return said(`Splitting \`${what.workload.replaceAll('`', '')}\` off: it gets a thread of its own.`);
    case 'merge':
      return merged(parts, stream, what.into, asker);
  }
}

function example({ does }: HandlingSaid): string {
  if (does === 'merge') return '/mlp merge INC-7 into INC-5';
  if (does === 'split') return '/mlp split ml-platform/model-server INC-214';
  return does === 'note' ? '/mlp note INC-214 text' : '/mlp lead INC-214';
}

async function merged(parts: Parts, stream: string, into: number, { id, by }: Asker): Promise<Answer> {
  const who = await whoIs(parts, by, false);
  const stranger = refusePerson(who);
  if (stranger !== null) return said(`Not merged: ${stranger}.`);
  const target = await parts.store.byNumber(into);
  if (target === null) return said(`There is no INC-${into}.`);
  if (target.stream === stream)
    return said(`That is INC-${into} itself: name two, as in \`/mlp merge INC-7 into INC-5\`.`);
  const { closed, storm, number } = await loadIncident(parts, stream);
  const name = number === null ? 'This' : `INC-${number}`;
  if (closed !== null) return said(`${name} is closed: there is nothing to merge.`);
  if (storm !== null)
    return said(
      `${name} is a storm and takes others in: \`/mlp merge INC-${into} into ${number === null ? 'it' : name}\`.`,
    );
  const body = rowOf({
    is: 'group',
    into: target.stream,
    number: into,
    link: await linkTo(parts, target.stream),
    by,
    byPerson: true,
    why: 'merged by a person',
    since: iso(parts.clock.now()),
    region: null,
  });
  await parts.store.accept([{ id, to: { is: 'stream', stream }, body }]);
  return said(
    `Merging ${name === 'This' ? 'this' : name} into INC-${into}, unless a change is under way in it. Both threads say so.`,
  );
}

async function streamMeant(parts: Parts, { number, thread }: Which): Promise<string | null> {
  if (number === null) return thread;
  return (await parts.store.byNumber(number))?.stream ?? null;
}

function said(text: string): Answer {
  return { is: 'said', message: sentence(text) };
}

/** ISO 8601; a time of day is the next one, in UTC. */
export function endOf(until: SnoozeSaid, nowMs: number): string {
  if (until.is === 'for') return iso(nowMs + until.ms);
  const midnight = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const today = midnight + until.minutes * 60_000;
  return iso(today > nowMs ? today : today + DAY_MS);
}

type Found = { readonly id: string; readonly name: string } | { readonly no: string };

/** By id as Slack writes a mention; by name only among those whom the config names, since Slack has no look-up by name. */
async function personCalled(parts: Parts, who: string, by: string): Promise<Found> {
  if (/^me$/i.test(who)) return { id: by, name: 'you' };
  const isId = /^[UW][A-Z0-9]{5,}$/.test(who);
  const asked = await within(parts.clock, isId ? parts.people.person(who).then((one) => [one]) : known(parts));
  if (!asked.known) return { no: `Not assigned: I could not look up ${quoted(who)} (${asked.why}).` };
  const wanted = who.toLowerCase();
  const all = asked.value.filter((one) => isId || one.name.toLowerCase() === wanted);
  const found = all.length > 0 ? all : asked.value.filter((one) => one.name.toLowerCase().split(/[\s.]/)[0] === wanted);
  const [one, ...more] = found;
  if (one === undefined)
    return {
      no: `I know no ${quoted(`@${who}`)} among those who approve or are on call. In the incident's thread \`@mlp assign @…\` takes anybody.`,
    };
  if (more.length > 0)
    return {
      no: `Several are called ${quoted(who)}: ${found.map((each) => each.name).join(', ')}. Write the whole name.`,
    };
  const no = refusePerson({ known: true, value: { ...one, groups: [] } });
  return no === null
    ? { id: one.id, name: one.name }
    : { no: `Not assigned to ${one.name}: a guest, a bot or somebody who has left leads nothing.` };
}

async function known({ people, rules: { policy } }: Parts): Promise<readonly Person[]> {
  const groups = await Promise.all(groupsOf(policy).map(async (group) => people.members(group).catch(() => [])));
  const users = [...policy.oncall.users, ...Object.values(policy.approvers).flatMap((rule) => rule.users)];
  const ids = [...new Set([...groups.flat(), ...users])].slice(0, 100);
  return Promise.all(ids.map(async (id) => people.person(id)));
}

/** What has no button of its own: a form. */
export async function askMore(parts: Parts, stream: string): Promise<Answer> {
  const { number, closed, openedAt } = await loadIncident(parts, stream);
  if (openedAt === null || number === null)
    return said('This is no incident yet: there is nothing to decide about it.');
  return { is: 'ask', modal: moreForm(number, closed !== null) };
}
