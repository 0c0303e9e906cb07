import { afterEach, expect, test } from 'vitest';
import type { Owner } from '../../src/core/ports/kubernetes.ts';
import { answer, fakeApi, status, type FakeApi } from './fake-api.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

const of = { namespace: 'ml-platform', name: 'model-server' };
const groups = ['argoproj.io', 'flagger.app', 'kustomize.toolkit.fluxcd.io', 'helm.toolkit.fluxcd.io'].map((name) => ({
  name,
  preferredVersion: { version: 'v1beta9' },
}));
const applications = '/apis/argoproj.io/v1beta9/namespaces/argocd/applications/shop';
const canaries = '/apis/flagger.app/v1beta9/namespaces/ml-platform/canaries';
const kustomizations = '/apis/kustomize.toolkit.fluxcd.io/v1beta9/namespaces/flux-system/kustomizations/apps';
const releases = '/apis/helm.toolkit.fluxcd.io/v1beta9/namespaces/flux-system/helmreleases/model';

/** What the adapter says of a deployment with these marks, where the cluster holds these objects and refuses every other. */
async function ownerOf(
  metadata: object,
  objects: Readonly<Record<string, object>> = {},
  served = groups,
): Promise<Owner | undefined> {
  api = await fakeApi((_, response, path) => {
    const [at = ''] = path.split('?');
    const found = objects[at];
    if (at.endsWith('/deployments/model-server')) {
      const template = { spec: { containers: [{ name: 'main', image: 'a:1' }] } };
      const spec = { selector: { matchLabels: { app: 'x' } }, template };
      answer(response, 200, { metadata: { ...of, uid: 'u1', ...metadata }, spec });
    } else if (at === '/apis') answer(response, 200, { groups: served });
    else if (found === undefined) answer(response, 403, status(403, 'forbidden'));
    else answer(response, 200, found);
  });
  const found = await api.region.read(AbortSignal.timeout(5000)).deployment(of);
  return found?.owner;
}

const argo = { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:ml-platform/model-server' } };
const flux = {
  labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
};
const release = {
  labels: { 'helm.toolkit.fluxcd.io/name': 'model', 'helm.toolkit.fluxcd.io/namespace': 'flux-system' },
};

test.each<[string, object, Record<string, object>, Owner]>([
  ['nobody', {}, {}, { kind: 'none', name: '', reverts: 'no' }],
  [
    'Argo CD with selfHeal',
    argo,
    { [applications]: { spec: { syncPolicy: { automated: { selfHeal: true } } } } },
    { kind: 'argo-cd', name: 'shop', reverts: 'at once' },
  ],
  [
    'Argo CD, automated without selfHeal',
    argo,
    { [applications]: { spec: { syncPolicy: { automated: { prune: true } } } } },
    { kind: 'argo-cd', name: 'shop', reverts: 'at its next deploy' },
  ],
  [
    'Argo CD, by hand',
    argo,
    { [applications]: { spec: {} } },
    { kind: 'argo-cd', name: 'shop', reverts: 'at its next deploy' },
  ],
  ['Argo CD whose Application cannot be read', argo, {}, { kind: 'argo-cd', name: 'shop', reverts: 'not known' }],
  [
    'Argo CD by its old label, seen in the managed fields',
    {
      labels: { 'app.kubernetes.io/instance': 'shop' },
      managedFields: [{ manager: 'argocd-controller', time: '2026-01-01T00:00:00Z' }],
    },
    {},
    { kind: 'argo-cd', name: 'shop', reverts: 'not known' },
  ],
  [
    'a Flux Kustomization',
    flux,
    { [kustomizations]: { spec: {} } },
    { kind: 'flux-kustomization', name: 'apps', reverts: 'at its next interval' },
  ],
  [
    'a suspended Flux Kustomization',
    flux,
    { [kustomizations]: { spec: { suspend: true } } },
    { kind: 'flux-kustomization', name: 'apps', reverts: 'at its next deploy' },
  ],
  [
    'a Flux Kustomization that leaves this object alone',
    { ...flux, annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' } },
    {},
    { kind: 'flux-kustomization', name: 'apps', reverts: 'no' },
  ],
  [
    'a HelmRelease',
    release,
    { [releases]: { spec: {} } },
    { kind: 'flux-helm', name: 'model', reverts: 'at its next deploy' },
  ],
  [
    'a HelmRelease that corrects drift',
    release,
    { [releases]: { spec: { driftDetection: { mode: 'enabled' } } } },
    { kind: 'flux-helm', name: 'model', reverts: 'at its next interval' },
  ],
  ['a HelmRelease that cannot be read', release, {}, { kind: 'flux-helm', name: 'model', reverts: 'not known' }],
  [
    'plain Helm',
    { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': 'model' } },
    {},
    { kind: 'helm', name: 'model', reverts: 'at its next deploy' },
  ],
  [
    'a Canary that points at it',
    {},
    {
      [canaries]: {
        items: [{ metadata: { name: 'model' }, spec: { targetRef: { kind: 'Deployment', name: 'model-server' } } }],
      },
    },
    { kind: 'flagger', name: 'Canary/model', reverts: 'at once' },
  ],
  [
    'an operator',
    {
      ownerReferences: [
        {
          apiVersion: 'serving.kserve.io/v1beta1',
          kind: 'InferenceService',
          name: 'model',
          uid: 'x',
          controller: true,
        },
      ],
    },
    {},
    { kind: 'controller', name: 'InferenceService/model', reverts: 'at once' },
  ],
])('%s', async (_, metadata, objects, owner) => {
  expect(await ownerOf(metadata, objects)).toEqual(owner);
});

test('owners that are not installed are not asked for', async () => {
  await ownerOf({}, {}, []);
  expect(api?.asked.map((one) => one.split('?')[0])).toEqual([
    'GET /apis/apps/v1/namespaces/ml-platform/deployments/model-server',
    'GET /apis',
  ]);
});
