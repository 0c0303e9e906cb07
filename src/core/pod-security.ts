import { z } from 'zod';

/**
 * What the Pod Security Standards refuse: https://kubernetes.io/docs/concepts/security/pod-security-standards/, with the versions of its checks in
 * k8s.io/pod-security-admission/policy. They act on pods, so that a Deployment's dry run passes all of it. A user namespace (`hostUsers: false`)
 * relaxes some checks on some servers: those are then left out, as a refusal that does not come must not be told.
 */

export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** The newest Kubernetes 1.x whose standards are written down here. */
export const newestStandard = 36;

/** "latest" or "v1.29" as the namespace says it → the minor version that counts; null: it cannot be read. `server`: the server's own minor version. */
export function minorOf(version: string, server: number): number | null {
  if (version === 'latest' || version === '') return server;
  const minor = /^v1\.(\d{1,3})$/.exec(version)?.[1];
  return minor === undefined ? null : Number(minor);
}

const lax = z.unknown();
const options = z
  .object({ type: z.string().nullish(), user: z.string().nullish(), role: z.string().nullish() })
  .nullish();
const profile = z.object({ type: z.string().nullish() }).nullish();
const windows = z.object({ hostProcess: z.boolean().nullish() }).nullish();
const both = {
  seLinuxOptions: options,
  seccompProfile: profile,
  appArmorProfile: profile,
  windowsOptions: windows,
  runAsNonRoot: z.boolean().nullish(),
  runAsUser: z.number().nullish(),
};
const asks = z
  .object({
    httpGet: z.object({ host: z.string().nullish() }).nullish(),
    tcpSocket: z.object({ host: z.string().nullish() }).nullish(),
  })
  .nullish();
const container = z.object({
  name: z.string(),
  ports: z.array(z.object({ hostPort: z.number().nullish() })).nullish(),
  livenessProbe: asks,
  readinessProbe: asks,
  startupProbe: asks,
  lifecycle: z.object({ postStart: asks, preStop: asks }).nullish(),
  securityContext: z
    .object({
      ...both,
      privileged: z.boolean().nullish(),
      allowPrivilegeEscalation: z.boolean().nullish(),
      procMount: z.string().nullish(),
      capabilities: z.object({ add: z.array(z.string()).nullish(), drop: z.array(z.string()).nullish() }).nullish(),
    })
    .nullish(),
});
const shape = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).nullish() }).nullish(),
  spec: z.object({
    os: z.object({ name: z.string().nullish() }).nullish(),
    hostNetwork: z.boolean().nullish(),
    hostPID: z.boolean().nullish(),
    hostIPC: z.boolean().nullish(),
    hostUsers: z.boolean().nullish(),
    securityContext: z.object({ ...both, sysctls: z.array(z.object({ name: z.string() })).nullish() }).nullish(),
    volumes: z.array(z.looseObject({ name: z.string(), hostPath: lax.optional() })).nullish(),
    containers: z.array(container),
    initContainers: z.array(container).nullish(),
  }),
});
type Pod = z.infer<typeof shape>;
type Container = z.infer<typeof container>;

interface Judged {
  readonly pod: Pod;
  readonly spec: Pod['spec'];
  readonly all: readonly Container[];
  readonly minor: number;
}
type Check = (of: Judged) => readonly string[];

/** Why a pod of this template (as the API gives it: metadata and spec) would be refused, one line each; none: it would be taken. Throws when it is no pod template. */
export function refusedByStandard(template: unknown, level: PodSecurityLevel, minor: number): readonly string[] {
  if (level === 'privileged') return [];
  const pod = shape.parse(template);
  const of = { pod, spec: pod.spec, all: [...(pod.spec.initContainers ?? []), ...pod.spec.containers], minor };
  return (level === 'baseline' ? baseline : [...baseline, ...restricted]).flatMap((check) => check(of));
}

/** "container a must not x" for each that does. */
const each =
  (what: string, is: (one: Container, of: Judged) => boolean): Check =>
  (of) =>
    of.all.filter((one) => is(one, of)).map((one) => `container ${one.name} ${what}`);

/** Of the pod and each of its containers. */
function everywhere<V>(
  of: Judged,
  get: (context: NonNullable<Pod['spec']['securityContext']>) => V,
): readonly (readonly [string, V])[] {
  const pod = of.spec.securityContext ? [['the pod', get(of.spec.securityContext)] as const] : [];
  return [
    ...pod,
    ...of.all.flatMap((one) =>
      one.securityContext ? [[`container ${one.name}`, get(one.securityContext)] as const] : [],
    ),
  ];
}

const commonCapabilities = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);

