import { mono, row } from './table.ts';
import type { Playbook } from '../contract.ts';
import { methodRights, tierOf } from '../method-rights.ts';
import type { Tier } from '../method-rights.ts';
import type { KubernetesRead } from '../ports/kubernetes.ts';
import { clusterRights, insideRights, readRights, remedyRights } from '../rights.ts';

/** What the readings of each playbook ask, by playbook and reading: methods of the cluster's port, and "metrics: …". */
export type Uses = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const METRICS = 'metrics: ';

/** One row for each reading. */
export function readingRows(uses: Uses[string]): readonly string[] {
  return Object.entries(uses).map(([reading, all]) => {
    const methods = all.filter(isMethod);
    const tiers = new Set(methods.flatMap((one) => tiersOf(one)));
    const metrics = all.filter((one) => one.startsWith(METRICS)).map((one) => one.slice(METRICS.length));
    const needs = methods.flatMap((one) => plainly(one));
    const from = TIERS.filter((one) => tiers.has(one)).join(', ');
    return row([
      reading,
      [...new Set(needs)].join(', '),
      [from, ...(metrics.length === 0 ? [] : ['Prometheus'])].filter((one) => one !== '').join(', '),
      metrics.map((one) => ASKED[one] ?? one).join(', '),
    ]);
  });
}

const TIERS: readonly Tier[] = ['read', 'read-cluster', 'look-inside'];
/** What is no measure. */
const ASKED: Readonly<Record<string, string>> = { targets: 'its targets', instant: '`health` of the config' };

function isMethod(use: string): use is keyof KubernetesRead {
  return use in methodRights;
}

function tiersOf(method: keyof KubernetesRead): readonly Tier[] {
  return methodRights[method].flatMap((right) => tierOf(right, method) ?? []);
}

/** "list pods, get pods/log", without who owns what, which is asked of everything that is read. */
function plainly(method: keyof KubernetesRead): readonly string[] {
  return methodRights[method].filter((one) => !isOwner(one)).map(mono);
}
const isOwner = (right: string): boolean => /argoproj|fluxcd|flagger/.test(right);

/** Every right of deploy/, what it is for, and who is blind without it. */
export function rightsTable(playbooks: readonly Playbook[], uses: Uses): readonly string[] {
  const wanting = (right: string, tier: Tier): string => {
    const all = playbooks.filter(({ id }) =>
      Object.values(uses[id] ?? {}).some((of) =>
        of.some((one) => isMethod(one) && methodRights[one].includes(right) && tierOf(right, one) === tier),
      ),
    );
    return all.length === playbooks.length ? 'all' : all.map(({ id }) => id).join(', ');
  };
  const rows = (tier: Tier, all: typeof readRights): readonly string[] =>
    all.map(({ verb, resource, what }) => {
      const right = `${verb} ${resource}`;
      const who = wanting(right, tier);
      return row([mono(right), tier, what, who === '' ? 'none: commands that look, or what a remedy looks at' : who]);
    });
  return [
    '| right | granted by | for | playbooks |',
    '|---|---|---|---|',
    ...rows('read', readRights),
    ...rows('read-cluster', clusterRights),
    ...rows('look-inside', insideRights),
    ...Object.entries(remedyRights).map(([name, { verb, resource }]) =>
      row([mono(`${verb} ${resource}`), `remedy-${name}`, `to ${name}`, playbooksWith(name, playbooks)]),
    ),
  ];
}

function playbooksWith(role: string, playbooks: readonly Playbook[]): string {
  const all = playbooks.filter(({ remedies }) => remedies.some(({ id }) => roleOf(id) === role));
  return all.map(({ id }) => id).join(', ');
}

/** Several remedies share one role of deploy/. */
const ROLES: Readonly<Record<string, string>> = {
  'resume-and-rollback': 'rollback',
  'set-memory': 'set-resources',
  'set-cpu': 'set-resources',
  'set-gpu': 'set-resources',
  'set-threads': 'set-env',
  'set-batch-size': 'set-env',
  'set-model-version': 'set-env',
  uncordon: 'cordon',
};
export function roleOf(remedy: string): string {
  return ROLES[remedy] ?? remedy;
}
