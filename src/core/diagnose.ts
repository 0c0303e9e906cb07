import { thinned } from './chart.ts';
import type { Chart } from './chart.ts';
import type { Answer, Check, Opened, Outcome } from './contract.ts';
import { darkFinding, hurtFinding } from './builtin.ts';
import type { Beside } from './builtin.ts';
import type { Finding, RegionDiagnosis, RegionEvidence } from './diagnosis.ts';
import { PROBED, impactOf } from './impact.ts';
import type { HealthQueries, Impact } from './impact.ts';
import { lasts, rises, windowMs } from './harm.ts';
import type { CauseSeen } from './incident/record.ts';
import { whyOf } from './failure.ts';
import { offersFor } from './offers.ts';
import { besideFor, valuesOf } from './seen.ts';
import type { Json } from './json.ts';

/** Evidence → findings, offers, advice. Pure: the same evidence always gives the same diagnosis, live or replayed. */

export type { Finding, Offer, Recorded, RegionDiagnosis, RegionEvidence } from './diagnosis.ts';

export interface Question {
  readonly opened: Opened;
  readonly region: string;
  /** The region that was named; null: all alike. */
  readonly focus: string | null;
  /** When a fix was verified here last (ISO 8601); null: none in this incident. */
  readonly fixedAt: string | null;
  /** How users fared when that fix was written. Absent or null: none was, or not known. */
  readonly beforeFix?: Impact | null;
  /** The last look of this incident that found a firm cause here. Absent or null: none did. */
  readonly causeSeen?: CauseSeen | null;
  /** Since when every look found users over a limit here (ISO 8601). Absent or null: not known. */
  readonly hurtSince?: string | null;
  /** How long after a fix harm in the numbers is that of before (ms). */
  readonly drainMs: number;
  readonly evidence: RegionEvidence;
  readonly health: HealthQueries | null;
  readonly at: string;
  readonly runId: string;
  /** The one remedy that a person asked for, with the details given (null: none given). Absent: those that the findings call for. */
  readonly asked?: { readonly remedy: string; readonly details: Json | null };
}

export function diagnoseRegion(question: Question): RegionDiagnosis {
  const { opened, region, evidence, at } = question;
  const findings: Finding[] = [];
  const clear = new Set<string>();
  const open = new Set<string>();
  const unsure: { check: string; ask: string; why: string }[] = [];
  for (const check of opened.checks) {
    const said = answer(check, evidence, at);
    (said === 'clear' ? clear : open).add(check.rulesOut);
    if (said === 'clear') continue;
    if ('unsure' in said) unsure.push({ check: check.id, ask: check.ask, why: said.unsure });
    else if (said.byNumbers === true && drains(question)) {
      unsure.push({ check: check.id, ask: check.ask, why: 'the numbers still hold what was before the fix' });
    } else {
      findings.push(findingOf(check, said, opened));
      for (const word of said.keepsOpen ?? []) open.add(word);
    }
  }
  const all = Object.entries(evidence);
  const unread = all.flatMap(([reading, o]) => (o.known ? [] : [{ reading, why: o.why, byHand: o.byHand }]));
  const inside = all.filter(([reading]) => reading !== PROBED);
  const dark = inside.length > 0 && inside.every(([, o]) => !o.known && isSilence(o.why));
  const impact = impactOf(question.health, evidence);
  const remarks = remarksFor(opened, evidence, at);
  // A region that nobody asked about may be dark without making an incident of it: it is said beside.
  if (dark && (question.focus === null || question.focus === region))
    findings.push(darkFinding(region, Object.fromEntries(inside)));
  else if (impact.level === 'hurt' && findings.length === 0 && !drains(question) && !outlives(question, impact))
    findings.push(hurtFinding(impact, besideOf(remarks, question, impact)));
  const ranked = findings.toSorted((a, b) => weight(a) - weight(b));
  const { offers, notOffered } = offersFor(question, ranked, remarks);
  const charts = chartsFor(opened, ranked, evidence, at);
  return {
    region,
    at,
    asked: all.length,
    answered: all.length - unread.length,
    checks: opened.checks.length,
    impact,
    findings: ranked,
    // Checks may share a word ("no room"): it is ruled out when all of them are clear.
    ruledOut: [...clear].filter((word) => !open.has(word)),
    unsure,
    offers,
    notOffered,
    advice: adviceFor(opened, ranked, evidence),
    remarks,
    ...(charts.length === 0 ? {} : { charts }),
    unread,
    dark,
  };
}

/** Numbers over a window show the harm of before a fix for a while after it. */
function drains({ fixedAt, at, drainMs }: Question): boolean {
  return fixedAt !== null && Date.parse(at) - Date.parse(fixedAt) < drainMs;
}

