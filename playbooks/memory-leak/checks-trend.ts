import type { Answer } from '../../src/core/contract.ts';
import type { Revision } from '../../src/core/ports/kubernetes.ts';
import { clock, code, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { kills } from '../readings/kills.ts';
import type { Kills } from '../readings/kills.ts';
import type { Memory } from '../readings/memory.ts';
import { onDeployment } from '../readings/on.ts';
import { listed, plural } from '../readings/wording.ts';
import { versionOf } from '../remedies/difference.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';
import { hoursText, rangeText, sized } from './amounts.ts';
import { blameOf } from './blame.ts';
import { lookedAt, verdictOf } from './leak.ts';
import type { Blame } from './blame.ts';
import type { Leak, Traffic } from './leak.ts';
import { leastHours, urgentHours } from './pods.ts';
import { readyPods, requests } from './readings.ts';

const { check } = onDeployment;

const isUrgent = (leak: Leak): boolean => leak.untilLimit === null || leak.untilLimit.from <= urgentHours;

const also = [requests, readyPods, kills] as const;

const trafficIn = (beside: {
  readonly 'requests of the day': Traffic['requests'];
  readonly 'ready pods of the day': Traffic['ready'];
}): Traffic => ({ requests: beside['requests of the day'], ready: beside['ready pods of the day'] });

export const leak = check('leak', {
  severity: 'critical',
  ask: 'Does memory grow in pod after pod until the limit is reached?',
  rulesOut: 'leak',
  needs: lookedAt,
  also,
  find: (seen, beside, { t }): Answer => {
    const verdict = verdictOf(seen, trafficIn(beside));
    if (verdict.is === 'not known') return { unsure: verdict.why };
    if (verdict.is !== 'leak' || !isUrgent(verdict.leak)) return 'clear';
    return leakFound(t, verdict.leak, seen.memory, seen.revisions, beside.kills.known ? beside.kills.value : null);
  },
});

export const slowLeak = check('slow-leak', {
  severity: 'warning',
  ask: 'Does memory grow, with days left until the limit?',
  rulesOut: 'leak',
  needs: lookedAt,
  also,
  find: (seen, beside, { t }): Answer => {
    const verdict = verdictOf(seen, trafficIn(beside));
    // Said once, by the check above.
    if (verdict.is !== 'leak' || isUrgent(verdict.leak)) return 'clear';
    return leakFound(t, verdict.leak, seen.memory, seen.revisions, beside.kills.known ? beside.kills.value : null);
  },
});

function leakFound(
  t: DeploymentTarget,
  of: Leak,
  lines: Memory,
  all: readonly Revision[],
  killed: Kills | null,
): Exclude<Answer, 'clear' | { unsure: string }> {
  const blame = blameOf(of, lines, all);
  const began = beganAt(of, lines, blame);
  const oom = killed?.kills.filter((one) => one.how === 'container limit' && one.container === of.container) ?? [];
  const what = `${sized(of.perHour)} an hour`;
  const notKnown = [
    blame.is === 'not known' ? `whether earlier versions grew as well: ${blame.why}` : '',
    of.control.is === 'not known' ? `whether it follows the requests: ${of.control.why}` : '',
    'what holds it (a cache without a bound, requests that pile up, native code): that needs a memory profile',
  ].filter((one) => one !== '');
  const since = blame.is === 'revision' ? ` since ${versionOf(blame.revision, blame.before.template)}` : '';
  return {
    found: say`memory of container ${code(of.container)} grows by ${what} in ${agreeText(of, lines)}${sinceText(began, blame, of)}. Resident now: ${levelText(of)}${limitWords(of)}${oomWords(oom, killed)}. ${reasons(blame, of)}: this points to a leak`,
    short: `memory grows ${what.replace(' an hour', '/h')}${since}${shortLimit(of, oom.length)}`,
    ...(began === null ? {} : { since: began }),
    notKnown: say`${notKnown.join('; ')}`,
    byHand: `promtool query instant <PROMETHEUS_URL> 'deriv(container_memory_rss{namespace="${t.namespace}",pod=~"${t.name}-.+",container="${of.container}"}[${leastHours}h]) * 3600'`,
  };
}

/** "12 of 12 pods (over 8.5 h each)". */
function agreeText(of: Leak, lines: Memory): string {
  const hours = of.growing.map((one) => one.grownHours).toSorted((a, b) => a - b);
  const middle = Math.round(hours[Math.floor(hours.length / 2)] ?? 0);
  const lives = of.growing.reduce((sum, one) => sum + one.grownLives, 0);
  const each =
    lives > of.growing.length ? `over ${middle} h each, in ${lives} lives between restarts` : `over ${middle} h each`;
  const young = of.young === 0 ? '' : `; ${plural(of.young, 'pod')} too young to tell`;
  const sample = lines.kept < lines.pods ? `; ${lines.kept} of ${lines.pods} pods of the day looked at` : '';
  return `${of.growing.length} of ${plural(of.judged, 'pod')} (${each}${young}${sample})`;
}

/** When it began (ISO 8601); null: before what can be seen. */
export function beganAt(of: Leak, lines: Memory, blame: Blame): string | null {
  if (blame.is === 'revision') return blame.revision.createdAt;
  if (blame.is === 'every revision') return null;
  const seenFromStart = of.from <= lines.fromS + 3600 && !of.flatBefore;
  return seenFromStart ? null : new Date(of.from * 1000).toISOString();
}

function sinceText(began: string | null, blame: Blame, of: Leak): string {
  if (began === null) return ', for as long as I can see (24 h)';
  if (blame.is === 'revision') return `, since ${versionOf(blame.revision, blame.before.template)} came`;
  // Those that were flat before are spoken of below.
  return of.flatBefore ? '' : ', since these pods began';
}

function levelText({ least, most, limitMib }: Leak): string {
  const range = rangeText(least, most);
  return limitMib === null ? `${range}, without a limit` : `${range} of ${sized(limitMib)}`;
}

function limitWords({ untilLimit }: Leak): string {
  if (untilLimit === null) return ': it ends where the memory of its node ends, and others there are at risk';
  return untilLimit.from === 0 ? '' : `; the fullest pod is at its limit in ${hoursText(untilLimit)}`;
}

function oomWords(oom: Kills['kills'], killed: Kills | null): Words {
  const last = oom
    .flatMap((one) => one.at ?? [])
    .toSorted()
    .at(-1);
  if (killed === null || oom.length === 0) return say``;
  const restarts = oom.reduce((sum, one) => sum + one.restarts, 0);
  const when = last === undefined ? say`` : say`, last at ${clock(last)}`;
  return say`. OOM-killed at its limit: the last end of ${oom.length} of ${plural(killed.pods, 'pod')} (${plural(restarts, 'restart')} in all${when})`;
}

/** Why it is none of the shapes that look alike; a sentence's beginning. */
function reasons(blame: Blame, of: Leak): string {
  const [first = '', ...rest] = [controlText(of), blameText(blame)].filter((one) => one !== '');
  return [`${first.charAt(0).toUpperCase()}${first.slice(1)}`, ...rest].join('; ');
}

function controlText({ control }: Leak): string {
  const share = (value: number): string => `${Math.max(1, Math.round(value * 100))} %`;
  switch (control.is) {
    case 'steady':
      return `requests per pod changed by ${share(control.change)} at most meanwhile`;
    case 'does not follow':
      return `it does not follow the requests (rank correlation ${control.rank.toFixed(2)})`;
    case 'grows at equal traffic':
      return `it grows between moments with equally many requests too (${control.pairs} pairs)`;
    case 'did not follow before':
      return `requests rose meanwhile, but in the ${Math.round(control.hours)} h before they moved by ${share(control.traffic)} and memory by ${share(control.memory)}`;
    default:
      return 'whether it follows the requests could not be seen';
  }
}

function blameText(blame: Blame): string {
  switch (blame.is) {
    case 'revision':
      return `${versionOf(blame.before, blame.revision.template)} was flat over the ${Math.round(blame.hours)} h before`;
    case 'every revision':
      return `it is no release's fault, as ${listed(blame.others.map((one) => `revision ${one.number}`))} grew as well`;
    case 'no release':
      return `the same pods were flat for ${Math.max(1, Math.round(blame.hours))} h before, so no release brought it`;
    case 'not known':
      return '';
  }
}

function shortLimit({ untilLimit }: Leak, oom: number): string {
  if (oom > 0) return ', pods OOM-killed';
  return untilLimit === null ? ', no limit set' : `, limit in ${hoursText(untilLimit)}`;
}

export const onePod = check('one-pod-grows', {
  severity: 'critical',
  ask: 'Does the memory of a single pod grow while the others do not?',
  rulesOut: 'one pod that grows',
  needs: lookedAt,
  find: (seen): Answer => {
    const verdict = verdictOf(seen);
    // With too little to see, the check above says so.
    if (verdict.is !== 'one pod') return 'clear';
    const { pod, others, limitMib } = verdict;
    const left = limitMib === null || pod.now === null ? null : (limitMib - pod.now) / pod.perHour;
    const until =
      left === null
        ? ''
        : `, at its limit of ${sized(limitMib ?? 0)} in ${hoursText({ from: left * 0.85, to: left * 1.15 })}`;
    const began = new Date(pod.from * 1000).toISOString();
    return {
      found: say`memory of one pod grows, ${code(pod.pod)}: by ${sized(pod.perHour)} an hour, over ${Math.round(pod.grownHours)} h. Now ${sized(pod.now ?? 0)}${until}. ${others === 1 ? 'The other that was seen for as long does not grow' : `The ${others} others that were seen for as long do not grow`}: this points to what only that pod is asked, or to a part of it that hangs`,
      short: `memory of 1 of ${others + 1} pods grows ${sized(pod.perHour)}/h`,
      ...(pod.flatBefore || pod.from > seen.memory.fromS + 3600 ? { since: began } : {}),
      notKnown: say`what differs about it: compare its requests and its log with another pod's`,
    };
  },
});

export const followsRequests = check('memory-follows-requests', {
  severity: 'warning',
  ask: 'Does memory follow the requests up to the limit?',
  rulesOut: 'traffic that fills memory',
  needs: lookedAt,
  also: [requests, readyPods],
  find: (seen, beside): Answer => {
    const verdict = verdictOf(seen, trafficIn(beside));
    if (verdict.is !== 'follows requests') return 'clear';
    const { most, limitMib, growing, judged, control, container } = verdict.leak;
    if (limitMib === null || most < limitMib * 0.85) return 'clear';
    const rank = control.is === 'follows' ? control.rank.toFixed(2) : '';
    return {
      found: say`memory of container ${code(container)} goes up and down with the requests per pod (rank correlation ${rank}, ${growing.length} of ${judged} pods), and is at ${Math.round((most / limitMib) * 100)} % of its limit (${sized(most)} of ${sized(limitMib)}). It is no leak, but more requests per pod would reach the limit`,
      short: `memory follows requests, ${Math.round((most / limitMib) * 100)} % of limit`,
    };
  },
});
