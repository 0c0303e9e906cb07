import { canonical } from '../../src/core/json.ts';
import type { Container, PodTemplate, Revision } from '../../src/core/ports/kubernetes.ts';
import { holdsSecret } from '../../src/core/redact.ts';
import { tagOf } from '../readings/pull.ts';

/** Values of variables that may be shown (the config names them), of one container, on either side. */
export interface ShownValues {
  readonly container: string;
  readonly from: Readonly<Record<string, string | null>>;
  readonly to: Readonly<Record<string, string | null>>;
}

/** What changes from one pod template to another, as lines "- image of server: a", "+ image of server: b". Of variables only what is `shown` is known. */
export function differences(from: PodTemplate, to: PodTemplate, shown: ShownValues | null = null): readonly string[] {
  const lines: string[] = [];
  const put = (what: string, before: string | null, after: string | null): void => {
    if (before === after) return;
    if (before !== null) lines.push(`- ${what}: ${before}`);
    if (after !== null) lines.push(`+ ${what}: ${after}`);
  };
  containerLines(put, 'container', from.containers, to.containers, shown);
  containerLines(put, 'init container', from.initContainers, to.initContainers, null);
  put('service account', from.serviceAccount, to.serviceAccount);
  put('pull secrets', from.pullSecrets.join(', ') || 'none', to.pullSecrets.join(', ') || 'none');
  put('node selector', pairs(from.nodeSelector), pairs(to.nodeSelector));
  put('tolerations', from.placement.tolerations || 'none', to.placement.tolerations || 'none');
  put('node affinity', from.placement.nodeAffinity || 'none', to.placement.nodeAffinity || 'none');
  put('pod affinity', from.placement.podAffinity || 'none', to.placement.podAffinity || 'none');
  put('topology spread', from.placement.spread || 'none', to.placement.spread || 'none');
  put('host ports', from.placement.hostPorts || 'none', to.placement.hostPorts || 'none');
  put('volumes', volumes(from), volumes(to));
  put('annotation kubectl.kubernetes.io/restartedAt', from.restartedAt ?? 'none', to.restartedAt ?? 'none');
  return lines;
}

type Put = (what: string, before: string | null, after: string | null) => void;

function containerLines(
  put: Put,
  kind: string,
  from: readonly Container[],
  to: readonly Container[],
  shown: ShownValues | null,
): void {
  for (const name of new Set([...from, ...to].map((one) => one.name))) {
    const before = from.find((one) => one.name === name);
    const after = to.find((one) => one.name === name);
    if (before === undefined || after === undefined) {
      put(
        kind,
        before === undefined ? null : `${name} (${before.image})`,
        after === undefined ? null : `${name} (${after.image})`,
      );
      continue;
    }
    put(`image of ${name}`, before.image, after.image);
    put(
      `command of ${name}`,
      before.command.join(' ') || "the image's own",
      after.command.join(' ') || "the image's own",
    );
    for (const part of ['requests', 'limits'] as const)
      for (const one of new Set([...Object.keys(before[part]), ...Object.keys(after[part])].toSorted()))
        put(`${part} ${one} of ${name}`, before[part][one] ?? null, after[part][one] ?? null);
    for (const probe of ['startup', 'readiness', 'liveness'] as const) {
      put(`${probe} probe of ${name}`, probeText(before[probe]), probeText(after[probe]));
    }
    for (const line of envLines(before, after, shown?.container === name ? shown : null))
      put(line.what, line.before, line.after);
  }
}

function envLines(
  before: Container,
  after: Container,
  shown: ShownValues | null,
): readonly { readonly what: string; readonly before: string | null; readonly after: string | null }[] {
  const text = (env: Container['env'][number], end: 'from' | 'to'): string => {
    if (env.is === 'value') return valueOf(env.variable, shown?.[end][env.variable] ?? null);
    const key = 'key' in env ? ` key ${env.key}` : '';
    return `${env.is} ${env.name}${key}${env.optional ? ' (optional)' : ''}`;
  };
  const named = (one: Container, end: 'from' | 'to'): Map<string, string> =>
    new Map(
      one.env.map((env) => ['key' in env || env.is === 'value' ? env.variable : `envFrom ${env.name}`, text(env, end)]),
    );
  const a = named(before, 'from');
  const b = named(after, 'to');
  const known = (end: 'from' | 'to', variable: string): string | null => {
    const value = shown?.[end][variable] ?? null;
    return value === null ? null : valueOf(variable, value);
  };
  const names = new Set([...a.keys(), ...b.keys(), ...Object.keys(shown?.from ?? {}), ...Object.keys(shown?.to ?? {})]);
  return [...names].map((variable) => ({
    what: `variable ${variable} of ${after.name}`,
    before: a.get(variable) ?? known('from', variable),
    after: b.get(variable) ?? known('to', variable),
  }));
}

/** Variables with a plain value on both sides that is not known here: what may differ although nothing shows it. */
export function hiddenValues(from: PodTemplate, to: PodTemplate, shown: ShownValues | null): readonly string[] {
  const plain = (of: PodTemplate): readonly string[] =>
    [...of.containers, ...of.initContainers].flatMap(({ name, env }) =>
      env.flatMap((one) =>
        one.is !== 'value' || (shown?.container === name && one.variable in shown.from) ? [] : [one.variable],
      ),
    );
  const before = new Set(plain(from));
  return [...new Set(plain(to).filter((one) => before.has(one)))];
}

/** What redaction would hide is no reason to refuse the change: it is not shown. */
function valueOf(variable: string, value: string | null): string {
  return value === null || holdsSecret(`${variable}: ${value}`) ? '(a value, not shown)' : value;
}

function probeText(probe: Container['readiness']): string {
  if (probe === null) return 'none';
  const { asks, initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold } = probe;
  return `${asks} (delay ${initialDelaySeconds} s, every ${periodSeconds} s, limit ${timeoutSeconds} s, ${failureThreshold} failures)`;
}

function pairs(all: Readonly<Record<string, string>>): string {
  return (
    Object.entries(all)
      .map(([name, value]) => `${name}=${value}`)
      .toSorted()
      .join(', ') || 'none'
  );
}

function volumes(template: PodTemplate): string {
  return (
    template.volumes
      .filter((one) => one.from !== 'other')
      .map((one) => `${one.name} (${one.from} ${one.source})`)
      .join(', ') || 'none'
  );
}

/** Nothing but `kubectl rollout restart`'s annotation tells them apart: the same code. */
export function sameCode(a: PodTemplate, b: PodTemplate): boolean {
  if (a.restartedAt === b.restartedAt) return false;
  return canonical({ ...a, restartedAt: null }) === canonical({ ...b, restartedAt: null });
}

/** "v2.4.0" where the image tells it apart from the other, "revision 16" otherwise. */
export function versionOf(one: Pick<Revision, 'number' | 'template'>, beside: PodTemplate): string {
  const differs = otherImage(one, beside);
  return differs === undefined ? `revision ${one.number}` : tagOf(differs.image);
}

export const isOtherVersion = (one: Pick<Revision, 'template'>, beside: PodTemplate): boolean =>
  otherImage(one, beside) !== undefined;

function otherImage({ template }: Pick<Revision, 'template'>, beside: PodTemplate): Container | undefined {
  return template.containers.find((container) => {
    const other = beside.containers.find((two) => two.name === container.name);
    return other !== undefined && tagOf(other.image) !== tagOf(container.image);
  });
}
