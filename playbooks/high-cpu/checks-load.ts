import type { Answer } from '../../src/core/contract.ts';
import { percent } from '../../src/core/impact.ts';
import type { Deployment, Revision } from '../../src/core/ports/kubernetes.ts';
import type { Series } from '../../src/core/ports/metrics.ts';
import { say } from '../../src/core/words.ts';
import { currentRevision, deployment, revisions } from '../readings/deployment.ts';
import { facts } from '../readings/facts.ts';
import { median, valuesOf } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { kubectl } from '../targets/deployment.ts';
import { versionOf } from '../remedies/difference.ts';
import { candidates } from '../remedies/ladder.ts';
import { cameWith } from './blame.ts';
import { totalOf } from './checks-limit.ts';
import { plural } from '../readings/wording.ts';
import { inside } from './inside.ts';
import { againstText, costOf, gate, leftOpen, pictureOf, rate, shareText, shiftOf } from './picture.ts';
import type { Picture, Shift } from './picture.ts';
import { retries, retryMinutes } from './retries.ts';
import type { Retries } from './retries.ts';
import { dailyShift, traffic, yesterday } from './traffic.ts';
import type { Traffic, Yesterday } from './traffic.ts';
import { cpu, nowMinutes, throttling } from './use.ts';
import type { Use } from './use.ts';
import { bare, topQuotes } from './words.ts';

/** All pods alike: more requests, the same ones again and again, or each of them costs more. */

const { check } = onDeployment;

type Known<V> = { readonly known: true; readonly value: V } | { readonly known: false; readonly why: string };

/** How much is asked for, and what a request costs, now and before. */
export interface Load {
  readonly requests: Shift;
  /** CPU seconds of the container that serves. */
  readonly cost: Shift | null;
  readonly cores: Shift | null;
  /** Share of the requests of the last ten minutes that failed; null: not known. */
  readonly errors: number | null;
  /** Requests in five minutes. */
  readonly count: number;
}

export function loadOf(main: string, use: Use, traffic_: Traffic, before: Known<Yesterday>, at: string): Load | null {
  if (!traffic_.served) return null;
  const day = before.known ? before.value : { cores: null, requests: null };
  const requests = dailyShift(traffic_.requests, at, day.requests);
  if (requests === null) return null;
  const total = totalOf(use, main);
  const dayCost = day.cores === null || day.requests === null || day.requests <= 0 ? null : day.cores / day.requests;
  return {
    requests,
    cost: shiftOf(costOf(total, traffic_.requests), at, dayCost),
    cores: dailyShift(total, at, day.cores),
    errors: traffic_.errors === null ? null : shareFailed(traffic_.errors, requests.now, at),
    count: Math.round(requests.now * 300),
  };
}

function shareFailed(errors: Series, perSecond: number, at: string): number | null {
  if (perSecond <= 0) return null;
  return Math.min(1, (median(valuesOf(errors, { at, minutes: nowMinutes })) ?? 0) / perSecond);
}

/** "requests rose from 28 to 55 a second (2.0 times)". */
export function requestsText({ requests }: Load): string {
  const { before, now, ratio } = requests;
  return ratio >= grown
    ? `requests are at ${rate(now)} (${rate(before)} ${againstText(requests)}, ${ratio.toFixed(1)} times)`
    : `requests are as usual (${rate(now)}, ${rate(before)} ${againstText(requests)})`;
}

export function costText({ cost }: Load): string {
  if (cost === null) return 'what a request costs is not known';
  const is = `each costs ${seconds(cost.now)} of CPU`;
  return Math.abs(cost.ratio - 1) < 0.25
    ? `${is}, about as much as ${againstText(cost)}`
    : `${is} (${seconds(cost.before)} ${againstText(cost)}, ${cost.ratio.toFixed(1)} times)`;
}

/** "v2.4.1" where the image tells it apart, else "revision 4". */
function versionName(of: Deployment, all: readonly Revision[]): string {
  const current = currentRevision(of, all);
  const before = candidates(of, all).at(-1);
  if (current === null) return 'the present version';
  return before === undefined ? `revision ${current.number}` : versionOf(current, before.template);
}

const seconds = (value: number): string =>
  value < 0.1 ? `${(value * 1000).toPrecision(2)} ms` : `${Number(value.toPrecision(2))} s`;

/** Where nothing is short of CPU, what is not counted needs no explanation; else it could not be told. */
export function uncounted(picture: Picture, seen: Known<Traffic>): Answer {
  if (seen.known && !seen.value.served) {
    return picture.held ? { unsure: `it counts no requests (${seen.value.why})` } : 'clear';
  }
  return { unsure: `traffic: ${seen.known ? 'no numbers of the last 10 min' : bare(seen.why)}` };
}

export const grown = 1.3;
const dearer = 1.4;

const failing = 0.02;
const fewestRequests = 50;

