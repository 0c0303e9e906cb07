import { expect, test } from 'vitest';
import { minorOf, refusedByStandard } from './pod-security.ts';

/** Which pods are refused is held against a real server (test/kubernetes/pod-security.test.ts); here: what is said of them. */

const plain = { spec: { containers: [{ name: 'server' }] } };

test('each reason is one line that names the container', () => {
  expect(refusedByStandard(plain, 'restricted', 36)).toEqual([
    'container server may gain privileges (allowPrivilegeEscalation is not false)',
    'container server does not drop all capabilities',
    'container server may run as root (runAsNonRoot is not true)',
    'container server has no seccomp profile (RuntimeDefault or Localhost)',
  ]);
  expect(refusedByStandard(plain, 'baseline', 36)).toEqual([]);
  const privileged = {
    spec: { hostNetwork: true, containers: [{ name: 'server', securityContext: { privileged: true } }] },
  };
  expect(refusedByStandard(privileged, 'baseline', 36)).toEqual([
    "the pod shares the host's namespaces (hostNetwork)",
    'container server is privileged',
  ]);
  expect(refusedByStandard(privileged, 'privileged', 36)).toEqual([]);
});

test('a check holds from the version on that added it, and a user namespace relaxes some', () => {
  const probe = { spec: { containers: [{ name: 'server', readinessProbe: { httpGet: { host: 'other' } } }] } };
  expect(refusedByStandard(probe, 'baseline', 33)).toEqual([]);
  expect(refusedByStandard(probe, 'baseline', 34)).toEqual([
    'container server names a host in a probe or lifecycle hook',
  ]);
  const own = { spec: { ...plain.spec, hostUsers: false } };
  expect(refusedByStandard(own, 'restricted', 36).join()).not.toContain('root');
});

test('the version that counts', () => {
  expect([
    minorOf('latest', 34),
    minorOf('', 34),
    minorOf('v1.29', 34),
    minorOf('1.29', 34),
    minorOf('v2.0', 34),
  ]).toEqual([34, 34, 29, null, null]);
});
