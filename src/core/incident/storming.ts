import { NOTHING, both, events, later, whisper } from './commands.ts';
import type { Command, Decision, Facts, Outside, Rules } from './commands.ts';
import type { AlertSeen, Event } from './events.ts';
import { isFirm } from './record.ts';
import { isNews } from './news.ts';
import { answered, beginRound, decideAlert, roundFor, unsettled } from './opening.ts';
import type { Incident } from './state.ts';
import type { Beside, HeldAlert, OwnWay } from './storm.ts';
import { better } from './switching.ts';
import type { Apart } from '../contract.ts';
import type { Finding } from '../diagnosis.ts';
import { say } from '../words.ts';
import { plural } from '../plural.ts';

/** Decisions about storms: taking many alerts at once, who belongs to it, digests, and its end. */

type AlertCommand = Extract<Outside, { is: 'alert' }>;

/** Where the config says nothing (ms). */
const DIGEST_MS = 10 * 60_000;
/** What began so long before a storm is none of it (ms). */
const BEFORE_MS = 10 * 60_000;
/** Fewer workloads than this that still alert are no storm any more. */
export const STORM_WORKLOADS = 5;

/** Several alerts as one step: what is news of them, and one look. */
export function decideAlerts(state: Incident, all: readonly AlertCommand[], at: string, rules: Rules): Decision {
  if (state.openedAt === null || state.closed !== null) {
    const [first] = all;
    return first === undefined ? NOTHING : decideAlert(state, first, at, rules);
  }
  const known: Record<string, AlertSeen | undefined> = {};
  const news: HeldAlert[] = [];
  let { subject } = state;
  for (const command of all) {
    const { alert } = command;
    const { fingerprint } = alert;
    const before = fingerprint in known ? known[fingerprint] : state.alerts[fingerprint];
    if (!isNews(before, alert, state.resolvedAt[fingerprint] ?? null, at)) continue;
    known[fingerprint] = alert;
    news.push(state.storm === null ? { alert } : { alert, way: wayOf(command) });
    if (state.storm === null)
      subject = better({ ...state, subject }, command.subject, alert.status === 'firing' ? 'alert' : 'resolved');
  }
  const [first] = news;
  if (first === undefined) return NOTHING;
  const held = events({ is: 'held', alerts: news });
  const why =
    first.alert.status === 'resolved' ? `${first.alert.name} resolved: looking again` : `alert ${first.alert.name}`;
  const soon = answered(state, subject, at);
  if (state.storm !== null) return soon ? held : both(held, beginRound(state, why));
  return soon && news.every((one) => one.alert.status === 'firing') ? held : both(held, roundFor(state, subject, why));
}

export function wayOf({ key, subject, channel }: AlertCommand): OwnWay {
  return { key, playbook: subject.playbook, target: subject.target, channel };
}

/** The first alert that makes a storm: it opens the thread that takes the others. */
export function openStorm(command: AlertCommand): Decision {
  const { alert, storm } = command;
  if (storm === undefined) return NOTHING;
  const { region, subject, channel } = storm;
  return events(
    {
      is: 'opened',
      by: { is: 'alert', name: alert.name },
      subject,
      channel,
      key: storm.key,
      question: false,
      storm: region,
    },
    { is: 'held', alerts: [{ alert, way: wayOf(command) }] },
    { is: 'round-began', round: 1, why: `alerts of many workloads in ${region}`, subject },
  );
}

/** Another incident asks this one to become part of it. */
export function decideGroup(state: Incident, command: Extract<Outside, { is: 'group' }>, facts: Facts): Decision {
  const { into, number, link, by } = command;
  if (state.openedAt === null || state.closed !== null || state.storm !== null) return NOTHING;
  if (state.grouped !== null && !command.byPerson) return NOTHING;
  // One about another region is not asked, and has nothing to say.
  if (command.region !== null && state.subject.focus !== command.region) return NOTHING;
  const no = command.byPerson ? refusal(state) : staysApart(state, command.since);
  const answer: Event = { is: 'grouped', into, number, link, by, joins: no === null, why: no ?? command.why };
  if (no !== null) return command.byPerson ? whisper(by, say`Not merged: ${no}.`) : events(answer);
  const name = number === null ? 'another incident' : `INC-${number}`;
  const ended = state.proposals
    .filter((one) => one.stage === 'open')
    .map((one): Event => ({
      is: 'ended',
      proposal: one.id,
      how: 'withdrawn',
      because: `this is part of ${name} now`,
      by: null,
    }));
  return {
    ...events(answer, ...ended, { is: 'closed', how: `part of ${name}`, audit: facts.auditHead }),
    audit: [{ who: by, what: `made part of ${name}`, digest: null, why: command.why }],
  };
}

