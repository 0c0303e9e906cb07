import type { Answer, Outcome } from '../../src/core/contract.ts';
import { percent } from '../../src/core/impact.ts';
import type { Autoscaler, Deployment } from '../../src/core/ports/kubernetes.ts';
import type { Series } from '../../src/core/ports/metrics.ts';
import { median, valuesOf } from '../readings/measures.ts';
import { amount, quantity } from '../readings/quantity.ts';
import { jumpOf } from '../readings/trend.ts';
import { plural } from '../readings/wording.ts';
import type { NodeLoad } from './node-load.ts';
import type { ContainerUse, Use } from './use.ts';
import { lasting, nowMinutes, youngMinutes } from './use.ts';

/** How hard the pods work, of what: their limit, what they asked for, their nodes. */
export interface Picture {
  /** The container that serves: the first. */
  readonly main: string;
  /** Null: all its pods are too young, or it was not measured. */
  readonly use: ContainerUse | null;
  readonly request: number | null;
  readonly limit: number | null;
  /** Shares of the median pod, 0 to 1 and more. */
  readonly ofRequest: number | null;
  readonly ofLimit: number | null;
  /** Share of the CFS periods in which the median pod was held back; null: no limit, or not measured. */
  readonly throttled: number | null;
  /** Held back by its limit. */
  readonly held: boolean;
  /** There is nobody to judge by but pods that are too young, and those are hot. */
  readonly youngHigh: boolean;
  /** Uses most of what it asked for, or of what it may use: the guide's and the alert's "high". */
  readonly high: boolean;
}

/** The mixin's CPUThrottlingHigh fires at a quarter of the periods. */
export const heldShare = 0.25;
export const highOfRequest = 0.85;
const highOfLimit = 0.8;
const fullLimit = 0.95;

export function pictureOf(
  { deployment, cpu }: { readonly deployment: Deployment; readonly cpu: Use },
  throttling: Outcome<Use | null>,
): Picture {
  const main = deployment.template.containers[0]?.name ?? '';
  const { request, limit } = boundsOf(deployment, main);
  const use = cpu.containers.find((one) => one.container === main) ?? null;
  const share = (of: number | null): number | null => (use === null || of === null || of <= 0 ? null : use.median / of);
  const [ofRequest, ofLimit] = [share(request), share(limit)];
  const known = throttling.known ? throttling.value : null;
  const throttled = known?.containers.find((one) => one.container === main)?.median ?? null;
  const held = throttled === null ? ofLimit !== null && ofLimit >= fullLimit : throttled >= heldShare;
  const high = held || (ofRequest ?? 0) >= highOfRequest || (ofLimit ?? 0) >= highOfLimit;
  const young = median(cpu.pods.filter((one) => one.container === main && one.young).map((one) => one.value));
  const youngHigh = use === null && young !== null && young >= (limit ?? request ?? Infinity) * highOfRequest;
  return { main, use, request, limit, ofRequest, ofLimit, throttled, held, high, youngHigh };
}

/** What another cause explains is there all the same, and must not be called ruled out. */
export function leftOpen({ held, high }: Picture): { readonly keepsOpen: readonly string[] } {
  return { keepsOpen: [...(held ? ['CPU throttling'] : []), ...(high ? ['all pods hot'] : [])] };
}

/** Whether any pod works hard: only then is it worth looking inside one, and at what they write. */
export function anyHot(deployment: Deployment, { pods }: Use): boolean {
  return pods.some(({ container, value }) => {
    const { request, limit } = boundsOf(deployment, container);
    const bound = limit ?? request;
    return (
      value >= (bound === null ? 0.3 : bound * highOfLimit) || (request !== null && value >= request * highOfLimit)
    );
  });
}