/** Until the pods' numbers are read anew they may rise, though what fails them is gone (ms). */
const READ_MS = 60_000;
/** A cause that somebody mended: its harm stays in the numbers until their window has passed, as long as they do not rise. */
function outlives({ causeSeen, at, health }: Question, impact: Impact): boolean {
  if (causeSeen === undefined || causeSeen === null || health === null) return false;
  const goneMs = Date.parse(at) - Date.parse(causeSeen.at);
  if (goneMs > windowMs(health.window) + READ_MS) return false;
  return goneMs <= READ_MS || causeSeen.after === null || !rises(causeSeen.after, impact);
}

/** By their labels: `Change` is a rollout that goes on, `Release` one that is complete. */
function besideOf(remarks: RegionDiagnosis['remarks'], { beforeFix = null }: Question, impact: Impact): Beside {
  if (beforeFix !== null && lasts(beforeFix, impact)) return 'so before the fix';
  if (remarks.some((one) => one.label === 'Change')) return 'a rollout goes on';
  const release = remarks.find((one) => one.label === 'Release');
  if (release === undefined) return 'nothing changed';
  // Recorded before parts were: a release, as far as that says.
  const { parts } = release.newest ?? {};
  if (parts === undefined || parts.includes('image')) return 'a release came before';
  return parts.every((one) => one === 'environment') ? 'variables were changed before' : 'settings were changed before';
}

/** No answer at all. A refusal is an answer: a region that forbids everything is not dark. */
function isSilence(why: string): boolean {
  return /^(needs |timeout|unreachable|server error|no answer)/.test(why);
}

/** Critical before warning; within each, the playbook's own order. */
function weight(finding: Finding): number {
  return finding.severity === 'critical' ? 0 : 1;
}

/** One region's evidence → one check's answer. No check ever meets an unknown reading that it needs. */
export function answer(
  check: Check<string, string>,
  evidence: Readonly<Record<string, Outcome<unknown>>>,
  at: string,
): Answer {
  const values = valuesOf(check.needs, evidence);
  if ('missing' in values) return { unsure: values.missing };
  try {
    return check.find(values.seen, besideFor(check.also, evidence), at);
  } catch (error) {
    return { unsure: `the check itself failed: ${whyOf(error)}` };
  }
}

function findingOf(
  check: Check<string, string>,
  said: Exclude<Answer, 'clear' | { unsure: string }>,
  opened: Opened,
): Finding {
  const source = opened.look.find((reading) => reading.id === check.needs[0]);
  return {
    check: check.id,
    severity: check.severity,
    found: said.found,
    short: said.short,
    since: said.since ?? null,
    quotes: said.quotes ?? [],
    notKnown: said.notKnown ?? null,
    byHand: said.byHand ?? source?.byHand ?? '',
    refuse: said.refuse ?? null,
    handOver: said.handOver ?? null,
    ...(said.apart === undefined || said.apart.length === 0 ? {} : { apart: said.apart }),
    ...(said.mistaken === true ? { mistaken: true } : {}),
    ...(said.passing === true ? { passing: true } : {}),
  };
}

function adviceFor(opened: Opened, findings: readonly Finding[], evidence: RegionEvidence): RegionDiagnosis['advice'] {
  const found = new Set(findings.map((finding) => finding.check));
  return opened.advice.flatMap((advice) => {
    if (!advice.when.some((check) => found.has(check))) return [];
    const values = valuesOf(advice.needs, evidence);
    return 'missing' in values ? [] : orNothing(() => [advice.say(values.seen)]);
  });
}

function remarksFor(opened: Opened, evidence: RegionEvidence, at: string): RegionDiagnosis['remarks'] {
  return opened.remarks.flatMap((remark) => {
    const values = valuesOf(remark.needs, evidence);
    if ('missing' in values) return [];
    return orNothing(() => {
      const words = remark.say(values.seen, at);
      if (words === null) return [];
      const newest = remark.newest?.(values.seen) ?? null;
      const beside = remark.beside?.(values.seen) ?? null;
      return [
        {
          label: remark.label,
          words,
          ...(newest === null ? {} : { newest }),
          ...(beside === null ? {} : { beside }),
        },
      ];
    });
  });
}

/** Those of the cause come first; what speaks of nothing that was found is not drawn. */
function chartsFor(
  opened: Opened,
  findings: readonly Finding[],
  evidence: RegionEvidence,
  at: string,
): readonly Chart[] {
  const found = new Set(findings.map((finding) => finding.check));
  return opened.charts.flatMap((chart) => {
    if (!chart.when.some((check) => found.has(check))) return [];
    const values = valuesOf(chart.needs, evidence);
    if ('missing' in values) return [];
    return orNothing(() => {
      const drawn = chart.draw(values.seen, at);
      return drawn === null ? [] : [thinned(drawn)];
    });
  });
}

/** What is only said beside the findings is left out when it fails. */
function orNothing<V>(make: () => readonly V[]): readonly V[] {
  try {
    return make();
  } catch {
    return [];
  }
}
