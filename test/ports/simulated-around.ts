import type { CustomItem, Other } from '../../src/sandbox/platform/around/model.ts';
import { uidOf } from '../../src/sandbox/platform/random.ts';
import type { Cluster } from '../../src/sandbox/platform/state.ts';
import { container, template } from '../../src/sandbox/platform/template.ts';
import type { AroundVerbs } from './real-around.ts';

export type Change = (what: string, run: (cluster: Cluster, at: number) => void) => Promise<void>;

/** What stands around deployments in the simulation. */
export function simulatedAround(change: Change, namespace: string, image: string): AroundVerbs {
  return {
    service: (name, deployment) =>
      change('service', ({ around }) => {
        const ports = [{ name: 'http', port: 80, target: '8080' }];
        const selector = { app: deployment };
        around.services.push({ namespace, name, type: 'ClusterIP', headless: false, selector, ports, ingress: [] });
      }),
    budget: (name, deployment, minAvailable) =>
      change('budget', ({ around }) => {
        around.budgets.push({ namespace, name, labels: { app: deployment }, minAvailable });
      }),
    removeBudget: (name) =>
      change('budget', ({ around }) => {
        around.budgets.splice(
          around.budgets.findIndex((one) => one.namespace === namespace && one.name === name),
          1,
        );
      }),
    policy: (name, deployment) =>
      change('policy', ({ around }) => {
        const ingress = ['from pods app=gateway to :8080'];
        around.policies.push({
          namespace,
          name,
          selector: `app=${deployment}`,
          types: ['Ingress'],
          ingress,
          egress: [],
        });
      }),
    claim: (name) =>
      change('claim', ({ around }) => {
        const modes = ['ReadWriteOnce'];
        const rest = { storageClass: 'absent', volume: '', size: '1Gi', modes, zones: [] };
        around.claims.push({ namespace, name, phase: 'Pending', ...rest });
      }),
    storageClass: (name, binds) =>
      change('storage class', ({ around }) => {
        around.storageClasses.push({ name, provisioner: 'test/none', binds, isDefault: false });
      }),
    enforce: (level) =>
      change('pod security', ({ podSecurity }) => {
        if (level === null) podSecurity.delete(namespace);
        else podSecurity.set(namespace, level);
      }),
    goingNamespace: (name) =>
      change('a namespace goes', ({ around }, at) => {
        around.going.set(name, { since: at, waitsFor: ['Some content in the namespace has finalizers remaining'] });
      }),
    statefulSet: (name, replicas, partition) =>
      change('stateful set', (cluster, at) => {
        const uid = uidOf(cluster.seed, cluster.region, 'StatefulSet', name);
        const of = template([container('main', image)], { labels: { app: name } });
        const other: Other = {
          kind: 'StatefulSet',
          namespace,
          name,
          uid,
          createdAt: at,
          replicas,
          template: of,
          partition,
          failed: 0,
        };
        cluster.around.others.push(other);
        cluster.dirty = true;
      }),
    without: async (_, right, run) => {
      await change('a right', ({ around }) => void around.denied.add(right));
      try {
        await run();
      } finally {
        await change('a right', ({ around }) => void around.denied.delete(right));
      }
    },
    scaledObject: (name, deployment, min, max) =>
      change('scaled object', ({ around, seed, region, now }) => {
        const spec = { scaleTargetRef: { name: deployment }, minReplicaCount: min, maxReplicaCount: max, triggers: [] };
        const uid = uidOf(seed, region, 'ScaledObject', name);
        const holders = [{ manager: 'kubectl-create', at: now, fields: Object.keys(spec).toSorted() }];
        const item: CustomItem = {
          namespace,
          name,
          uid,
          labels: {},
          spec,
          madeAt: now,
          holders,
          fence: null,
          resourceVersion: 1,
        };
        around.custom.set('ScaledObject', [...(around.custom.get('ScaledObject') ?? []), item]);
      }),
  };
}