/** What answers before any cause is asked for: nothing is high, or there is nobody to judge by. Null: go on. */
export function gate(picture: Picture, { young, settling }: Use): Answer | null {
  if (picture.use !== null && picture.high && settling) {
    return { unsure: 'pods were added a few minutes ago: too early to tell what they take off the others' };
  }
  if (picture.use !== null) return picture.high ? null : 'clear';
  if (young === 0) return { unsure: `cpu: no pod of it has been measured in the last ${nowMinutes} min` };
  return picture.youngHigh
    ? {
        unsure: `all ${plural(young, 'pod')} are younger than ${youngMinutes} min, and what warms up or compiles looks the same: look again then`,
      }
    : 'clear';
}

export function boundsOf(
  { template }: Deployment,
  container: string,
): { readonly request: number | null; readonly limit: number | null } {
  const of = [...template.containers, ...template.initContainers].find((one) => one.name === container);
  const limit = quantity(of?.limits['cpu'] ?? '');
  // Where only a limit is given, the API server takes it for the request too.
  return { request: quantity(of?.requests['cpu'] ?? '') ?? limit, limit };
}

/** "12 pods use 3.6 cores each (median of 10 min): 89 % of their request of 4; no CPU limit". */
export function useText({ use, request, limit, ofRequest, ofLimit, throttled }: Picture): string {
  if (use === null) return 'CPU of pods that are old enough to judge by: not known';
  const each = `${plural(use.pods, 'pod')} ${use.pods === 1 ? 'uses' : 'use'} ${cores(use.median)}${use.pods === 1 ? '' : ' each'} (median of ${nowMinutes} min)`;
  const asked =
    request === null || ofRequest === null
      ? '; no CPU request'
      : `: ${percent(ofRequest)} of the request of ${amount('cpu', request)}`;
  const may =
    limit === null || ofLimit === null
      ? '; no CPU limit'
      : limit === request
        ? `, which is the limit too`
        : `, ${percent(ofLimit)} of the limit of ${amount('cpu', limit)}`;
  const kept = throttled === null || throttled < 0.01 ? '' : `; held back in ${percent(throttled)} of the CFS periods`;
  return `${each}${asked}${may}${kept}`;
}

/** The same in short, for a cause: "the 12 pods use 89 % of their CPU request (3.5 of 4 cores each, median of 10 min)". */
export function shareText({ use, request, limit, ofRequest, ofLimit, held }: Picture): string {
  if (use === null) return 'how much CPU the pods use is not known';
  const [bound, share, kind] =
    limit !== null && (held || request === null) ? [limit, ofLimit, 'limit'] : [request, ofRequest, 'request'];
  const one = use.pods === 1;
  const who = one ? 'the pod uses' : `the ${use.pods} pods use`;
  const its = one ? 'its' : 'their';
  return bound === null || share === null
    ? `${who} ${cores(use.median)}${one ? '' : ' each'} (median of ${nowMinutes} min), with neither request nor limit`
    : `${who} ${percent(share)} of ${its} CPU ${kind} (${near(use.median, bound)} of ${cores(bound)}${one ? '' : ' each'}, median of ${nowMinutes} min)`;
}

const number = (value: number): string => cores(value).replace(/ cores?$/, '');

/** "1.96" of 2: rounded as usual it would seem to be all of it. */
const near = (value: number, bound: number): string =>
  value !== bound && number(value) === number(bound) ? String(Number(value.toFixed(2))) : number(value);

export function cores(value: number): string {
  const shown = value < 1 ? Math.round(value * 100) / 100 : Math.round(value * 10) / 10;
  return `${shown} ${shown === 1 ? 'core' : 'cores'}`;
}

/** "Their nodes are busy to 10–33 %". '' where it is not known. */
export function nodesText(load: Outcome<NodeLoad>): string {
  if (!load.known || load.value.nodes.length === 0) return '';
  const shares = load.value.nodes.map((one) => Math.round(one.busy * 100)).toSorted((a, b) => a - b);
  const [low, high] = [shares[0] ?? 0, shares.at(-1) ?? 0];
  return `Their ${plural(load.value.known, 'node')} ${load.value.known === 1 ? 'is' : 'are'} ${low === high ? low : `${low} to ${high}`} % busy`;
}

