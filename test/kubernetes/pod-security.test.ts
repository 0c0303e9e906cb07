import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusedByStandard } from '../../src/core/pod-security.ts';
import { startControlPlane, type ControlPlane } from '../peers/control-plane.ts';
import { need } from '../peers/need.ts';

/** What is computed, beside what a real API server's admission says to the same pod. */

type Context = Readonly<Record<string, unknown>>;
const fine = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const pod = (
  context: Context = {},
  spec: Context = {},
  container: Context = {},
  annotations: Record<string, string> = {},
) => ({
  metadata: { annotations },
  spec: { containers: [{ name: 'server', image: 'a:1', ...container, securityContext: context }], ...spec },
});
const probe = (host: string): Context => ({ livenessProbe: { tcpSocket: { port: 80, host } } });
const linux = (context: Context): Context => ({ ...fine, ...context });

const pods: Readonly<Record<string, ReturnType<typeof pod>>> = {
  plain: pod(),
  'as restricted wants it': pod(fine),
  privileged: pod({ privileged: true }),
  'host network': pod(fine, { hostNetwork: true }),
  'host pid': pod(fine, { hostPID: true }),
  'host ipc': pod(fine, { hostIPC: true }),
  'a common capability': pod(linux({ capabilities: { add: ['CHOWN'], drop: ['ALL'] } })),
  'the one that restricted lets through': pod(linux({ capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] } })),
  'a rare capability': pod(linux({ capabilities: { add: ['SYS_ADMIN'], drop: ['ALL'] } })),
  'a path of the host': pod(fine, { volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
  nfs: pod(fine, { volumes: [{ name: 'v', nfs: { path: '/', server: 'x' } }] }),
  'an emptyDir': pod(fine, { volumes: [{ name: 'v', emptyDir: {} }] }),
  'an image volume': pod(fine, { volumes: [{ name: 'v', image: { reference: 'a:1' } }] }),
  'a host port': pod(fine, {}, { ports: [{ containerPort: 80, hostPort: 80 }] }),
  'a probe of another host': pod(fine, {}, probe('10.0.0.1')),
  'a probe of itself by address': pod(fine, {}, probe('127.0.0.1')),
  'AppArmor off': pod(linux({ appArmorProfile: { type: 'Unconfined' } })),
  'AppArmor as usual': pod(linux({ appArmorProfile: { type: 'RuntimeDefault' } })),
  'an SELinux user': pod(linux({ seLinuxOptions: { user: 'x' } })),
  'an SELinux type of its own': pod(linux({ seLinuxOptions: { type: 'spc_t' } })),
  'an engine': pod(linux({ seLinuxOptions: { type: 'container_engine_t' } })),
  'no seccomp': pod(linux({ seccompProfile: { type: 'Unconfined' } })),
  'seccomp left out': pod({ ...fine, seccompProfile: null }),
  'seccomp of the pod': pod(
    { ...fine, seccompProfile: null },
    { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
  ),
  'no seccomp of the pod': pod(fine, { securityContext: { seccompProfile: { type: 'Unconfined' } } }),
  'a safe sysctl': pod(fine, { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] } }),
  'a sysctl': pod(fine, { securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] } }),
  'root by number': pod(linux({ runAsUser: 0 })),
  'root by the pod': pod(fine, { securityContext: { runAsUser: 0 } }),
  'non-root by the pod': pod({ ...fine, runAsNonRoot: null }, { securityContext: { runAsNonRoot: true } }),
  'root may be': pod({ ...fine, runAsNonRoot: null }),
  'root in one container': pod(linux({ runAsNonRoot: false }), { securityContext: { runAsNonRoot: true } }),
  'the pod may be root, its container not': pod(fine, { securityContext: { runAsNonRoot: false } }),
  'may gain privileges': pod(linux({ allowPrivilegeEscalation: true })),
  'keeps capabilities': pod(linux({ capabilities: {} })),
  'an init container without any': pod(fine, { initContainers: [{ name: 'first', image: 'a:1' }] }),
};

const levels = [
  ['baseline', 'latest', 36],
  ['restricted', 'latest', 36],
  ['restricted', 'v1.28', 28],
  ['baseline', 'v1.33', 33],
] as const;

need('control-plane')('pod security: what the server would say', { timeout: 60_000 }, () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane({ regions: ['eu-west-1'], users: [] });
    for (const [level, version] of levels) {
      await plane.region('eu-west-1').createNamespace(nameOf(level, version), {
        'pod-security.kubernetes.io/enforce': level,
        'pod-security.kubernetes.io/enforce-version': version,
      });
    }
  }, 60_000);
  afterAll(() => plane.stop());

  const nameOf = (level: string, version: string): string => `${level}-${version.replace('.', '-')}`;

  /** Null: taken. */
  async function said(namespace: string, of: ReturnType<typeof pod>): Promise<string | null> {
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
    try {
      await plane.region('eu-west-1').admin.post(path, { ...of, metadata: { ...of.metadata, name: 'x' } });
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  test.each(levels)('%s %s', async (level, version, minor) => {
    const differ: Record<string, unknown> = {};
    for (const [name, one] of Object.entries(pods)) {
      const theirs = await said(nameOf(level, version), one);
      if (theirs !== null && !theirs.includes('violates PodSecurity')) throw new Error(`${name}: ${theirs}`);
      const ours = refusedByStandard(one, level, minor);
      if ((theirs !== null) !== ours.length > 0) differ[name] = { theirs, ours };
    }
    expect(differ).toEqual({});
  });
});