/** What nobody may take away from a thread. */
function refusal(state: Incident): string | null {
  return unsettled(state) ? 'a change is under way there' : null;
}

/** Why an incident that was open before a storm is none of it; null: it belongs to it. A storm must not hide a second fault. */
export function staysApart(state: Incident, since: string): string | null {
  const { proposals, diagnoses, subject, openedAt } = state;
  if (state.by.is === 'person') return 'a person asked for it';
  if (state.onIt !== null) return 'somebody is on it';
  if (openedAt !== null && later(openedAt, BEFORE_MS) < since) return 'it began before';
  if (state.changes.length > 0 || proposals.some((one) => one.votes.length > 0 || one.stage !== 'open'))
    return refusal(state) ?? 'people are deciding there';
  const seen = subject.focus === null ? undefined : diagnoses[subject.focus];
  const cause = seen?.findings[0];
  if (cause !== undefined && isFirm(cause) && !OF_PLACES.has(cause.check))
    return `it has a cause of its own: ${cause.short}`;
  return null;
}

/** Causes that lie in nodes or in the region: many workloads have them at once. */
const OF_PLACES: ReadonlySet<string> = new Set([
  'node-gone',
  'nodes-not-ready',
  'node-pressure',
  'controller-not-observing',
]);

/** One that was asked joins, or stays apart. */
export function decideAnswered(state: Incident, command: Extract<Outside, { is: 'joined' | 'apart' }>): Decision {
  if (state.openedAt === null) return NOTHING;
  const known = [...(state.storm?.joined ?? []), ...(state.storm?.apart ?? [])];
  const { beside } = command;
  if (known.some((one) => one.stream === beside.stream && one.why === beside.why)) return NOTHING;
  if (command.is === 'apart') return state.storm === null ? NOTHING : events({ is: 'kept-apart', beside });
  const noted: Event = {
    is: 'noted',
    who: 'mlp-bot',
    what: `${nameOf(beside.number)} is part of this now: ${beside.title}`,
  };
  const reopened: readonly Event[] =
    state.closed === null ? [] : [{ is: 'reopened', because: `${nameOf(beside.number)} became part of it` }];
  return both(
    events(...reopened, { is: 'joined', beside, alerts: command.alerts }, ...(state.storm === null ? [noted] : [])),
    reopened.length === 0 ? NOTHING : beginRound({ ...state, closed: null }, 'merged'),
  );
}

function nameOf(number: number | null): string {
  return number === null ? 'A thread' : `INC-${number}`;
}

/** A person takes a workload out of the storm: its alerts get a thread of their own. */
export function decideSplit(state: Incident, by: string, name: string): Decision {
  const { storm } = state;
  if (storm === null || state.closed !== null)
    return whisper(by, say`There is nothing to split here: this is about one workload.`);
  const wanted = name.trim().replace(/^(workload )?/, '');
  const fingerprints = Object.entries(storm.ways)
    .filter(([, way]) => workloadOf(way) === wanted || workloadOf(way).endsWith(`/${wanted}`))
    .map(([fingerprint]) => fingerprint);
  if (fingerprints.length === 0) return whisper(by, say`No alert here is about ${wanted}. Nothing was changed.`);
  return {
    ...events({ is: 'let-go', fingerprints, why: 'split off by a person', by }),
    audit: [{ who: by, what: `split ${wanted} off`, digest: null, why: plural(fingerprints.length, 'alert') }],
  };
}

/** "ml-platform/model-server"; the namespace where nothing is named in it. */
export function workloadOf({ target }: Pick<OwnWay, 'target'>): string {
  const { namespace = '', name = '' } = (typeof target === 'object' && target !== null ? target : {}) as {
    namespace?: string;
    name?: string;
  };
  return name === '' ? namespace : `${namespace}/${name}`;
}

export function nextDigestAt(state: Incident, rules: Rules): string | null {
  const { storm } = state;
  if (storm === null || state.closed !== null) return null;
  return later(storm.digests.at(-1)?.at ?? storm.at, digestMs(rules));
}

/** Between two digests of a storm (ms). */
export function digestMs({ timing }: Pick<Rules, 'timing'>): number {
  return timing.digestMs ?? DIGEST_MS;
}

export function digestDue(state: Incident, at: string, rules: Rules): readonly Event[] {
  const due = nextDigestAt(state, rules);
  if (state.storm === null || due === null || due > at) return [];
  return [digestOf(state)];
}

