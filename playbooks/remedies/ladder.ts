import type { Deployment, Revision } from '../../src/core/ports/kubernetes.ts';
import { currentRevision } from '../readings/deployment.ts';
import type { Pods, Sample } from '../readings/pods.ts';
import { pullTroubleIn } from '../readings/pull.ts';
import { missingInMessage } from '../readings/missing.ts';
import { kindWord, missingFor, needing, needsOf } from '../readings/references.ts';
import type { Reference } from '../readings/references.ts';
import { refusedPods } from '../readings/refusal.ts';
import { affected, troubleOf } from '../readings/trouble.ts';
import { listed, minutesBetween, span } from '../readings/wording.ts';
import { isOtherVersion, sameCode, versionOf } from './difference.ts';
import { asksAsMuch, noPlaceEither, placingNow } from './no-place.ts';

/** Which revision to go back to, and whether that would help. */
export interface Seen {
  readonly deployment: Deployment;
  readonly revisions: readonly Revision[];
  readonly pods: Pods;
  readonly samples: readonly Sample[];
  readonly references: readonly Reference[];
}
export interface Choice {
  readonly to: Revision;
  /** The API keeps no record of what worked: only what runs now is known to. */
  readonly worked: 'available now' | 'ran well before' | 'not known';
  /** Pods of it that must be started. */
  readonly start: number;
  /** What may meet those as well, and could not be seen; '' when nothing speaks against it. */
  readonly caution: string;
  /** Nothing shows that the present version is at fault. */
  readonly suspect: boolean;
}

/** What a playbook has measured over time: trouble that came with this revision (by uid) and was not there in that one. */
export interface Blamed {
  readonly revision: string;
  readonly before: string;
}

const settledMinutes = 24 * 60;

/** First what has available pods now; else the newest other code. Null-like answers say why. */
export function chooseRevision(
  seen: Seen,
  at: string,
  because: (since: string) => string = onlySuspected,
  blamed: Blamed | null = null,
): Choice | { readonly no: string } {
  const { deployment, revisions } = seen;
  const settled = settledFor(deployment, at);
  const isBlamed = blamed !== null && currentRevision(deployment, revisions)?.uid === blamed.revision;
  if (!isBlamed && settled !== null && settled > settledMinutes) {
    return { no: `this version has run for ${span(settled)}: what broke came later, and going back would not undo it` };
  }
  const suspect = !isBlamed && isMereSuspect(seen);
  if (suspect && settled !== null && settled > suspectMinutes) {
    return { no: `this version ran for ${span(settled)} without trouble of its pods: nothing points to it` };
  }
  const others = suspect ? olderCode(deployment, revisions) : candidates(deployment, revisions);
  if (suspect && others.length === 0) return { no: 'this version is itself one that was gone back to, or the first' };
  if (others.length === 0) return { no: 'no other revision is kept' };
  const running = others.filter((one) => one.replicas.available > 0);
  const resting = others.filter((one) => one.replicas.available === 0).toReversed();
  const ladder = isBlamed ? others.filter((one) => one.uid === blamed.before) : [...running.toReversed(), ...resting];
  if (ladder.length === 0)
    return { no: 'the version that it began with is not the present one any more, or none before it is kept' };
  const reasons: string[] = [];
  for (const to of ladder) {
    const start = Math.max(0, deployment.replicas.wanted - to.replicas.wanted);
    const why = wouldFail(seen, to, start);
    if (why === null) {
      const worked = to.replicas.available > 0 ? 'available now' : isBlamed ? 'ran well before' : 'not known';
      const doubt = suspect ? because(sinceThis(to, deployment.template)) : '';
      const caution = [doubt, start === 0 ? '' : cautionFor(seen, to)].filter((one) => one !== '').join('; ');
      return { to, worked, start, caution, suspect };
    }
    reasons.push(why);
    // What runs now is the only revision worth going back to while it runs.
    if (to.replicas.available > 0) return { no: `${versionOf(to, deployment.template)}: ${why}` };
  }
  const same = new Set(reasons);
  const [why] = same;
  return same.size === 1 && ladder.length > 1
    ? { no: `all ${ladder.length} other kept revisions: ${why}` }
    : { no: ladder.map((one, index) => `revision ${one.number}: ${reasons[index]}`).join('; ') };
}

/** A release that finished longer ago is no suspect by its time alone. */
const suspectMinutes = 2 * 60;

/** Of a release: what was made before it. A version that was gone back to is older than what it replaced, and is no release. */
function olderCode(deployment: Deployment, all: readonly Revision[]): readonly Revision[] {
  const current = currentRevision(deployment, all);
  const goneBackTo =
    current !== null && (current.again === true || all.some((one) => one.createdAt > current.createdAt));
  return goneBackTo ? [] : candidates(deployment, all);
}

/** All its pods that were looked at are well, and nothing refuses or holds them up. */
function isMereSuspect({ deployment, revisions, samples }: Seen): boolean {
  const stuck = deployment.conditions.some((one) => one.type === 'Progressing' && one.status === 'False');
  const troubled = samples.some(({ pod }) => troubleOf(pod) !== null);
  return !stuck && !troubled && refusedPods(deployment, revisions) === null;
}

function onlySuspected(since: string): string {
  return `only suspected: users fare worse ${since} and nothing else was found`;
}