/** What became of a line: its level of the last ten minutes against that before it changed, or against the same hour of the day before. */
export interface Shift {
  readonly before: number;
  readonly now: number;
  readonly ratio: number;
  /** When it jumped (ISO 8601); null: it was so for the whole two hours. */
  readonly since: string | null;
  readonly against: 'before' | 'a day before' | 'two hours ago';
}

/** A jump is one only when it is still there, and from here on. */
const leastJump = 1.2;

export function shiftOf(line: Series, at: string, dayBefore: number | null): Shift | null {
  const now = lasting(valuesOf(line, { at, minutes: nowMinutes }));
  const first = line.points[0]?.[0];
  if (now === null || first === undefined) return null;
  const shift = (before: number, since: string | null, against: Shift['against']): Shift => ({
    before,
    now,
    ratio: before > 0 ? now / before : 1,
    since,
    against,
  });
  const jump = jumpOf(line);
  if (jump !== null && jump.before > 0 && jump.after >= jump.before * leastJump && now >= jump.before * leastJump) {
    return shift(jump.before, new Date(jump.at * 1000).toISOString(), 'before');
  }
  if (dayBefore !== null) return shift(dayBefore, null, 'a day before');
  const early = median(line.points.flatMap(([when, value]) => (value === null || when > first + 1800 ? [] : [value])));
  return early === null ? null : shift(early, null, 'two hours ago');
}

/** "28 a second", "0.4 a second". */
export const rate = (perSecond: number): string =>
  `${perSecond < 10 ? Number(perSecond.toPrecision(2)) : Math.round(perSecond)} a second`;

/** CPU seconds for each request: all cores of the container that serves, over the requests of the same moment. */
export function costOf(total: Series | undefined, requests: Series): Series {
  const asked = new Map(requests.points);
  const points = (total?.points ?? []).flatMap(([at, used]) => {
    const rate = asked.get(at);
    return used === null || rate === null || rate === undefined || rate <= 0.01
      ? []
      : [[at, Number((used / rate).toPrecision(5))] as const];
  });
  return { labels: {}, points };
}

/** "before that". */
export function againstText({ against }: Shift): string {
  switch (against) {
    case 'before':
      return 'before that';
    case 'a day before':
      return 'at this hour the day before';
    case 'two hours ago':
      return 'two hours ago';
  }
}

/** How an autoscaler stands. `target`: share of the request that it aims at, where CPU is what it goes by. */
export type Scaler =
  | { readonly is: 'none' }
  | { readonly is: 'blind'; readonly because: string; readonly since: string | null; readonly target: number | null }
  /** Wants more than it may have: at its maximum, and above its target. */
  | { readonly is: 'at maximum'; readonly used: number | null; readonly target: number | null }
  /** Within a tenth of what it aims at, as it is meant to be (the controller's own tolerance). */
  | { readonly is: 'at target'; readonly target: number }
  | { readonly is: 'has room'; readonly target: number | null };

const tolerance = 1.1;

export function scalerOf(of: Autoscaler | null, ofRequest: number | null): Scaler {
  if (of === null) return { is: 'none' };
  const cpu = of.metrics.find((one) => /\bcpu\b/i.test(one.name));
  const target = shareIn(cpu?.target ?? '');
  const active = of.conditions.find((one) => one.type === 'ScalingActive');
  if (active?.status === 'False' && active.reason !== 'ScalingDisabled') {
    return {
      is: 'blind',
      because: active.message === '' ? active.reason : active.message,
      since: active.since,
      target,
    };
  }
  const used = shareIn(cpu?.current ?? '') ?? ofRequest;
  const limited = of.conditions.find((one) => one.type === 'ScalingLimited');
  const isOver = target === null || used === null || used > target * tolerance;
  if (of.desired >= of.max && isOver && limited?.status === 'True' && limited.reason === 'TooManyReplicas') {
    return { is: 'at maximum', used, target };
  }
  if (target !== null && used !== null && used <= target * tolerance) return { is: 'at target', target };
  return { is: 'has room', target };
}

function shareIn(text: string): number | null {
  const found = /(\d+(?:\.\d+)?)\s*%/.exec(text)?.[1];
  return found === undefined ? null : Number(found) / 100;
}
