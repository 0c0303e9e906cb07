import type { NewestChange } from '../../src/core/contract.ts';
import { canonical } from '../../src/core/json.ts';
import type { Container, Deployment, PodTemplate, Revision, TemplatePart } from '../../src/core/ports/kubernetes.ts';
import { clock, join, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { currentRevision } from './deployment.ts';
import { placingOf, mainHindrance } from './placing.ts';
import type { Sample } from './pods.ts';
import { tagOf } from './pull.ts';
import { refusedPods } from './refusal.ts';
import { troubleOf } from './trouble.ts';
import type { Trouble } from './trouble.ts';
import { listed, minutesBetween } from './wording.ts';
import { versionOf } from '../remedies/difference.ts';
import { candidates } from '../remedies/ladder.ts';
import { nameOfOwner } from '../remedies/state.ts';

/** Which change broke it: by the part that is broken, who holds that part, and when the ReplicaSet with it was made. */

export interface Step {
  readonly from: Pick<Revision, 'number' | 'template'>;
  readonly to: Pick<Revision, 'number' | 'template'>;
  /** Null when nothing tells: a ReplicaSet that was gone back to is older than the change to it. */
  readonly at: string | null;
  /** When its ReplicaSet was made, where it was gone back to. Absent: not gone back to. */
  readonly madeAt?: string;
  readonly parts: readonly TemplatePart[];
}

/** From what runs (or ran last) to the present template, one step per revision, oldest first. Empty: nothing else is there beside it. */
export function stepsOf(of: Deployment, all: readonly Revision[]): readonly Step[] {
  const others = candidates(of, all);
  const base =
    others.findLast((one) => one.replicas.available > 0) ?? others.findLast((one) => one.replicas.wanted > 0);
  return base === undefined ? [] : stepsSince(of, all, base);
}

export function stepsSince(of: Deployment, all: readonly Revision[], base: Revision): readonly Step[] {
  const current = currentRevision(of, all);
  const changedAt = of.templateChangedBy?.at ?? null;
  const chain: readonly Pick<Revision, 'number' | 'template'>[] = [
    ...all
      .filter((one) => one.number > base.number && one.uid !== current?.uid)
      .toSorted((a, b) => a.number - b.number),
    current ?? { number: (of.revision ?? 0) + 1, template: of.template },
  ];
  return chain.map((to, index): Step => {
    const from = chain[index - 1] ?? base;
    const made = 'createdAt' in to ? (to as Revision).createdAt : null;
    const before = 'createdAt' in from ? (from as Revision).createdAt : null;
    const again = 'again' in to;
    const isNew = made !== null && !again && (before === null || made >= before);
    const at = isNew ? made : index === chain.length - 1 ? changedAt : null;
    const parts = partsChanged(from.template, to.template);
    return { from, to, at, parts, ...(again && made !== null ? { madeAt: made } : {}) };
  });
}

const partsOf: Readonly<Record<TemplatePart, (of: PodTemplate) => unknown>> = {
  image: (of) => each(of, (one) => one.image),
  command: (of) => each(of, (one) => one.command),
  environment: (of) => each(of, (one) => one.env),
  resources: (of) => each(of, (one) => [one.requests, one.limits]),
  probes: (of) => each(of, (one) => [one.readiness, one.liveness, one.startup]),
  volumes: (of) => of.volumes,
  placement: (of) => [of.nodeSelector, of.placement],
  'service account': (of) => of.serviceAccount,
  other: (of) => [of.restartedAt, of.pullSecrets],
};

function each(of: PodTemplate, get: (one: Container) => unknown): readonly unknown[] {
  return [...of.containers, ...of.initContainers].map((one) => [one.name, get(one)]);
}

/** What differs without being visible (values of variables, labels) is "other". */
function partsChanged(before: PodTemplate, after: PodTemplate): readonly TemplatePart[] {
  const parts = (Object.keys(partsOf) as TemplatePart[]).filter(
    (part) => canonical(partsOf[part](before)) !== canonical(partsOf[part](after)),
  );
  return parts.length === 0 ? ['other'] : parts;
}

const anything = Object.keys(partsOf) as readonly TemplatePart[];

/** The parts that the trouble of the new pods speaks of. `sure`: it can be no other, so that its newest change is the one. */
function brokenParts(seen: {
  readonly deployment: Deployment;
  readonly revisions: readonly Revision[];
  readonly samples: readonly Sample[];
}): { readonly parts: readonly TemplatePart[]; readonly sure: boolean } {
  const refused = refusedPods(seen.deployment, seen.revisions)?.refusal.is;
  if (refused === 'quota' || refused === 'limit range') return { parts: ['resources'], sure: true };
  if (refused === 'service account') return { parts: ['service account'], sure: true };
  const trouble = seen.samples.map(({ pod }) => troubleOf(pod)).find((one) => one !== null);
  return trouble === undefined ? { parts: anything, sure: false } : partsOfTrouble(trouble);
}

function partsOfTrouble(trouble: Trouble): { readonly parts: readonly TemplatePart[]; readonly sure: boolean } {
  switch (trouble.is) {
    case 'pull':
      return { parts: ['image'], sure: true };
    case 'config':
      return { parts: ['environment', 'volumes'], sure: true };
    case 'not created':
      return { parts: ['volumes'], sure: false };
    case 'start':
      return { parts: ['command', 'image'], sure: false };
    case 'not placed': {
      const placing = placingOf(trouble.message);
      const main = placing === null ? null : mainHindrance(placing);
      if (main?.is === 'room') return { parts: ['resources'], sure: true };
      return main?.is === 'volume' ? { parts: ['volumes'], sure: true } : { parts: ['placement'], sure: main !== null };
    }
    default:
      return { parts: anything, sure: false };
  }
}

/** What changed, when, by whom; which of several it was, or that it cannot be told. Null: nothing to compare with. */
export function changeWords(seen: {
  readonly deployment: Deployment;
  readonly revisions: readonly Revision[];
  readonly samples: readonly Sample[];
}): Words | null {
  const { deployment: of } = seen;
  const steps = stepsOf(of, seen.revisions);
  const [only] = steps;
  if (only === undefined) return null;
  if (steps.length === 1) return stepWords(of, only);
  const { parts, sure } = brokenParts(seen);
  const mine = steps.filter((step) => step.parts.some((part) => parts.includes(part)));
  const blamed = sure || mine.length === 1 ? mine.at(-1) : undefined;
  if (blamed === undefined) {
    const all = steps.map((step) => stepWords(of, step));
    return say`${join(all, '; then ')}. Which of these broke it I cannot tell`;
  }
  const index = steps.indexOf(blamed);
  const others = (some: readonly Step[]): Words =>
    join(
      some.map((step) => stepWords(of, step)),
      '; ',
    );
  const before = steps.slice(0, index);
  const after = steps.slice(index + 1);
  return say`${stepWords(of, blamed)}${before.length === 0 ? '' : say`. Before that: ${others(before)}`}${after.length === 0 ? '' : say`. Later, beside it: ${others(after)}`}`;
}

/** The newest step alone, and what it is known by. */
export function newestChange(of: Deployment, all: readonly Revision[]): NewestChange | null {
  const step = stepsOf(of, all).at(-1);
  return step === undefined ? null : { mark: of.templateDigest, words: stepWords(of, step), parts: step.parts };
}

/** What the present revision differs in from the one before it; null: there is none to go back to, or a mere restart. */
export function lastStep(of: Deployment, all: readonly Revision[], current: Revision): Step | null {
  const before = all
    .filter((one) => one.number < current.number)
    .toSorted((a, b) => a.number - b.number)
    .at(-1);
  // A mere restart is the same code.
  if (before === undefined || !candidates(of, all).includes(before)) return null;
  const step = stepsSince(of, all, before).at(-1);
  return step === undefined ? null : { ...step, parts: hidden(of, step) ?? step.parts };
}

/** Values of variables are not shown; who wrote then and holds nothing but variables has changed one of them. Null: nothing tells. */
function hidden(of: Deployment, { at, parts }: Step): readonly TemplatePart[] | null {
  if (at === null || parts.some((part) => part !== 'other')) return null;
  const writers = of.templateOwners.filter((one) => apart(one.at, at) <= nearMinutes);
  const only = writers.length > 0 && writers.every((one) => one.parts.every((part) => part === 'environment'));
  return only ? ['environment'] : null;
}

/** What runs now and who wrote it last: of a workload that is well nobody asks what it was before. */
export function standing(of: Deployment): { readonly mark: string; readonly words: Words } {
  const { at = null, manager = '' } = of.templateChangedBy ?? {};
  const name = nameOf(of, manager);
  const version = tagOf(of.template.containers[0]?.image ?? '');
  return {
    mark: of.templateDigest,
    words: say`now ${version}${at === null ? '' : say` since ${clock(at)}`}${name === '' ? '' : ` by ${name}`}`,
  };
}

export function stepWords(of: Deployment, step: Step): Words {
  const { from, to, at, parts, madeAt } = step;
  const versions = say`${versionOf(from, to.template)} → ${versionOf(to, from.template)}`;
  const what = parts.includes('image') ? versions : say`${versions} (${listed(parts.map(partWord))})`;
  const first = madeAt === undefined ? null : say` (again; first made at ${clock(madeAt)})`;
  return say`${what}${at === null ? '' : say` at ${clock(at)}`}${by(of, step)}${first}`;
}

function partWord(part: TemplatePart): string {
  return part === 'other' ? 'fields that are not shown' : part;
}

/** A ReplicaSet is made within seconds of the change; a minute leaves room for a slow controller. */
const nearMinutes = 1;

/** Who holds what it changed, by the managed fields; of several the one whose last write was then. */
function by(of: Deployment, step: Step): Words {
  // What is not shown may be the value of a variable: whoever holds any part may have written it.
  const isHidden = step.parts.includes('other');
  const holders = of.templateOwners.filter((one) => isHidden || one.parts.some((part) => step.parts.includes(part)));
  const near = holders.filter(({ at }) => step.at !== null && apart(at, step.at) <= nearMinutes);
  // A manager that has written since then has a later time.
  const later = holders.filter(({ at }) => step.at !== null && at > step.at);
  const who = [near, later, isHidden && step.at !== null ? [] : holders].find((all) => all.length > 0) ?? [];
  const managers =
    who.length > 0 || of.templateOwners.length > 0
      ? who.map((one) => one.manager)
      : [of.templateChangedBy?.manager ?? ''];
  const names = [...new Set(managers)].map((manager) => nameOf(of, manager)).filter((one) => one !== '');
  return names.length === 0
    ? []
    : say` ${listed(
        names.map((name) => `by ${name}`),
        'or',
      )}`;
}

function apart(a: string, b: string): number {
  return a < b ? minutesBetween(a, b) : minutesBetween(b, a);
}

/** The owner's name where it was the owner. */
function nameOf(of: Deployment, manager: string): string {
  if (manager.startsWith('kubectl')) return `hand (${manager})`;
  if (manager === 'mlp-bot') return 'me';
  const known = (
    [
      [/argocd/, 'argo-cd'],
      [/kustomize-controller/, 'flux-kustomization'],
      [/^helm/, 'helm'],
    ] as const
  ).find(([sign]) => sign.test(manager));
  const owner = nameOfOwner(of.owner);
  // Operators write under names of their own.
  const isOperator = known === undefined && (of.owner.kind === 'controller' || of.owner.kind === 'flagger');
  return owner !== '' && (manager === '' || isOperator || known?.[1] === of.owner.kind) ? owner : manager;
}