/** A revision of the same image is another version to nobody. */
const sinceThis = (to: Revision, now: Deployment['template']): string =>
  isOtherVersion(to, now) ? 'since this version came' : 'since this change';

const longEnoughMinutes = 60;

/** Until when it was the version here; null where that is not known: it was gone back to, or was soon replaced, as what fails is. */
export function ranUntil(to: Revision, all: readonly Revision[]): string | null {
  const next = all.filter((one) => one.number > to.number).toSorted((a, b) => a.number - b.number)[0];
  if (next === undefined || next.again === true || to.again === true || to.replicas.available > 0) return null;
  return minutesBetween(to.createdAt, next.createdAt) >= longEnoughMinutes ? next.createdAt : null;
}

/** Other code than the present, oldest first. A mere restart is the same code. */
export function candidates(deployment: Deployment, all: readonly Revision[]): readonly Revision[] {
  return all.filter(
    (one) => one.templateDigest !== deployment.templateDigest && !sameCode(one.template, deployment.template),
  );
}

/** Minutes since the present template finished its rollout; null when it has not. */
function settledFor(deployment: Deployment, at: string): number | null {
  const progressing = deployment.conditions.find((one) => one.type === 'Progressing');
  const when = progressing?.updatedAt ?? progressing?.since ?? null;
  return progressing?.reason === 'NewReplicaSetAvailable' && when !== null ? minutesBetween(when, at) : null;
}

/** Why this revision's pods would not start either; null when nothing speaks against it. */
export function wouldFail(seen: Seen, to: Revision, start: number): string | null {
  const missing = missingFor(to.template, seen.references).filter((one) => !one.need.optional);
  if (missing.length > 0) return `needs ${listed(missing.map((one) => one.what))}, which does not exist`;
  return sameLack(seen, to) ?? (start > 0 ? (samePull(seen, to) ?? samePlace(seen, to)) : null);
}

/** What the present pods cannot start or run without, and this revision names too. */
function sameLack(seen: Seen, to: Revision): string | null {
  for (const { pod } of seen.samples) {
    const trouble = troubleOf(pod);
    if (trouble?.is !== 'config') continue;
    const lack = missingInMessage(trouble.message);
    if (lack !== null && needing([to], lack).length > 0) {
      return `needs the same ${kindWord[lack.kind]} ${lack.name}, which ${lack.key === '' ? 'does not exist' : `has no key ${lack.key}`}`;
    }
  }
  const ends = affected(seen.pods, seen.samples, (trouble) => trouble.is === 'ends');
  if (ends === null) return null;
  const optional = missingFor(seen.deployment.template, seen.references).find((one) => one.need.for !== 'image pull');
  if (optional === undefined) return null;
  const { kind, name } = optional.need;
  return needsOf(to.template).some((need) => need.kind === kind && need.name === name)
    ? `needs the same ${kindWord[kind]} ${name}, which is missing`
    : null;
}

/** Trouble with the registry or the node meets the old image as well, where it is not on the node already. */
function samePull(seen: Seen, to: Revision): string | null {
  for (const { pod } of seen.samples) {
    const trouble = troubleOf(pod);
    if (trouble?.is !== 'pull') continue;
    const why = pullTroubleIn(`${trouble.reason}: ${trouble.message}`);
    const same = [...to.template.containers, ...to.template.initContainers].find(
      (one) => repositoryOf(one.image) === repositoryOf(trouble.image),
    );
    if (same === undefined || why === null) continue;
    if (why === 'unreachable' || why === 'certificate' || why === 'limit' || why === 'disk full') {
      return 'its new pods would have to pull from the same registry onto the same nodes';
    }
  }
  return null;
}

/** The same wishes meet the same limits. */
function samePlace(seen: Seen, to: Revision): string | null {
  const current = currentRevision(seen.deployment, seen.revisions);
  if (current === null) return null;
  const refused = refusedPods(seen.deployment, seen.revisions)?.refusal.is;
  const isRefused = refused === 'quota' || refused === 'quota wants' || refused === 'limit range';
  if (isRefused && seen.pods.fresh.ready === 0 && asksAsMuch(to.template, current.template)) {
    return 'its pods ask for as much and would be refused as well';
  }
  const placing = placingNow(seen.pods, seen.samples);
  return placing === null
    ? null
    : noPlaceEither(placing, to.template, current.template, seen.pods.fresh.ready > 0 ? 'some' : 'none');
}

/** What nothing that was read can rule out: the risk is then not low. */
function cautionFor(seen: Seen, to: Revision): string {
  const secrets = to.template.pullSecrets.join() === seen.deployment.template.pullSecrets.join();
  const pull = seen.samples.map(({ pod }) => troubleOf(pod)).find((trouble) => trouble?.is === 'pull');
  if (pull?.is !== 'pull' || !secrets) return '';
  const why = pullTroubleIn(`${pull.reason}: ${pull.message}`);
  return why === 'not authorised' || why === 'either'
    ? 'nodes that do not hold its image yet pull it with the same credentials, and may be refused as well'
    : '';
}

function repositoryOf(image: string): string {
  const bare = image.split('@')[0] ?? image;
  const colon = bare.lastIndexOf(':');
  return colon > bare.lastIndexOf('/') ? bare.slice(0, colon) : bare;
}
