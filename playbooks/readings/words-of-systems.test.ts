import { describe, expect, test } from 'vitest';
import { exitMeaning, probeAnswer } from './endings.ts';
import { missingInMessage, missingKeyOfVolume } from './missing.ts';
import { mainHindrance, placingOf } from './placing.ts';
import { pullTroubleIn, registryOf, shortImage, tagOf } from './pull.ts';
import { amount, quantity } from './quantity.ts';
import { refusalIn } from './refusal.ts';

/** Words of kubelets, runtimes, registries, schedulers and API servers, and what they mean. */

test.each([
  ['missing', 'manifest for registry.test/app:v9 not found: manifest unknown: manifest unknown'],
  ['missing', 'rpc error: code = NotFound desc = failed to resolve reference "r/app:v9": r/app:v9: not found'],
  ['missing', 'failed to resolve reference "x": unexpected status from HEAD request to https://r/v2/: 404 Not Found'],
  ['architecture', 'no matching manifest for linux/arm64/v8 in the manifest list entries'],
  ['architecture', 'no match for platform in manifest: not found'],
  [
    'either',
    "pull access denied for app, repository does not exist or may require 'docker login': denied: requested access",
  ],
  ['not authorised', 'no basic auth credentials'],
  ['not authorised', 'failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized'],
  [
    'not authorised',
    'unexpected status from HEAD request to https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/a/manifests/v1: 403 Forbidden',
  ],
  ['limit', 'toomanyrequests: You have reached your pull rate limit'],
  ['unreachable', 'dial tcp: lookup registry.test on 10.0.0.2:53: no such host'],
  ['unreachable', 'dial tcp 10.1.2.3:443: i/o timeout'],
  ['certificate', 'tls: failed to verify certificate: x509: certificate signed by unknown authority'],
  ['disk full', 'failed to extract layer: write /var/lib/x: no space left on device'],
  ['server error', 'unexpected status from GET request: 502 Bad Gateway'],
  [null, 'Back-off pulling image "registry.test/app:v9"'],
] as const)('a pull that fails: %s', (is, said) => {
  expect(pullTroubleIn(said)).toBe(is);
});

test('image names', () => {
  expect(shortImage('1.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1')).toBe('app:v1');
  expect(tagOf('localhost:5000/app')).toBe('latest');
  expect(tagOf(`r.test/app@sha256:${'ab'.repeat(32)}`)).toBe('abababababab');
  expect(registryOf('acme/app:v1')).toBe('docker.io');
  expect(registryOf('localhost:5000/app')).toBe('localhost:5000');
});

describe('what is missing', () => {
  test.each([
    ['secret "s" not found', { kind: 'Secret', name: 's', key: '' }],
    ['MountVolume.SetUp failed for volume "v" : configmap "c" not found', { kind: 'ConfigMap', name: 'c', key: '' }],
    ["couldn't find key k in ConfigMap ns/c", { kind: 'ConfigMap', name: 'c', key: 'k' }],
    ['object "ns"/"s" not registered', null],
  ])('%s', (said, is) => {
    expect(missingInMessage(said)).toEqual(is);
  });
  test('a key of a volume', () => {
    const said = 'MountVolume.SetUp failed for volume "v" : references non-existent secret key: tls.key';
    expect(missingKeyOfVolume(said)).toEqual({ volume: 'v', key: 'tls.key' });
  });
});

test.each([
  [
    'room',
    "0/6 nodes are available: 2 node(s) didn't match Pod's node affinity/selector, 4 Insufficient nvidia.com/gpu. preemption: 0/6 nodes are available: 6 No preemption victims found.",
  ],
  ['taint', "0/3 nodes are available: 3 node(s) had taint {dedicated: training}, that the pod didn't tolerate."],
  [
    'taint',
    '0/3 nodes are available: 3 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
  ],
  ['max pods', '0/3 nodes are available: 3 Too many pods.'],
  [
    'volume',
    '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful.',
  ],
  ['volume', 'persistentvolumeclaim "weights" not found'],
  ['cordoned', '0/2 nodes are available: 2 node(s) were unschedulable.'],
] as const)('no place: %s', (is, said) => {
  const placing = placingOf(said);
  expect(placing === null ? null : mainHindrance(placing)?.is).toBe(is);
});

test('the GPU comes before what is short beside it', () => {
  const placing = placingOf('0/4 nodes are available: 4 Insufficient cpu, 4 Insufficient nvidia.com/gpu.');
  expect(placing && mainHindrance(placing)).toEqual({ is: 'room', resource: 'nvidia.com/gpu', nodes: 4 });
});

test.each([
  ['quota', 'pods "a" is forbidden: exceeded quota: q, requested: cpu=1, used: cpu=9, limited: cpu=9'],
  ['quota wants', 'pods "a" is forbidden: failed quota: q: must specify limits.cpu for: server'],
  [
    'limit range',
    'pods "a" is forbidden: [maximum cpu usage per Container is 2, but limit is 4, maximum memory usage per Container is 8Gi, but limit is 16Gi]',
  ],
  ['pod security', 'pods "a" is forbidden: violates PodSecurity "restricted:latest": privileged'],
  ['webhook denies', 'admission webhook "w" denied the request: no'],
  ['webhook down', 'Internal error occurred: failed calling webhook "w": connection refused'],
  ['service account', 'pods "a" is forbidden: error looking up service account ns/sa: serviceaccount "sa" not found'],
  ['other', 'pods "a" is forbidden: no PriorityClass with name p was found'],
] as const)('refused: %s', (is, said) => {
  expect(refusalIn(said).is).toBe(is);
});

test('quantities', () => {
  expect(['500m', '2', '16Gi', '1.5G', 'x', ''].map(quantity)).toEqual([0.5, 2, 16 * 2 ** 30, 1.5e9, null, null]);
  expect(amount('memory', 1.5 * 2 ** 30)).toBe('1.5 GiB');
});

test('exit codes and probe answers', () => {
  expect(exitMeaning(137)).toContain('SIGKILL');
  expect(exitMeaning(136)).toBe('killed by signal 8');
  expect(exitMeaning(3)).toContain('application');
  expect(probeAnswer('Readiness probe failed: HTTP probe failed with statuscode: 503')).toBe('status 503');
  expect(probeAnswer('Liveness probe failed: cat: /ready: No such file or directory')).toBe(
    'cat: /ready: No such file or directory',
  );
});
