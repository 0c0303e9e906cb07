import type { Autoscaler, CustomObject, Deployment, Event, Revision, SpecWriter } from '../core/ports/kubernetes.ts';
import { short } from './show.ts';

/**
 * How many pods were wanted, and between which bounds: who changed that. The API keeps who holds a field and when that manager last wrote, never
 * the value of before; events have both for about an hour. Pure.
 */

export interface Change {
  readonly at: string;
  readonly what: string;
  /** The field manager; '' where none is recorded. */
  readonly who: string;
  /** What it was before is not known. */
  readonly vague?: true;
}

const UNKNOWN = 'from what is not known';
/** Two records of one write may differ by so much. Milliseconds. */
const ABOUT_MS = 60_000;
const MADE_MS = 2_000;
/** Steps of one rollout follow each other within. Milliseconds. */
const ROLLOUT_MS = 10 * 60_000;
/** Whoever carries out what an autoscaler decides. */
const CONTROLLER = 'kube-controller-manager';

export function near(a: string, b: string, ms = ABOUT_MS): boolean {
  return Math.abs(Date.parse(a) - Date.parse(b)) <= ms;
}

interface Step {
  readonly at: string;
  readonly set: string;
  /** Null: servers before 1.25 do not say. */
  readonly from: number | null;
  readonly to: number;
}

const SCALED =
  /^Scaled (?:up|down) replica set (\S+) (?:from (?<from>\d+) to (?<to>\d+)|to (?<end>\d+)(?: from (?<begin>\d+))?)$/;

/** What the deployment controller reports of one ReplicaSet alone: steps of a rollout concern two of them, or a new one. */
export function scaleSteps(events: readonly Event[], sets: readonly Revision[]): readonly Step[] {
  const all = events.flatMap((one): readonly Step[] => {
    const found = one.reason === 'ScalingReplicaSet' ? SCALED.exec(one.message) : null;
    if (found === null) return [];
    const { from, to, end, begin } = found.groups ?? {};
    const before = from ?? begin;
    return [
      {
        at: one.lastAt,
        set: found[1] ?? '',
        from: before === undefined ? null : Number(before),
        to: Number(to ?? end),
      },
    ];
  });
  return all.filter(({ at, set, from }) => {
    const made = sets.find((one) => one.name === set)?.createdAt;
    const isNew = (from === null || from === 0) && made !== undefined && near(made, at);
    return !isNew && !all.some((other) => other.set !== set && near(other.at, at, ROLLOUT_MS));
  });
}

/** By whom: the autoscaler's own reports, the holder of `replicas`, or not recorded. */
export function replicaChanges(seen: {
  readonly deployment: Deployment;
  readonly sets: readonly Revision[];
  readonly events: readonly Event[];
  readonly scaler: Autoscaler | null;
  readonly rollouts: readonly Change[];
  readonly from: string;
}): readonly Change[] {
  const { deployment, scaler, rollouts, from } = seen;
  const steps = scaleSteps(seen.events, seen.sets);
  const sized = rescaled(seen.events, scaler, steps);
  const holder = deployment.specWriters?.findLast((one) => one.fields.includes('replicas'));
  const rest = steps.filter((one) => !sized.some(({ step }) => step === one));
  const last = rest.findLast((one) => one.to === deployment.replicas.wanted);
  const isLast = holder !== undefined && last !== undefined && holds(holder, last);
  return [
    ...sized.map(({ change }) => change),
    ...rest.map((one) => stepChange(one, isLast && one === last ? holder.manager : null)),
    ...(holder === undefined || isLast
      ? []
      : heldChange(holder, deployment, [...rollouts, ...sized.map((one) => one.change)])),
    ...pausedChange(deployment),
  ].filter((one) => one.at >= from);
}

/** Its time is that of the step where it holds nothing else; else it wrote then or later. Without a time: whoever came last. */
function holds({ at, fields }: SpecWriter, step: Step): boolean {
  if (at === null) return true;
  return fields.length === 1 ? near(at, step.at) : at >= step.at || near(at, step.at);
}

function stepChange({ at, from, to }: Step, manager: string | null): Change {
  const what = from === null ? `replicas set to ${to}, ${UNKNOWN}` : `replicas ${from} → ${to}`;
  return {
    at,
    what: manager === null ? `${what}, by whom is not recorded (only the last who wrote is kept)` : what,
    who: manager ?? '',
    ...(from === null ? { vague: true } : {}),
  };
}

interface Sized {
  readonly change: Change;
  readonly step: Step | undefined;
}

function rescaled(events: readonly Event[], scaler: Autoscaler | null, steps: readonly Step[]): readonly Sized[] {
  let before: number | null = null;
  return events
    .filter(({ kind, name, reason }) => {
      return kind === 'HorizontalPodAutoscaler' && name === scaler?.name && reason === 'SuccessfulRescale';
    })
    .toSorted((a, b) => a.lastAt.localeCompare(b.lastAt))
    .flatMap(({ lastAt: at, message }): readonly Sized[] => {
      const [, size, why = ''] = /^New size: (\d+)(?:; reason: (.*))?$/s.exec(message) ?? [];
      if (size === undefined) return [];
      const to = Number(size);
      const step = steps.find((one) => one.to === to && near(one.at, at));
      const from: number | null = step?.from ?? before;
      before = to;
      const what = from === null ? `replicas set to ${to}, ${UNKNOWN}` : `replicas ${from} → ${to}`;
      const change = {
        at,
        what: why === '' ? what : `${what}: ${short(why, 90)}`,
        who: `the autoscaler ${scaler?.name ?? ''}`,
        ...(from === null ? { vague: true as const } : {}),
      };
      return [{ change, step }];
    });
}