/** Safe sysctls by the version that added them to the list. */
const sysctls: readonly (readonly [from: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];
const seLinuxTypes = (minor: number): readonly string[] => [
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  ...(minor >= 31 ? ['container_engine_t'] : []),
];
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

const baseline: readonly Check[] = [
  ({ spec }) => {
    const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((one) => spec[one] === true);
    return shared.length === 0 ? [] : [`the pod shares the host's namespaces (${shared.join(', ')})`];
  },
  each('is privileged', (one) => one.securityContext?.privileged === true),
  ({ all }) =>
    all.flatMap((one) => {
      const more = (one.securityContext?.capabilities?.add ?? []).filter((name) => !commonCapabilities.has(name));
      return more.length === 0 ? [] : [`container ${one.name} adds capabilities (${more.join(', ')})`];
    }),
  ({ spec }) => {
    const paths = (spec.volumes ?? []).filter((one) => one.hostPath !== undefined && one.hostPath !== null);
    return paths.map((one) => `volume ${one.name} is a path of the host`);
  },
  each('uses a port of the host', (one) => (one.ports ?? []).some(({ hostPort }) => (hostPort ?? 0) !== 0)),
  each('names a host in a probe or lifecycle hook', (one, { minor }) => minor >= 34 && namesHost(one)),
  (of) => {
    const bad = (type: string | null | undefined): boolean =>
      type !== null && type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';
    const fields = everywhere(of, (one) => one.appArmorProfile?.type).filter(([, type]) => bad(type));
    const noted = Object.entries(of.pod.metadata?.annotations ?? {}).filter(
      ([key, value]) =>
        key.startsWith(appArmor) && !['', 'runtime/default'].includes(value) && !value.startsWith('localhost/'),
    );
    return [
      ...fields.map(([where, type]) => `${where} has the AppArmor profile ${type}`),
      ...noted.map(([key, value]) => `container ${key.slice(appArmor.length)} has the AppArmor profile ${value}`),
    ];
  },
  (of) =>
    everywhere(of, (one) => one.seLinuxOptions).flatMap(([where, set]) => {
      const { type, user, role } = set ?? {};
      const isFine = seLinuxTypes(of.minor).includes(type ?? '') && (user ?? '') === '' && (role ?? '') === '';
      return isFine ? [] : [`${where} sets SELinux options`];
    }),
  (of) =>
    of.spec.hostUsers === false
      ? []
      : of.all
          .filter((one) => !['', 'Default'].includes(one.securityContext?.procMount ?? ''))
          .map((one) => `container ${one.name} has another /proc mount`),
  (of) =>
    everywhere(of, (one) => one.seccompProfile?.type)
      .filter(([, type]) => type === 'Unconfined')
      .map(([where]) => `${where} is without seccomp (Unconfined)`),
  ({ spec, minor }) => {
    const safe = new Set(sysctls.flatMap(([from, names]) => (minor >= from ? names : [])));
    const other = (spec.securityContext?.sysctls ?? []).filter(({ name }) => !safe.has(name));
    return other.length === 0 ? [] : [`the pod sets sysctls (${other.map(({ name }) => name).join(', ')})`];
  },
  (of) =>
    everywhere(of, (one) => one.windowsOptions?.hostProcess)
      .filter(([, is]) => is === true)
      .map(([where]) => `${where} is a Windows HostProcess`),
];

function namesHost({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): boolean {
  return [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].some(
    (one) => (one?.httpGet?.host ?? '') !== '' || (one?.tcpSocket?.host ?? '') !== '',
  );
}

/** Checks of what Windows does not have: from 1.25 on not asked of it. */
const isExempt = ({ spec, minor }: Judged): boolean => minor >= 25 && spec.os?.name === 'windows';

const plainVolumes = new Set(
  'configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret image'.split(' '),
);

const restricted: readonly Check[] = [
  ({ spec }) =>
    (spec.volumes ?? []).flatMap(({ name, ...source }) => {
      const kind = Object.keys(source).find((one) => source[one] !== null && source[one] !== undefined);
      // A path of the host is told as such.
      return kind === undefined || plainVolumes.has(kind) || kind === 'hostPath'
        ? []
        : [`volume ${name} is of the kind ${kind}`];
    }),
  (of) =>
    isExempt(of)
      ? []
      : each(
          'may gain privileges (allowPrivilegeEscalation is not false)',
          (one) => one.securityContext?.allowPrivilegeEscalation !== false,
        )(of),
  (of) =>
    isExempt(of)
      ? []
      : of.all.flatMap((one) => {
          const { add, drop } = one.securityContext?.capabilities ?? {};
          const kept = (drop ?? []).includes('ALL') ? [] : [`container ${one.name} does not drop all capabilities`];
          const more = (add ?? []).filter((name) => name !== 'NET_BIND_SERVICE' && commonCapabilities.has(name));
          return more.length === 0 ? kept : [...kept, `container ${one.name} adds capabilities (${more.join(', ')})`];
        }),
  (of) => {
    if (of.spec.hostUsers === false) return [];
    const pod = of.spec.securityContext?.runAsNonRoot ?? null;
    const denied = pod === false ? ['the pod may run as root (runAsNonRoot is false)'] : [];
    const bad = of.all.filter((one) => (one.securityContext?.runAsNonRoot ?? pod) !== true);
    return denied.length > 0 && bad.length === of.all.length
      ? denied
      : [...denied, ...bad.map((one) => `container ${one.name} may run as root (runAsNonRoot is not true)`)];
  },
  (of) =>
    of.spec.hostUsers === false || of.minor < 23
      ? []
      : everywhere(of, (one) => one.runAsUser)
          .filter(([, user]) => user === 0)
          .map(([where]) => `${where} runs as root (runAsUser is 0)`),
  (of) => {
    if (isExempt(of)) return [];
    const isSet = (type: string | null | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost';
    const pod = of.spec.securityContext?.seccompProfile?.type;
    return of.all
      .filter((one) => {
        const own = one.securityContext?.seccompProfile?.type ?? null;
        // Unconfined is told by the baseline.
        return own === null ? !isSet(pod) && pod !== 'Unconfined' : !isSet(own) && own !== 'Unconfined';
      })
      .map((one) => `container ${one.name} has no seccomp profile (RuntimeDefault or Localhost)`);
  },
];
