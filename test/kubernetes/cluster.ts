import { Failure } from '../../src/core/failure.ts';
import { kubernetesRegions, type KubernetesRegion } from '../../src/adapters/kubernetes/regions.ts';
import type { Deployment, DeploymentExpectation } from '../../src/core/ports/kubernetes.ts';
import type { Attempt } from '../../src/core/ports/platform.ts';
import { startControlPlane, type ControlPlane, type Region } from '../peers/control-plane.ts';
import { startKubelet, type Kubelet } from '../peers/kubelet.ts';
import { startKwok, type Kwok } from '../peers/kwok.ts';
import { until } from '../peers/until.ts';
import { grant } from '../ports/deploy-roles.ts';

export const namespace = 'ml-platform';
export const name = 'eu-west-1';
export const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
export const limit = (): AbortSignal => AbortSignal.timeout(20_000);
export const of = (deployment: string): { namespace: string; name: string } => ({ namespace, name: deployment });
export const seen = ({ uid, templateDigest, paused }: Deployment): DeploymentExpectation => ({
  uid,
  templateDigest,
  paused,
});
export const attempt = (fence: string): Attempt => ({ fence, notAfter: new Date(Date.now() + 30_000).toISOString() });

export async function failure(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('expected a Failure, but it succeeded');
}

/**
 * A real control plane with the adapter as several users: `watcher` has the read role of deploy/, `roller` that and the rollback role,
 * `nobody` has no right, `admin` all; what `sweeper` and `fixer` have is for the test to say.
 */
export class Cluster {
  readonly plane: ControlPlane;
  readonly region: Region;
  readonly kubelet: Kubelet;
  readonly kwok: Kwok;
  readonly #made = new Set<string>();
  readonly #users: ReadonlyMap<string, KubernetesRegion>;

  static async start({ nodes = 1, gpus = 0 } = {}): Promise<Cluster> {
    const plane = await startControlPlane({
      regions: [name],
      users: ['watcher', 'roller', 'nobody', 'sweeper', 'fixer'],
      auditLog: true,
    });
    const region = plane.region(name);
    const kwok = await startKwok(region, plane.kubeconfig('admin'));
    const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);
    const kubelet = await startKubelet(region, {
      nodes: names.map((each) => ({ name: each, pods: 500, gpus })),
      execPort: kwok.port,
    });
    await region.createNamespace(namespace);
    await region.createNamespace('elsewhere');
    await grant(region, ['read.yaml', 'read-cluster.yaml'], 'watcher', namespace);
    await grant(region, ['read.yaml', 'read-cluster.yaml', 'remedy-rollback.yaml'], 'roller', namespace);
    return new Cluster({ plane, region, kubelet, kwok });
  }

  constructor({ plane, region, kubelet, kwok }: Pick<Cluster, 'plane' | 'region' | 'kubelet' | 'kwok'>) {
    this.plane = plane;
    this.region = region;
    this.kubelet = kubelet;
    this.kwok = kwok;
    const users = new Map<string, KubernetesRegion>();
    for (const user of ['watcher', 'roller', 'nobody', 'sweeper', 'fixer', 'admin'])
      users.set(user, this.connect(user));
    this.#users = users;
  }

  as(user: string): KubernetesRegion {
    const found = this.#users.get(user);
    if (found === undefined) throw new Error(`no user ${user}`);
    return found;
  }

  /** A connection of its own, which the caller closes. */
  connect(user: string, limitMs = 10_000): KubernetesRegion {
    const credentials = { kubeconfigPath: this.plane.kubeconfig(user) };
    const [made] = kubernetesRegions({ credentials, regions: [{ name }], limitMs }).values();
    if (made === undefined) throw new Error('no region');
    return made;
  }

  async namespaceOnce(where: string, labels: Readonly<Record<string, string>>): Promise<void> {
    if (this.#made.has(where)) return;
    this.#made.add(where);
    await this.region.createNamespace(where, labels);
  }

  /** Deploys one pod of v1 (with `more` in its container) and gives what the adapter sees once it is available. */
  async deployed(deployment: string, more: object = {}): Promise<Deployment> {
    const labels = { app: deployment };
    const container = { name: 'serve', image: 'registry.test/app:v1', ...more };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    await this.region.admin.post(deployments, {
      metadata: { name: deployment },
      spec: { replicas: 1, selector: { matchLabels: labels }, template },
    });
    return this.settled(deployment);
  }

  settled(deployment: string): Promise<Deployment> {
    return until(`${deployment} is available`, async () => {
      const now = await this.as('admin').read(limit()).deployment(of(deployment));
      return now?.observedGeneration === now?.generation && now?.replicas.available === 1 ? now : undefined;
    });
  }

  /** Everything that a user may do in a namespace, as the server itself says: "list pods". What everybody may do is left out. */
  async rulesOf(user: string, where: string): Promise<readonly string[]> {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: where },
    };
    const said = await this.plane.kubectl(['create', '--validate=false', '-o', 'json', '-f', '-'], {
      user,
      stdin: review,
    });
    const { status } = JSON.parse(said.stdout) as {
      status: { resourceRules: { verbs: string[]; apiGroups: string[]; resources: string[] }[] };
    };
    const rules = status.resourceRules.flatMap(({ verbs, apiGroups, resources }) =>
      verbs.flatMap((verb) =>
        resources.flatMap((resource) =>
          apiGroups.map((group) => `${verb} ${resource}${group === '' ? '' : `.${group}`}`),
        ),
      ),
    );
    return [...new Set(rules)].filter((rule) => !rule.startsWith('create selfsubject')).sort();
  }

  async stop(): Promise<void> {
    for (const one of this.#users.values()) await one.close();
    await this.kubelet.stop();
    await this.kwok.stop();
    await this.plane.stop();
  }
}
