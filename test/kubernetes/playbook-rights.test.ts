import { afterAll, beforeAll, expect, test } from 'vitest';
import { playbooks } from '../../playbooks/index.ts';
import { diagnoseRegion } from '../../src/core/diagnose.ts';
import type { RegionDiagnosis } from '../../src/core/diagnosis.ts';
import { renderEvidence } from '../../src/core/render/evidence.ts';
import { partsOf, ruleFor } from '../../src/core/rights.ts';
import { look } from '../../src/engine/look.ts';
import { systemClock } from '../../src/engine/parts.ts';
import { SharedReads } from '../../src/engine/shared-reads.ts';
import { clustersOf } from '../../src/adapters/kubernetes/regions.ts';
import { Story } from '../core/story.ts';
import { shown, text } from '../core/thread.ts';
import { need } from '../peers/need.ts';
import { until } from '../peers/until.ts';
import { rightsIn } from '../ports/deploy-roles.ts';
import { noConfig } from '../ports/without.ts';
import { Cluster, deployments, limit, name as region, namespace } from './cluster.ts';
import { servedMetrics } from './served-metrics.ts';

/** Each playbook with the right to read alone, and with each right that it uses taken away in turn. */

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const reading = [...new Set([...rightsIn('read.yaml'), ...rightsIn('read-cluster.yaml')])];
/** Pods are judged once they are old enough: the playbooks look from two hours on. */
const aheadMs = 2 * 3_600_000;

const targets: Readonly<Record<string, { readonly namespace: string; readonly name: string }>> = {
  'rollout-stuck': { namespace, name: 'stuck' },
  'memory-leak': { namespace, name: 'served' },
  'inference-errors': { namespace, name: 'served' },
  'slow-inference': { namespace, name: 'served' },
  'high-cpu': { namespace, name: 'served' },
  change: { namespace, name: 'served' },
  'change-node': { namespace: '', name: 'node-1' },
  triage: { namespace, name: '' },
  storm: { namespace, name: '' },
};

