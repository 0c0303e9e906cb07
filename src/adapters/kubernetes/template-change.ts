import { Failure } from '../../core/failure.ts';
import type { DeploymentChange } from '../../core/ports/kubernetes.ts';
import { amountOf } from './nodes.ts';
import { isRecord, restartedAt, type RawTemplate } from './template.ts';

type Raw = Readonly<Record<string, unknown>>;

/** The template with what a change makes of it; a copy. Throws Failure `invalid` for what cannot be done to it. */
export function templateAfter(template: RawTemplate, to: DeploymentChange): RawTemplate {
  let now = template;
  if (to.restartedAt !== undefined) now = restarted(now, to.restartedAt);
  if (to.resources !== undefined) {
    const { container, requests, limits } = to.resources;
    now = withContainer(now, container, (one) => withResources(one, { requests, limits }));
  }
  if (to.env !== undefined) {
    const { container, set } = to.env;
    now = withContainer(now, container, (one) => withVariables(one, set));
  }
  return now;
}

function restarted(template: RawTemplate, at: string): RawTemplate {
  const metadata = isRecord(template['metadata']) ? template['metadata'] : {};
  const annotations = isRecord(metadata['annotations']) ? metadata['annotations'] : {};
  return { ...template, metadata: { ...metadata, annotations: { ...annotations, [restartedAt]: at } } };
}

function withContainer(template: RawTemplate, name: string, change: (container: Raw) => Raw): RawTemplate {
  const spec = isRecord(template['spec']) ? template['spec'] : {};
  const containers = listOf(spec['containers']);
  if (!containers.some((one) => isRecord(one) && one['name'] === name))
    throw new Failure('invalid', `its pod template has no container ${name}`);
  const changed = containers.map((one) => (isRecord(one) && one['name'] === name ? change(one) : one));
  return { ...template, spec: { ...spec, containers: changed } };
}

/** Null takes an entry away; an amount that is the same in other words ("1000m", "1") stays as it is written. */
function withResources(
  container: Raw,
  to: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string | null>>>>,
): Raw {
  const resources: Record<string, unknown> = isRecord(container['resources']) ? { ...container['resources'] } : {};
  for (const part of ['requests', 'limits'] as const) {
    const old = resources[part];
    const now: Record<string, unknown> = isRecord(old) ? { ...old } : {};
    for (const [name, amount] of Object.entries(to[part])) {
      if (amount === null) delete now[name];
      else if (!isSame(now[name], amount)) now[name] = amount;
    }
    if (Object.keys(now).length > 0) resources[part] = now;
    else delete resources[part];
  }
  return { ...container, resources };
}

function isSame(now: unknown, amount: string): boolean {
  if (typeof now !== 'string' && typeof now !== 'number') return false;
  return amountOf(String(now)) === amountOf(amount);
}

/** In their places; new ones at the end. A variable that comes from elsewhere is not ours to replace. */
function withVariables(container: Raw, set: Readonly<Record<string, string | null>>): Raw {
  let env = listOf(container['env']);
  for (const [name, value] of Object.entries(set)) {
    const there = env.filter((one) => isRecord(one) && one['name'] === name);
    if (there.some((one) => isRecord(one) && isRecord(one['valueFrom'])))
      throw new Failure(
        'invalid',
        `its variable ${name} comes from a config map, a secret or a field: change it there`,
      );
    const isOther = (one: unknown): boolean => !isRecord(one) || one['name'] !== name;
    if (value === null) env = env.filter(isOther);
    else if (there.length === 0) env = [...env, { name, value }];
    else env = env.map((one) => (isOther(one) ? one : { name, value }));
  }
  const { env: _, ...rest } = container;
  return env.length === 0 ? rest : { ...rest, env };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