/** No event tells of it any more: what the holder's entry tells alone. */
function heldChange(holder: SpecWriter, deployment: Deployment, rollouts: readonly Change[]): readonly Change[] {
  const { at, manager, fields } = holder;
  if (at === null || (fields.includes('template') && near(at, deployment.createdAt, MADE_MS))) return [];
  const now = `replicas set to ${deployment.replicas.wanted}, ${UNKNOWN}`;
  if (fields.length === 1)
    return [{ at, what: now, who: manager === CONTROLLER ? 'an autoscaler' : manager, vague: true }];
  // It wrote the template then: that is the change, and the number may be as old as the deployment.
  if (rollouts.some((one) => near(one.at, at))) return [];
  const others = fields.filter((one) => one !== 'replicas').join(', ');
  return [
    {
      at,
      what: `replicas (${deployment.replicas.wanted} now) or ${others} written: which of them is not recorded`,
      who: manager,
      vague: true,
    },
  ];
}

function pausedChange({ paused, specWriters = [] }: Deployment): readonly Change[] {
  const by = specWriters.findLast((one) => one.fields.includes('paused'));
  if (!paused || by === undefined || by.at === null) return [];
  const hedge = by.fields.length === 1 ? '' : ' (then or before: who did it wrote other parts too)';
  return [{ at: by.at, what: `rollout paused${hedge}`, who: by.manager }];
}

/** Who holds the number, where nothing tells when: older than the events that are kept. Null: an autoscaler does, or it was told above. */
export function undatedScale({ replicas, specWriters = [] }: Deployment, told: readonly Change[]): string | null {
  const holder = specWriters.findLast((one) => one.fields.includes('replicas'));
  if (holder === undefined || holder.at !== null || holder.manager === CONTROLLER) return null;
  if (told.some((one) => one.who === holder.manager && one.what.startsWith('replicas '))) return null;
  return `replicas are ${replicas.wanted} now, last scaled by ${holder.manager}: when is not recorded, and no event tells of it`;
}

interface Bounded {
  readonly noun: string;
  readonly min: number;
  readonly max: number;
  readonly fields: Readonly<Record<'min' | 'max', string>>;
  readonly createdAt: string | undefined;
  readonly writers: readonly SpecWriter[];
}

/** Of the ScaledObject where KEDA makes the autoscaler: there people change them. */
export function boundsChanges(
  scaler: Autoscaler | null,
  scaledObject: CustomObject | null,
  from: string,
): readonly Change[] {
  if (scaler === null) return [];
  const of = scaler.scaledObject === null ? ofScaler(scaler) : scaledObject === null ? null : ofObject(scaledObject);
  return of === null ? [] : of.writers.flatMap((one) => boundsChange(of, one)).filter((one) => one.at >= from);
}

function ofScaler({ name, min, max, createdAt, specWriters = [] }: Autoscaler): Bounded {
  const fields = { min: 'minReplicas', max: 'maxReplicas' };
  return { noun: `autoscaler ${name}`, min, max, fields, createdAt, writers: specWriters };
}

/** KEDA's defaults where the object says nothing: 0 and 100 (ScaledObject spec). */
function ofObject({ name, spec, createdAt, specWriters = [] }: CustomObject): Bounded {
  const read: unknown = JSON.parse(spec);
  const numberOf = (key: string, otherwise: number): number => {
    const value = typeof read === 'object' && read !== null ? Reflect.get(read, key) : undefined;
    return typeof value === 'number' ? value : otherwise;
  };
  const fields = { min: 'minReplicaCount', max: 'maxReplicaCount' };
  const [min, max] = [numberOf(fields.min, 0), numberOf(fields.max, 100)];
  return { noun: `ScaledObject ${name}`, min, max, fields, createdAt, writers: specWriters };
}

function boundsChange(of: Bounded, { at, manager, fields }: SpecWriter): readonly Change[] {
  if (at === null) return [];
  const mine = (['min', 'max'] as const).filter((one) => fields.includes(of.fields[one]));
  if (mine.length === 0) return [];
  const whole = `${of.min} to ${of.max}`;
  // Whoever made it holds what it is about; somebody may have changed a bound in the same moment.
  const isMade = fields.includes('scaleTargetRef') && of.createdAt !== undefined && near(at, of.createdAt, MADE_MS);
  if (isMade) return [{ at, what: `${of.noun} made${mine.length === 2 ? `, bounds ${whole}` : ''}`, who: manager }];
  if (fields.length > mine.length) {
    const what = `${of.noun} written, its bounds are ${whole} now: whether they were changed then is not recorded`;
    return [{ at, what, who: manager, vague: true }];
  }
  const now = mine.map((one) => `${one} ${of[one]}`).join(' and ');
  return [{ at, what: `${of.noun}: set to ${now}, ${UNKNOWN}`, who: manager, vague: true }];
}
