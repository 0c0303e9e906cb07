import { stopPod } from '../kubelet.ts';
import { servingProgram } from '../seed-templates.ts';
import { touch } from '../records.ts';
import { deployTemplate, putObject } from '../write.ts';
import { withContainer } from '../template.ts';
import type { Cluster, SimNode } from '../state.ts';
import { inNamespace, modelServer, pushImage, release, repairedRelease, theModel, type Fault } from './fault.ts';
import { setSchedulable } from '../node-life.ts';

/** Faults of nodes, controllers and what is around a deployment; and what is no fault at all. */
const gpuNodes = (cluster: Cluster): SimNode[] => cluster.nodes.filter((node) => node.labels['mlp/pool'] === 'gpu');

export const nodeFaults: readonly Fault[] = [
  {
    id: 'sandbox-failing',
    title: 'Pod sandbox cannot be made',
    group: 'Nodes',
    about: 'New pods stay in Init:0/1: the subnet has no free address (FailedCreatePodSandBox)',
    cause: 'sandbox',
    rollback: 'does not help',
    minutesAgo: 26,
    inject(cluster, at) {
      for (const node of gpuNodes(cluster)) {
        node.sandboxFailure =
          'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container';
      }
      release(cluster, at);
    },
    heal: {
      title: 'Free addresses in the subnet',
      run(cluster) {
        for (const node of cluster.nodes) node.sandboxFailure = null;
      },
    },
  },
  {
    id: 'node-gone',
    title: 'Two GPU nodes gone',
    group: 'Nodes',
    about: 'Two nodes silent (NotReady); their pods Terminating for ever; the rest has no GPUs for all of them',
    cause: 'node-gone',
    rollback: 'nothing to roll back',
    minutesAgo: 26,
    inject(cluster) {
      for (const node of gpuNodes(cluster).slice(0, 2)) node.reports = false;
    },
    heal: {
      title: 'Start the nodes again',
      run(cluster) {
        for (const node of cluster.nodes) node.reports = true;
      },
    },
  },
];

/** What many workloads of a region feel at once. */
export const regionFaults: readonly Fault[] = [
  {
    id: 'all-nodes-gone',
    title: 'The region loses all its nodes',
    group: 'Region',
    about:
      'Every node of the region falls silent within seconds; its pods stay "Running"; whoever is served there gets errors',
    cause: 'region-lost',
    playbook: 'storm',
    alert: 'KubeNodeNotReady',
    rollback: 'nothing to roll back',
    minutesAgo: 20,
    inject(cluster) {
      for (const node of cluster.nodes) node.reports = false;
    },
    heal: {
      title: 'Start the nodes again',
      run(cluster) {
        for (const node of cluster.nodes) node.reports = true;
      },
    },
  },
];

export const controllerFaults: readonly Fault[] = [
  {
    id: 'paused',
    title: 'Rollout paused and forgotten',
    group: 'Controller',
    about: 'A release waits since somebody ran kubectl rollout pause. No alert says so: ask /mlp diagnose',
    cause: 'paused',
    rollback: 'nothing to roll back',
    minutesAgo: 26,
    inject(cluster, at) {
      const model = theModel(cluster);
      model.paused = true;
      model.generation += 1;
      release(cluster, at);
    },
    heal: {
      title: 'kubectl rollout resume',
      run(cluster) {
        const model = theModel(cluster);
        if (!model.paused) return;
        model.paused = false;
        model.generation += 1;
        touch(cluster, model);
      },
    },
  },
  {
    id: 'controller-not-observing',
    title: 'Controller does not observe',
    group: 'Controller',
    about: 'A release changes nothing: observedGeneration stays behind, the controller manager is down',
    cause: 'controller-not-observing',
    rollback: 'does not help',
    minutesAgo: 26,
    inject(cluster, at) {
      cluster.controllerRuns = false;
      release(cluster, at);
    },
    heal: { title: 'Start the controller manager', run: (cluster) => void (cluster.controllerRuns = true) },
  },
  {
    id: 'no-preview',
    title: 'Webhook without dry run',
    group: 'Controller',
    about: 'Image missing, and a webhook with side effects keeps the server from rehearsing the rollback',
    cause: 'image-missing',
    rollback: 'helps',
    minutesAgo: 26,
    inject(cluster, at) {
      const { namespace, name } = theModel(cluster);
      const message = 'admission webhook "audit.policy.sandbox" does not support dry run';
      cluster.webhooks.push({ on: 'deployments', namespace, name, message, sideEffects: true });
      release(cluster, at, { pull: 'missing' });
    },
    heal: {
      title: 'Push the tag and remove the webhook',
      run(cluster) {
        cluster.webhooks = cluster.webhooks.filter((one) => !one.sideEffects);
        pushImage(cluster);
      },
    },
  },
];