need('control-plane')('each playbook with the right to read alone', { timeout: 120_000 }, () => {
  let cluster: Cluster;
  const pods = new Map<string, readonly string[]>();

  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.deployed('served', {
      resources: { requests: { cpu: '1', memory: '512Mi' }, limits: { cpu: '2', memory: '1Gi' } },
    });
    const key = { secretKeyRef: { name: 'not-there', key: 'password' } };
    await cluster.deployed('stuck');
    await cluster.region.admin.merge(`${deployments}/stuck`, { spec: { progressDeadlineSeconds: 1 } });
    await cluster.region.admin.strategic(`${deployments}/stuck`, {
      spec: { template: { spec: { containers: [{ name: 'serve', env: [{ name: 'PASSWORD', valueFrom: key }] }] } } },
    });
    for (const name of ['served', 'stuck']) {
      const rows = await cluster.as('admin').read(limit()).pods(namespace, `app=${name}`);
      pods.set(
        name,
        rows.map((one) => one.name),
      );
    }
    await until('it is stuck', async () => {
      const now = await cluster.as('admin').read(limit()).deployment({ namespace, name: 'stuck' });
      return now?.conditions.find((one) => one.type === 'Progressing' && one.status === 'False');
    });
    await cluster.region.admin.post(`${rbac}/clusterroles`, { metadata: { name: 'swept' }, rules: [] });
    await cluster.region.admin.post(`${rbac}/clusterrolebindings`, {
      metadata: { name: 'swept' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'swept' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'sweeper' }],
    });
  }, 120_000);
  afterAll(() => cluster.stop());

  async function role(rights: readonly string[], marker: string): Promise<void> {
    const rules = [...rights, marker].map(ruleOfRight);
    await cluster.region.admin.put(`${rbac}/clusterroles/swept`, { metadata: { name: 'swept' }, rules });
    const [verb = '', resource = ''] = marker.split(' ', 2);
    await until('the role is known', async () =>
      (await cluster.as('sweeper').read(limit()).mayI({ verb, resource, namespace })) ? true : undefined,
    );
  }

  /** All playbooks at once, as incidents side by side would: equal questions are asked once. */
  async function diagnosed(): Promise<ReadonlyMap<string, RegionDiagnosis>> {
    const { at, ...changing } = clustersOf(new Map([[region, cluster.as('sweeper')]]));
    const metrics = servedMetrics(
      (name) => pods.get(name) ?? [],
      () => Date.now() + aheadMs,
    );
    const platform = {
      ...changing,
      read: (where: string, signal: AbortSignal) => ({
        kubernetes: at(where).read(signal),
        metrics,
        service: noConfig,
      }),
    };
    const shared = new SharedReads(platform, systemClock);
    const all = playbooks.map(async (playbook) => {
      const opened = playbook.open({ region, ...targets[playbook.id] });
      const evidence = await look(opened.look, () => shared.reader(region), systemClock);
      const asked = { focus: region, fixedAt: null, drainMs: 0, health: null, runId: 'rights' };
      const when = new Date(Date.now() + aheadMs).toISOString();
      return [playbook.id, diagnoseRegion({ ...asked, opened, region, evidence, at: when })] as const;
    });
    return new Map(await Promise.all(all));
  }

  test('with it every reading works but what looks inside, and what that would add is said with its rule', async () => {
    await role(reading, 'list marker0.test');
    const lacking: Record<string, readonly string[]> = {};
    for (const [id, diagnosis] of await diagnosed()) {
      const told = threadOf(diagnosis);
      const forbidden = diagnosis.unread.filter((one) => one.why.startsWith('forbidden'));
      lacking[id] = forbidden.map((one) => one.reading);
      // What has nothing to do with rights is what the metrics store does not have.
      const others = diagnosis.unread.filter((one) => !one.why.startsWith('forbidden'));
      expect(others.filter((one) => !one.why.includes('nothing was recorded'))).toEqual([]);
      for (const one of forbidden) expect(one.why).toContain(`the rule to add: ${ruleOf('get pods/exec')}`);
      expect([id, told.includes(ruleOf('get pods/exec'))]).toEqual([id, forbidden.length > 0]);
      expect(diagnosis.checks).toBeGreaterThan(0);
    }
    expect(lacking).toEqual({
      ...Object.fromEntries(playbooks.map(({ id }) => [id, []])),
      'memory-leak': ['kinds of memory'],
      'high-cpu': ['inside'],
      'slow-inference': ['inside'],
    });
  });

  test('without one of the rights that it uses, a playbook says which rule to add, and rules out nothing that it needed', async () => {
    await role(reading, 'list marker1.test');
    const since = new Date();
    const whole = await diagnosed();
    const used = await until('what was asked is written down', async () => {
      const seen = usedSince(since);
      return seen.has('list nodes') ? seen : undefined;
    });
    expect([...used].sort()).toEqual(
      expect.arrayContaining(['get deployments.apps', 'get pods', 'get pods/log', 'list events', 'list pods']),
    );
    const said: Record<string, readonly string[]> = {};
    for (const [index, right] of [...used].entries()) {
      await role(
        reading.filter((one) => one !== right),
        `list marker${index + 2}.test`,
      );
      const rule = ruleOf(right);
      const sayers: string[] = [];
      for (const [id, diagnosis] of await diagnosed()) {
        const lost = diagnosis.unread.filter((one) => one.why.includes(rule));
        if (lost.length === 0) continue;
        sayers.push(id);
        const told = threadOf(diagnosis);
        expect(told, `${id} without "${right}"`).toContain(`the bot lacks the right "${right} in `);
        expect(told, `${id} without "${right}"`).toContain(`the rule to add: ${rule}`);
        expect(told, `${id} without "${right}"`).not.toMatch(
          /healthy|all is well|everything is fine|white_check_mark/i,
        );
        // Where nothing was found, the summary itself says what could not be read.
        const summary = summaryOf(diagnosis);
        const isSaid = diagnosis.findings.length > 0 || summary.includes(rule);
        expect([id, right, isSaid]).toEqual([id, right, true]);
        // Nothing is ruled out that was not ruled out with all rights.
        const before = whole.get(id)?.ruledOut ?? [];
        expect(
          diagnosis.ruledOut.filter((one) => !before.includes(one)),
          `${id} without "${right}"`,
        ).toEqual([]);
        const gone = new Set(lost.map((one) => one.reading));
        const opened = playbooks.find((one) => one.id === id)?.open({ region, ...targets[id] });
        const needing = opened?.checks.filter((one) => one.needs.some((need) => gone.has(need))) ?? [];
        const unsure = new Set(diagnosis.unsure.map((one) => one.check));
        expect(
          needing.map((one) => one.id).filter((one) => !unsure.has(one)),
          `${id} without "${right}"`,
        ).toEqual([]);
      }
      said[right] = sayers;
    }
    // What a template refers to is looked up one by one, and only what a pod waits for is told: here nothing waits for these.
    expect(Object.entries(said).filter(([, sayers]) => sayers.length === 0)).toEqual([['get serviceaccounts', []]]);
  });

  /** The rights that these requests needed, in the words of RBAC. */
  function usedSince(since: Date): Set<string> {
    const asked = cluster.plane.requests(region, { user: 'sweeper', since }).filter((one) => one.status < 300);
    return new Set(asked.map(rightOf).filter((one) => reading.includes(one)));
  }
});

const ruleOf = (right: string): string => {
  const [verb = '', resource = ''] = right.split(' ', 2);
  return ruleFor({ verb, resource });
};

/** `get /apis/apps/v1/namespaces/ml-platform/deployments/served` → "get deployments.apps". */
function rightOf({ verb, uri }: { readonly verb: string; readonly uri: string }): string {
  const parts = new URL(uri, 'http://x').pathname.split('/').slice(1);
  const group = parts[0] === 'apis' ? (parts[1] ?? '') : '';
  const rest = parts.slice(parts[0] === 'apis' ? 3 : 2);
  const [resource = '', , subresource] = rest[0] === 'namespaces' ? rest.slice(2) : rest;
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** The summary and the evidence, as they stand in the thread. */
function threadOf(diagnosis: RegionDiagnosis): string {
  return `${summaryOf(diagnosis)}\n${text(renderEvidence(diagnosis))}`;
}

function summaryOf(diagnosis: RegionDiagnosis): string {
  const story = new Story();
  story.seen = (where) => ({ ...diagnosis, region: where });
  story.ask();
  story.run();
  return text(shown(story));
}

function ruleOfRight(right: string): { apiGroups: string[]; resources: string[]; verbs: string[] } {
  const [verb = '', whole = ''] = right.split(' ', 2);
  const { resource, group, subresource } = partsOf(whole);
  const named = subresource === '' ? resource : `${resource}/${subresource}`;
  return { apiGroups: [group], resources: [named], verbs: [verb] };
}
