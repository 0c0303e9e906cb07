import { diagnoseRegion } from '../core/diagnose.ts';
import type { RegionDiagnosis, RegionEvidence } from '../core/diagnose.ts';
import type { Playbook } from '../core/contract.ts';
import { whyOf } from '../core/failure.ts';
import { regionToPlan } from '../core/incident/changes.ts';
import type { Change } from '../core/incident/changes.ts';
import type { Inside } from '../core/incident/commands.ts';
import type { Subject } from '../core/incident/events.ts';
import type { Effect } from '../core/incident/pending.ts';
import type { Incident } from '../core/incident/state.ts';
import type { Finding } from '../core/diagnosis.ts';
import { harmText, refuses } from '../core/refusing.ts';
import { CHANGE, isChanging, keyOf } from '../core/routing.ts';
import { plain } from '../core/words.ts';
import { look } from './look.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import { rehearsed } from './perform.ts';
import { openOffer, openSubject } from './reopen.ts';
import type { SharedReads } from './shared-reads.ts';

/** The plan for what a person asked for by command, or why there is none. Only looks. */

type Planned = Extract<Inside, { is: 'planned' }>;

export async function performPlan(
  parts: Parts,
  shared: SharedReads,
  effect: Extract<Effect, { is: 'plan' }>,
  { stream, state }: { readonly stream: string; readonly state: Incident },
): Promise<Planned> {
  const { change } = effect;
  const region = regionToPlan(change);
  const subject: Subject = { playbook: change.playbook, target: change.target, regions: change.regions, focus: region };
  const result = await planned(parts, shared, { change, region, subject, stream, state }).catch((error: unknown) => ({
    no: `I could not prepare it: ${whyOf(error)}`,
  }));
  return { is: 'planned', change: change.id, region, tries: change.tries, result };
}

interface Of {
  readonly change: Change;
  readonly region: string;
  readonly subject: Subject;
  readonly stream: string;
  readonly state: Incident;
}

async function planned(parts: Parts, shared: SharedReads, of: Of): Promise<Planned['result']> {
  const { change, region, subject } = of;
  const taken = await answeredFor(parts, of);
  if (taken !== null) return { no: taken };
  const [own, against] = await Promise.all([
    evidenceFor(parts, shared, of, subject),
    change.playbook === CHANGE ? refusalsOf(parts, shared, of) : [],
  ]);
  const asks = change.remedies.map((remedy) => diagnosed(parts, of, subject, own, remedy));
  const mistaken = asks[0]?.findings.find((one) => one.mistaken === true);
  if (mistaken !== undefined) return { no: plain(mistaken.found) };
  const offer = asks.flatMap((one) => one.offers)[0];
  const harm = against.find(({ refuse }) =>
    [...refusedLike(change.remedies).map((remedy) => ({ remedy })), ...(offer === undefined ? [] : [offer])].some(
      (one) => refuses(refuse, one),
    ),
  );
  if (harm !== undefined) return { no: harmText(harm) };
  if (offer === undefined) return { no: whyNot(asks) };
  return rehearsed(parts, openOffer(parts, subject, region, offer), region, offer.risk);
}

/** One incident answers for a workload in a region; where it is not this one, the change is asked for there. */
async function answeredFor(parts: Parts, { region, subject, stream }: Of): Promise<string | null> {
  const owner = await parts.store.owner(keyOf(region, subject.target));
  if (owner?.stream === stream) return null;
  if (owner === null) return 'another incident had it until just now: ask again';
  return `${owner.number === null ? 'another thread' : `INC-${owner.number}`} is open for it there: ask in that thread`;
}

async function evidenceFor(parts: Parts, shared: SharedReads, of: Of, subject: Subject): Promise<RegionEvidence> {
  const { change, region } = of;
  const opened = openSubject(parts, subject, region);
  // What was seen before somebody asked, or before the last plan was overtaken, is no ground for a plan.
  const first = change.step === 0 && change.tries === 0;
  const notBefore = first ? Date.parse(change.at) : parts.clock.now();
  return look(opened.look, () => shared.reader(region, notBefore), parts.clock);
}

function diagnosed(
  parts: Parts,
  { change, region, stream }: Of,
  subject: Subject,
  evidence: RegionEvidence,
  remedy: string | null,
): RegionDiagnosis {
  return diagnoseRegion({
    opened: openSubject(parts, subject, region),
    region,
    focus: region,
    fixedAt: null,
    drainMs: 0,
    evidence,
    health: null,
    at: iso(parts.clock.now()),
    runId: `${stream}/${change.id}`,
    ...(remedy === null ? {} : { asked: { remedy, details: change.details } }),
  });
}

/** A reason that only points to the other remedy says nothing to who asked for either. */
function whyNot(asks: readonly RegionDiagnosis[]): string {
  const reasons = asks.flatMap((one) => one.notOffered.map((no) => no.because));
  return reasons.find((one) => !/: see .+$/.test(one)) ?? reasons[0] ?? 'I know no way to do it';
}

/** Pods that are made meet what those of a restart would meet; bounds and the way back make none of the present version by themselves. */
function refusedLike(remedies: readonly string[]): readonly string[] {
  const makesPods = remedies.some((one) => one === 'scale' || one === 'replace-pod' || one.startsWith('set-'));
  return makesPods ? [...remedies, 'restart'] : remedies;
}

/** What looks for causes also knows when a change would do harm: a secret that is gone, and pods that still hold its value in memory. */
async function refusalsOf(parts: Parts, shared: SharedReads, of: Of): Promise<readonly Finding[]> {
  // Who knows why a restart would do harm knows of every other end of a pod.
  const like = new Set([...refusedLike(of.change.remedies), 'restart']);
  const knowing = parts.playbooks.filter(
    (one) => one.scope === 'region' && !isChanging(one.id) && one.remedies.some((remedy) => like.has(remedy.id)),
  );
  return (await Promise.all(knowing.map((one) => refusing(parts, shared, of, one)))).flat();
}

async function refusing(parts: Parts, shared: SharedReads, of: Of, playbook: Playbook): Promise<readonly Finding[]> {
  const subject = { ...of.subject, playbook: playbook.id };
  const said = diagnosed(parts, of, subject, await evidenceFor(parts, shared, of, subject), null);
  return said.findings.filter((one) => one.refuse !== null);
}
