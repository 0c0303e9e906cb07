import type { Finding, RegionDiagnosis } from '../diagnosis.ts';
import { harmWords } from '../harm.ts';
import type { Asker, Elsewhere, Subject } from './events.ts';

/**
 * Which of the regions that a thread looks at are its own. A thread is about one workload and one fault: the region that the alert or the
 * person named, and every region with the same fault. A different fault elsewhere gets a thread of its own, and what another
 * incident answers for already is only pointed at, so that one change is offered in one place.
 */

/** Since when a region gives no answer, and how often it was tried. */
export interface Blind {
  readonly since: string;
  readonly tries: number;
  readonly at: string;
}

export interface Sights {
  readonly by: Asker;
  readonly subject: Subject;
  /** Newest per region. */
  readonly diagnoses: Readonly<Record<string, RegionDiagnosis>>;
  /** The own regions: for each the diagnosis that had findings last, which is what a closed incident was about. */
  readonly worst: Readonly<Record<string, RegionDiagnosis>>;
  /** The region whose fault made this a thread of its own, where nobody named one. */
  readonly home: string | null;
  /** Regions whose fault another incident answers for. */
  readonly elsewhere: Readonly<Record<string, Elsewhere>>;
  /** Regions that give no answer now. */
  readonly blind: Readonly<Record<string, Blind>>;
  /** The last look that had answers, for regions that have none now. */
  readonly pictures: Readonly<Record<string, RegionDiagnosis>>;
  /** Regions whose different fault was given a thread of its own. */
  readonly branched: readonly string[];
}

/** What one look at one region changes. */
export function sighted(
  before: Sights,
  diagnosis: RegionDiagnosis,
  elsewhere: Elsewhere | null,
  at: string,
): Omit<Sights, 'by' | 'subject'> {
  const { region } = diagnosis;
  const { regions } = before.subject;
  const known = before.diagnoses[region];
  const gone = before.blind[region];
  const seen: Sights = {
    ...before,
    diagnoses: inOrder(regions, { ...before.diagnoses, [region]: diagnosis }),
    elsewhere: elsewhere === null ? without(before.elsewhere, region) : { ...before.elsewhere, [region]: elsewhere },
    blind: diagnosis.dark
      ? { ...before.blind, [region]: { since: gone?.since ?? at, tries: (gone?.tries ?? 0) + 1, at } }
      : without(before.blind, region),
    pictures: !diagnosis.dark
      ? without(before.pictures, region)
      : known === undefined || known.dark
        ? before.pictures
        : { ...before.pictures, [region]: known },
    branched: bad(before, diagnosis) ? before.branched : before.branched.filter((one) => one !== region),
  };
  return adopted(seen);
}

/** A region that was taken in stays; the region that was named comes first, then those that can be seen. */
function adopted(seen: Sights): Sights {
  const { focus, regions } = seen.subject;
  const worst: Record<string, RegionDiagnosis> = { ...seen.worst };
  for (const region of Object.keys(seen.elsewhere)) delete worst[region];
  const found = Object.values(seen.diagnoses).filter((d) => bad(seen, d) && seen.elsewhere[d.region] === undefined);
  const lit = found.find((d) => !onlyDark(d));
  const kept = seen.home !== null && worst[seen.home] !== undefined && !onlyDark(worst[seen.home]) ? seen.home : null;
  const home = focus ?? kept ?? lit?.region ?? found[0]?.region ?? seen.home;
  const first = found.toSorted((a, b) => Number(b.region === home) - Number(a.region === home));
  for (const d of first) {
    const mine = worst[d.region];
    const main = home === null ? undefined : worst[home];
    const belongs = mine !== undefined || d.region === home || (main !== undefined && sameFault(main, d));
    // What was found before it went dark is what it is about.
    if (belongs && !(onlyDark(d) && mine !== undefined)) worst[d.region] = d;
  }
  return { ...seen, home, worst: inOrder(regions, worst) };
}

/** The same question is answered the same way: the counts of pods may differ. */
function sameFault(a: RegionDiagnosis, b: RegionDiagnosis): boolean {
  const [one, other] = [a.findings[0], b.findings[0]];
  return one !== undefined && other !== undefined && one.check === other.check && bare(one) === bare(other);
}

/** Without numbers that stand alone: "3 pods not ready" and "2 pods not ready", but not v2.4.1 and v2.4.2. */
function bare({ short }: Finding): string {
  return short.replaceAll(/(?<![\w.-])\d+(?![\w.-])/g, '#');
}

/** A mistyped name is answered; only an alert about what is not there is bad news. */
export function bad({ by }: Pick<Sights, 'by'>, { findings }: RegionDiagnosis): boolean {
  return findings.some((one) => one.mistaken !== true || by.is === 'alert');
}

function onlyDark(diagnosis: RegionDiagnosis | undefined): boolean {
  return diagnosis?.dark ?? false;
}

/** Its findings are this thread's to solve. */
export function isOwn({ worst }: Pick<Sights, 'worst'>, region: string): boolean {
  return worst[region] !== undefined;
}

/** Regions with a fault that is neither this thread's nor any other incident's yet. */
export function strays(seen: Sights): readonly RegionDiagnosis[] {
  return Object.values(seen.diagnoses).filter(
    (d) => bad(seen, d) && !d.dark && !isOwn(seen, d.region) && seen.elsewhere[d.region] === undefined,
  );
}

/** What is wrong there, in short: where this look only saw users hurt, the cause that the incident which answers for it names. */
export function newsOf(
  { elsewhere }: Pick<Sights, 'elsewhere'>,
  { region, findings, impact }: RegionDiagnosis,
): string {
  const [finding] = findings;
  const cause = finding?.check === 'users-hurt' ? namedBy(elsewhere[region]) : null;
  return cause === null ? (finding?.short ?? '') : `users ${harmWords(impact)}, ${cause}`;
}

/** "model-server: image v2.4.1 not found" names a cause; "model-server: users slower, cause not known" names none. */
export function namedBy(other: Elsewhere | undefined): string | null {
  const cause = other?.title?.split(': ').slice(1).join(': ') ?? '';
  return cause === '' || cause.startsWith('users ') ? null : cause;
}

/** Those that were not given a thread of their own yet. A storm is about its region: what others feel of it is a line there. */
export function unbranched(seen: Sights & { readonly storm: object | null }): readonly RegionDiagnosis[] {
  return (seen.storm === null ? strays(seen) : []).filter(({ region }) => !seen.branched.includes(region));
}

/** Regions answer in any order; people read them in the config's. */
export function inOrder<V>(regions: readonly string[], all: Readonly<Record<string, V>>): Readonly<Record<string, V>> {
  const known = regions.flatMap((region) => (all[region] === undefined ? [] : [[region, all[region]] as const]));
  return { ...Object.fromEntries(known), ...all };
}

function without<V>(all: Readonly<Record<string, V>>, region: string): Readonly<Record<string, V>> {
  if (all[region] === undefined) return all;
  return Object.fromEntries(Object.entries(all).filter(([one]) => one !== region));
}