/** Which share of what the logs tell comes again; null: too little is told. */
function againShare(told: Retries): { readonly share: number; readonly text: string } | null {
  const { requests, again, attempts, later, pods, of } = told;
  const where = `${retryMinutes} min of ${pods} of ${of} pods' logs`;
  if (attempts >= fewestRequests && later / attempts >= 0.2) {
    return {
      share: later / attempts,
      text: `${later.toLocaleString('en-US')} of ${plural(attempts, 'request line')} tell of a second or later attempt (${where})`,
    };
  }
  if (requests < fewestRequests) return null;
  return {
    share: again / requests,
    text: `${again.toLocaleString('en-US')} of ${plural(requests, 'request line')} have an id that came before (${where})`,
  };
}
const againEnough = 0.2;

export const retryStorm = check('retry-storm', {
  severity: 'critical',
  ask: 'Are the requests new ones, not the same again and again?',
  rulesOut: 'retry storm',
  needs: [cpu, deployment],
  also: [throttling, traffic, yesterday, retries],
  find: (seen, also, { t, at }): Answer => {
    const picture = pictureOf(seen, also['cpu throttled']);
    const shut = gate(picture, seen.cpu);
    if (shut !== null) return shut;
    const load = also.traffic.known
      ? loadOf(picture.main, seen.cpu, also.traffic.value, also['a day before'], at)
      : null;
    if (load === null) return uncounted(picture, also.traffic);
    if (load.requests.ratio < grown || (load.errors !== null && load.errors < failing)) return 'clear';
    if (!also.retries.known) return { unsure: `retries: ${also.retries.why}` };
    const lines = also.retries.value;
    const told = lines === null ? null : againShare(lines);
    if (told === null) {
      return {
        unsure: `requests and failures rose together, and the logs do not tell whether the same ones come again (${lines?.requests ?? 0} lines with a request's id)`,
      };
    }
    if (told.share < againEnough) return 'clear';
    const since = load.requests.since;
    return {
      found: say`the same requests come again and again: ${told.text}. ${capital(requestsText(load))}, of which ${load.errors === null ? 'it is not known how many' : percent(load.errors)} fail. ${capital(shareText(picture))}`,
      short: `retry storm, requests ${load.requests.ratio.toFixed(1)} times the usual, ${percent(load.errors)} fail`,
      ...(since === null ? {} : { since }),
      ...leftOpen(picture),
      refuse: {
        remedies: ['scale', 'autoscaler-bounds', 'scaled-object-bounds'],
        because: say`more pods alone feed it`,
      },
      notKnown: say`which callers try again, and what failed first`,
      byHand: `${kubectl(t)} logs deployment/${t.name} --since=5m --tail=200`,
    };
  },
});

export const costPerRequest = check('cost-per-request', {
  severity: 'critical',
  ask: 'Does a request cost as much CPU as before?',
  rulesOut: 'dearer requests',
  needs: [cpu, deployment, facts],
  also: [throttling, traffic, yesterday, revisions, inside],
  find: (seen, also, { t, at }): Answer => {
    const picture = pictureOf(seen, also['cpu throttled']);
    const shut = gate(picture, seen.cpu);
    if (shut !== null) return shut;
    const load = also.traffic.known
      ? loadOf(picture.main, seen.cpu, also.traffic.value, also['a day before'], at)
      : null;
    if (load === null) return uncounted(picture, also.traffic);
    const { cost } = load;
    if (cost === null) return { unsure: 'traffic: too few moments with both CPU and requests' };
    if (cost.ratio < dearer || (load.cores?.ratio ?? dearer) < 1.2) return 'clear';
    if (load.count < seen.config.minRequests) {
      return {
        unsure: `too few requests to tell (${load.count} in 5 min, fewer than ${seen.config.minRequests} say nothing)`,
      };
    }
    const all = also.revisions.known ? also.revisions.value : [];
    const came = cameWith(seen.deployment, all, cost.since);
    return {
      found: say`each request costs ${seconds(cost.now)} of CPU, ${cost.ratio.toFixed(1)} times the ${seconds(cost.before)} ${againstText(cost)}; ${requestsText(load)}. ${capital(shareText(picture))}${came === null ? '' : `. It began with ${versionName(seen.deployment, all)}`}`,
      short: `each request costs ${cost.ratio.toFixed(1)} times the CPU`,
      ...leftOpen(picture),
      ...(cost.since === null ? {} : { since: cost.since }),
      quotes: topQuotes(also.inside, picture.main),
      notKnown:
        cost.since === null
          ? say`since when (it is so for more than 2 h), and why`
          : came === null
            ? say`why: no version came at that time. Other inputs, another model or its data would do it`
            : say`which part of it: a profile of one pod would tell`,
      byHand: `${kubectl(t)} exec deployment/${t.name} -c ${picture.main} -- top -b -n 1`,
    };
  },
});

export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