export function digestOf(state: Incident): Extract<Event, { is: 'digest' }> {
  const total = state.storm?.taken ?? 0;
  const before = state.storm?.digests.at(-1)?.total ?? 0;
  return { is: 'digest', total, added: total - before, firing: firing(state).length };
}

export function firing({ alerts }: Pick<Incident, 'alerts'>): readonly AlertSeen[] {
  return Object.values(alerts).filter((one) => one.status === 'firing');
}

/** What is left of a storm whose cause is over: a few workloads that still alert get threads of their own, and it can end. */
export function leftovers(state: Incident, facts: Facts, rules: Rules): readonly Event[] {
  const { storm, diagnoses } = state;
  if (storm === null) return [];
  const here = diagnoses[storm.region];
  if (here === undefined || here.dark || stormFindings(state).length > 0) return [];
  const still = firing(state);
  const own = still.filter((one) => storm.ways[one.fingerprint] !== undefined);
  const workloads = new Set(own.map((one) => storm.ways[one.fingerprint]?.key));
  if (own.length === 0 || own.length < still.length || workloads.size >= STORM_WORKLOADS) return [];
  // While others are still called over, these may be as well.
  const lastOver = Object.values(state.resolvedAt).reduce((last, one) => (one > last ? one : last), storm.at);
  if (later(lastOver, rules.timing.quietMs) > facts.at) return [];
  const fingerprints = own.map((one) => one.fingerprint);
  return [
    { is: 'let-go', fingerprints, why: 'the storm is over and this still fires', by: 'mlp-bot' },
    digestOf(state),
  ];
}

/** So many threads of their own come out of one storm by themselves: more would be no calm channel, and are listed. */
const MOST_APART = 3;

/** What a storm's look saw, in whatever region, that the storm does not explain and nobody answers for: each gets a thread about its workload. */
export function unlike({ storm, diagnoses, branched, elsewhere }: Incident): readonly {
  readonly mark: string;
  readonly region: string;
  readonly apart: Apart;
}[] {
  if (storm === null) return [];
  return Object.values(diagnoses)
    .filter(({ region }) => elsewhere[region] === undefined)
    .flatMap(({ region, findings }) => {
      const known = branched.filter((one) => one.startsWith(`${region}/`)).length;
      return findings
        .flatMap((one) => one.apart ?? [])
        .map((apart) => ({
          mark: `${region}/${workloadOf(apart)}`,
          region,
          apart: placed(apart, region, storm.region),
        }))
        .filter(({ mark }) => !branched.includes(mark))
        .slice(0, Math.max(0, MOST_APART - known));
    });
}

/** The thread of a storm is about one region: what lies in another says so. */
function placed(apart: Apart, region: string, here: string): Apart {
  return region === here ? apart : { ...apart, short: `${region}, ${apart.short}` };
}

/** What a storm's own look found and no other thread answers for: troubles that each have one are none of it any more. */
export function stormFindings({ storm, diagnoses, branched }: Incident): readonly Finding[] {
  if (storm === null) return [];
  const { region } = storm;
  const has = (apart: Apart): boolean => branched.includes(`${region}/${workloadOf(apart)}`);
  return (diagnoses[region]?.findings ?? []).filter(
    (one) => one.check !== 'own-faults' || one.apart === undefined || !one.apart.every(has),
  );
}

/** A fault has its own thread now: what the storm holds of it goes there. */
export function decideBeside(state: Incident, mark: string, beside: Beside): readonly Event[] {
  const { storm } = state;
  if (storm === null) return [];
  const kept: Event = { is: 'kept-apart', beside };
  const fingerprints = Object.entries(storm.ways)
    .filter(([, way]) => way.key === mark)
    .map(([fingerprint]) => fingerprint);
  const why = 'it has a cause of its own';
  return fingerprints.length === 0 ? [kept] : [kept, { is: 'let-go', fingerprints, why, by: 'mlp-bot' }];
}

/** Commands about storms that the engine itself brings. */
export function decideStorm(
  state: Incident,
  command: Extract<Command, { is: 'gathered' | 'let-go-sent' | 'group-told' }>,
): Decision {
  switch (command.is) {
    case 'gathered':
      return state.storm === null || state.storm.asked ? NOTHING : events({ is: 'gathered' });
    case 'let-go-sent': {
      const one = state.storm?.leaving.find((each) => each.id === command.id);
      return one === undefined || one.sent ? NOTHING : events({ is: 'let-go-sent', id: command.id });
    }
    case 'group-told':
      return state.grouped === null || state.grouped.told ? NOTHING : events({ is: 'group-told' });
  }
}