export const aroundFaults: readonly Fault[] = [
  {
    id: 'secret-deleted',
    title: 'Secret deleted, old pods live on',
    group: 'Around it',
    about:
      'Three pods were moved and cannot start again: feature-store-credentials is gone. No release: a rollback would not help',
    cause: 'config-missing',
    rollback: 'does not help',
    minutesAgo: 20,
    inject(cluster, at) {
      cluster.objects.delete(inNamespace('Secret', 'feature-store-credentials'));
      const [node] = gpuNodes(cluster);
      if (node === undefined) return;
      setSchedulable(cluster, node, false, 'kubectl');
      const moved = cluster.pods.filter((pod) => pod.node === node.name && pod.workload === modelServer);
      for (const pod of moved.slice(0, 3)) stopPod(cluster, pod, at);
    },
    heal: {
      title: 'Restore the secret',
      run(cluster, at) {
        putObject(cluster, inNamespace('Secret', 'feature-store-credentials'), ['username', 'password'], at);
        for (const node of cluster.nodes) setSchedulable(cluster, node, true, 'kubectl');
      },
    },
  },
  {
    id: 'release-fails-requests',
    title: 'New version answers with errors',
    group: 'Around it',
    about: 'The rollout completes, then 8 % of the requests fail: HighErrorRate',
    cause: null,
    rollback: 'helps',
    minutesAgo: 26,
    inject: (cluster, at) => release(cluster, at, { program: { ...servingProgram(), errorRatio: 0.08 } }),
    heal: repairedRelease,
  },
  {
    id: 'changed-by-hand',
    title: 'Somebody edits beside the bot',
    group: 'Around it',
    about: 'kubectl edit raises a memory limit now: a plan made before no longer fits',
    cause: null,
    rollback: 'nothing to roll back',
    minutesAgo: 0,
    inject(cluster, at) {
      const model = theModel(cluster);
      const next = withContainer(model.template, modelServer, (one) => ({
        ...one,
        limits: { ...one.limits, memory: '17Gi' },
      }));
      deployTemplate(cluster, model, next, { manager: 'kubectl-edit', cause: null }, at);
    },
    heal: {
      title: 'Take the edit back',
      run(cluster, at) {
        const model = theModel(cluster);
        const next = withContainer(model.template, modelServer, (one) => ({
          ...one,
          limits: { ...one.limits, memory: '16Gi' },
        }));
        deployTemplate(cluster, model, next, { manager: 'kubectl-edit', cause: null }, at);
      },
    },
  },
  {
    id: 'metrics-silent',
    title: 'Metrics are silent',
    group: 'Around it',
    about: 'Prometheus answers with nothing: no data, which is neither zero nor healthy',
    cause: null,
    rollback: 'nothing to roll back',
    minutesAgo: 0,
    inject: (cluster) => void (cluster.metricsAnswer = false),
    heal: { title: 'Start Prometheus again', run: (cluster) => void (cluster.metricsAnswer = true) },
  },
  {
    id: 'little-traffic',
    title: 'Hardly any traffic',
    group: 'Around it',
    about: 'Six requests in five minutes: too few to tell whether users are hurt',
    cause: null,
    rollback: 'nothing to roll back',
    minutesAgo: 10,
    inject(cluster) {
      for (const service of cluster.services) service.requestsPerSecond /= 1500;
    },
    heal: {
      title: 'Traffic comes back',
      run(cluster) {
        for (const service of cluster.services) service.requestsPerSecond *= 1500;
      },
    },
  },
];

export const noFaults: readonly Fault[] = [
  {
    id: 'still-progressing',
    title: 'A release that is only slow',
    group: 'No fault',
    about: 'New pods pull a large image: within the deadline, nothing is wrong',
    cause: null,
    rollback: 'nothing to roll back',
    minutesAgo: 3,
    inject: (cluster, at) => release(cluster, at, { pullSeconds: 400 }),
    heal: { title: 'Nothing to do: wait', run: () => undefined },
  },
  {
    id: 'healthy',
    title: 'A release that works',
    group: 'No fault',
    about: 'All pods ready on the new version: nothing is wrong',
    cause: null,
    rollback: 'nothing to roll back',
    minutesAgo: 15,
    inject: (cluster, at) => release(cluster, at),
    heal: { title: 'Nothing to do', run: () => undefined },
  },
];
