import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { playbooks } from '../playbooks/index.ts';
import type { Opened, Playbook } from '../src/core/contract.ts';
import { answer } from '../src/core/diagnose.ts';
import { holdsSecret } from '../src/core/redact.ts';
import { replay } from './playbooks/replay.ts';
import type { Recorded } from './playbooks/replay.ts';

const folder = join(import.meta.dirname, '..', 'playbooks');
const shared = new Set(['readings', 'remedies', 'targets']);

function casesOf(playbook: Playbook): readonly (readonly [string, Recorded])[] {
  const cases = join(folder, playbook.id, 'cases');
  return readdirSync(cases)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, JSON.parse(readFileSync(join(cases, name), 'utf8')) as Recorded]);
}

describe('the list of playbooks', () => {
  test('ids, folders and the list are the same', () => {
    const folders = readdirSync(folder, { withFileTypes: true })
      .filter((one) => one.isDirectory() && !shared.has(one.name))
      .map((one) => one.name);
    expect(playbooks.map((one) => one.id).toSorted()).toEqual(folders.toSorted());
  });

  test('each alert has one owner, and each symptom one playbook', () => {
    for (const names of [playbooks.flatMap((one) => one.alerts), playbooks.flatMap((one) => one.symptoms)]) {
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    }
  });

  test.each(playbooks.map((one) => [one.id, one] as const))(
    '%s: ids of checks are its own, and every word is there',
    (_id, one) => {
      const ids = one.checks.map((check) => check.id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(one.checks.filter((check) => !check.ask.endsWith('?')).map((check) => check.id)).toEqual([]);
      for (const text of [one.title, one.guide, one.about]) expect(text.length).toBeGreaterThan(5);
    },
  );
});

describe.each(playbooks.map((one) => [one.id, one] as const))('%s: cases', (_id, playbook) => {
  const cases = casesOf(playbook);
  const diagnoses = cases.map(([name, recorded]) => [name, recorded, replay(playbook, recorded)] as const);

  test('every check has a case that finds it, one that clears it, one that cannot tell', () => {
    const found = new Set(diagnoses.flatMap(([, , said]) => said.findings.map((one) => one.check)));
    const unsure = new Set(diagnoses.flatMap(([, , said]) => said.unsure.map((one) => one.check)));
    const clear = new Set(
      cases.flatMap(([, recorded]) =>
        playbook
          .open(recorded.target)
          .checks.filter((check) => answer(check, recorded.readings, recorded.at) === 'clear')
          .map((check) => check.id),
      ),
    );
    const lacking = playbook.checks.flatMap((check) => [
      ...(found.has(check.id) ? [] : [`${check.id}: found`]),
      ...(unsure.has(check.id) ? [] : [`${check.id}: could not tell`]),
      ...(clear.has(check.id) ? [] : [`${check.id}: clear`]),
    ]);
    expect(lacking).toEqual([]);
  });

  test('every remedy is offered in some case, and every refusal names a remedy', () => {
    const offered = new Set(diagnoses.flatMap(([, , said]) => said.offers.map((one) => one.remedy)));
    expect(playbook.remedies.map((one) => one.id).filter((id) => !offered.has(id))).toEqual([]);
    const refused = diagnoses.flatMap(([, , said]) => said.findings.flatMap((one) => one.refuse?.remedies ?? []));
    // Of any playbook: what a cause forbids is refused by command too.
    const known = new Set(playbooks.flatMap((one) => one.remedies.map(({ id }) => id)));
    expect(refused.filter((id) => !known.has(id))).toEqual([]);
  });

  test('what is no fault finds nothing and offers nothing', () => {
    const quiet = diagnoses.filter(([name]) => name.startsWith('quiet-'));
    for (const [name, , said] of quiet) {
      const { findings, offers, unsure } = said;
      expect({ name, findings, offers, unsure }).toEqual({ name, findings: [], offers: [], unsure: [] });
    }
  });

  // Triage lists what is broken; it does not explain.
  test('a finding is a cause: at most one critical finding for one root', () => {
    const explained = playbook.alerts.length === 0 ? [] : diagnoses;
    const several = explained.flatMap(([name, , said]) => {
      const critical = said.findings.filter((one) => one.severity === 'critical').map((one) => one.check);
      return critical.length > 1 ? [`${name}: ${critical.join(', ')}`] : [];
    });
    expect(several).toEqual([]);
  });

  test('a stored plan opens to the same preview, and holds no secret', () => {
    for (const [name, recorded, said] of diagnoses) {
      const opened = playbook.open(recorded.target);
      for (const offer of said.offers) {
        const again = remedyOf(opened, offer.remedy).open(JSON.parse(JSON.stringify(offer.plan)));
        const { plan, preview } = again;
        expect({ name, plan, preview }).toEqual({ name, plan: offer.plan, preview: offer.preview });
        // A pod is its own fence: its uid can be taken away once.
        expect(preview.join('\n')).toContain(again.kind === 'pod' ? 'uid' : 'mlp-bot/fence');
        expect(holdsSecret(JSON.stringify(plan))).toBe(false);
      }
    }
  });

  test('by-hand lines are kubectl lines with context and namespace, or questions to the metrics store', () => {
    const bad: string[] = [];
    for (const [, recorded, said] of diagnoses) {
      const own = playbook.open(recorded.target).look.map((one) => one.byHand);
      const steps = said.advice.flatMap((one) => one.steps).filter((line) => line.startsWith('kubectl'));
      for (const line of [...own, ...said.findings.map((one) => one.byHand), ...steps]) {
        const why = notRunnable(line);
        if (why !== null) bad.push(`${why}: ${line}`);
      }
    }
    expect([...new Set(bad)]).toEqual([]);
  });
});

function remedyOf(opened: Opened, id: string): Opened['remedies'][number] {
  const found = opened.remedies.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no remedy ${id}`);
  return found;
}

const verbs = new Set(
  'get describe logs rollout create patch set exec debug cordon uncordon port-forward taint delete top scale autoscale'.split(
    ' ',
  ),
);
/** What lives in no namespace. */
const clusterWide = /^(nodes?(\/|$)|apiservices|validatingwebhookconfigurations|<NODE>)/;

/** A question to a metrics store, with the default names; and what is read in a file. */
const otherLines = [
  /^promtool query (?:instant|range) (?:--\S+ )*<PROMETHEUS_URL> '[^']+'$/,
  /^the entry under `services`/,
];

/** Null: as far as it can be told without a cluster, it would run. */
function notRunnable(line: string): string | null {
  if (otherLines.some((one) => one.test(line))) return null;
  const words = wordsOf(line);
  if (words === null) return 'quotes do not match';
  const [program, context, ...rest] = words;
  if (program !== 'kubectl') return 'not kubectl';
  if (context === undefined || !/^--context=[a-z0-9<][\w<>-]*$/.test(context)) return 'no context';
  const named = rest[0] === '-n';
  const [verb, object] = named ? rest.slice(2) : rest;
  if (named && !/^[a-z0-9-]+$/.test(rest[1] ?? '')) return 'no name of a namespace';
  if (verb === undefined || !verbs.has(verb)) return 'no verb that kubectl has';
  const wide =
    verb === 'cordon' || verb === 'uncordon' || rest.includes('--all-namespaces') || clusterWide.test(object ?? '');
  if (!named && !wide) return 'no namespace';
  // What a shell would take as its own stands in quotes or in no line at all; placeholders are for people.
  const open = line.replaceAll(/'[^']*'/g, '').replaceAll(/<[A-Z_]+>/g, '');
  return /[|;&$`<>(){}*?]/.test(open.replaceAll(/jsonpath=\S+/g, '').replaceAll('%{http_code}', ''))
    ? 'a shell would change it'
    : null;
}

function wordsOf(line: string): readonly string[] | null {
  if ((line.split("'").length - 1) % 2 !== 0) return null;
  return line.match(/(?:'[^']*'|[^\s'])+/g);
}
