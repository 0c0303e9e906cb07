import { createHash } from 'node:crypto';
import { canonical } from '../../core/json.ts';
import type { Container, Placement, Probe, TemplatePart } from '../../core/ports/kubernetes.ts';
import { suffix } from './random.ts';
import type { Program, Template } from './state.ts';

/** Templates are never changed in place, so their digests can be kept. */
const digests = new WeakMap<Template, string>();

export function digestOf(template: Template): string {
  const kept = digests.get(template);
  if (kept !== undefined) return kept;
  const made = createHash('sha256').update(canonical(template)).digest('hex');
  digests.set(template, made);
  return made;
}

/** Kubernetes writes the hash of the template in its safe alphabet, up to ten letters. */
export const hashOf = (template: Template): string => suffix(10, canonical(template));

export function container(name: string, image: string, more: Partial<Container> = {}): Container {
  return {
    name,
    image,
    command: [],
    requests: {},
    limits: {},
    readiness: null,
    liveness: null,
    startup: null,
    env: [],
    sidecar: false,
    ...more,
  };
}

export function template(containers: readonly Container[], more: Partial<Template> = {}): Template {
  return {
    containers,
    initContainers: [],
    serviceAccount: 'default',
    pullSecrets: [],
    nodeSelector: {},
    volumes: [],
    restartedAt: null,
    labels: {},
    tolerations: [],
    affinity: {},
    spread: null,
    values: {},
    graceSeconds: 30,
    privileged: false,
    ...more,
  };
}

export function probe(asks: string, more: Partial<Probe> = {}): Probe {
  return { asks, initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3, ...more };
}

/** As the real adapter writes them. */
export function placementView(of: Template): Placement {
  const pairs = (labels: Readonly<Record<string, string>>): readonly [string, string][] =>
    Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    tolerations: of.tolerations
      .map(({ key, value, effect }) => `${key}${value === '' ? '' : `=${value}`}${effect === '' ? '' : `:${effect}`}`)
      .sort()
      .join(', '),
    nodeAffinity: pairs(of.affinity)
      .map(([key, value]) => `${key} in (${value})`)
      .join(' and '),
    podAffinity: '',
    spread:
      of.spread === null
        ? ''
        : `${pairs(of.labels)
            .map(([key, value]) => `${key}=${value}`)
            .join(',')} per ${of.spread.topologyKey}, skew at most ${of.spread.maxSkew}`,
    hostPorts: '',
  };
}

export function program(more: Partial<Program> = {}): Program {
  return {
    warmSeconds: 20,
    ends: null,
    cannotStart: null,
    readyStatus: 200,
    hangsAfterSeconds: null,
    needs: [],
    lines: [],
    errorRatio: 0,
    ignoresTerm: false,
    ...more,
  };
}

/** The same template with one container changed. */
export function withContainer(of: Template, name: string, change: (before: Container) => Container): Template {
  return { ...of, containers: of.containers.map((one) => (one.name === name ? change(one) : one)) };
}

/** Sets entries, and takes away those that are null. Nothing to change: the same object, so that digests stay. */
export function merged(
  of: Readonly<Record<string, string>>,
  set: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const entries = Object.entries({ ...of, ...set });
  return Object.fromEntries(entries.filter((one): one is [string, string] => one[1] !== null));
}

/** Plain variables of one container: set, or taken away by null. What came from a key is replaced. */
export function withValues(of: Template, name: string, set: Readonly<Record<string, string | null>>): Template {
  const values = { ...of.values, [name]: merged(of.values[name] ?? {}, set) };
  const changed = withContainer(of, name, (one) => {
    const kept = one.env.filter((env) => set[env.variable] !== null);
    const known = kept.map((env) =>
      env.variable in set && (env.is === 'config map' || env.is === 'secret')
        ? ({ is: 'value', variable: env.variable } as const)
        : env,
    );
    const come = Object.keys(set).filter(
      (variable) => set[variable] !== null && !known.some((env) => env.variable === variable),
    );
    return { ...one, env: [...known, ...come.map((variable) => ({ is: 'value', variable }) as const)] };
  });
  return { ...changed, values };
}

/** All parts that a template has, and which of them differ between two. */
const partsOf: Readonly<Record<TemplatePart, (of: Template) => unknown>> = {
  image: (of) => all(of).map((one) => one.image),
  command: (of) => all(of).map((one) => one.command),
  environment: (of) => [all(of).map((one) => one.env), of.values],
  resources: (of) => all(of).map((one) => [one.requests, one.limits]),
  probes: (of) => all(of).map((one) => [one.readiness, one.liveness, one.startup]),
  volumes: (of) => of.volumes,
  placement: (of) => [of.nodeSelector, of.tolerations, of.affinity, of.spread],
  'service account': (of) => of.serviceAccount,
  other: (of) => [of.restartedAt, of.pullSecrets, of.labels, of.graceSeconds, of.privileged],
};

const all = (of: Template): readonly Container[] => [...of.containers, ...of.initContainers];

export const everyPart = Object.keys(partsOf) as readonly TemplatePart[];

export function partsChanged(before: Template, after: Template): readonly TemplatePart[] {
  return everyPart.filter((part) => canonical(partsOf[part](before)) !== canonical(partsOf[part](after)));
}

/** One line per leaf, as a manifest would hold it: "image: a", "resources.limits.memory: 1Gi". */
function leaves(of: Template): readonly string[] {
  const out: string[] = [];
  const walk = (path: string, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) {
      if (value.every((one) => typeof one === 'string')) {
        if (value.length > 0) out.push(`${path}: ${JSON.stringify(value)}`);
        return;
      }
      for (const [index, one] of value.entries()) walk(`${path}[${nameOf(one, index)}]`, one);
    } else if (typeof value === 'object') {
      for (const [key, one] of Object.entries(value)) walk(`${path}.${key}`, one);
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      out.push(`${path}: ${value}`);
    }
  };
  const { restartedAt, values, ...whole } = of;
  const plain = (one: Container): readonly Container['env'][number][] => one.env.filter((env) => env.is === 'value');
  const bare = (list: readonly Container[]): readonly Container[] =>
    list.map((one) => ({ ...one, env: one.env.filter((env) => env.is !== 'value') }));
  const rest = { ...whole, containers: bare(of.containers), initContainers: bare(of.initContainers) };
  for (const one of all(of)) {
    for (const { variable } of plain(one)) {
      out.push(`.containers[${one.name}].env ${variable}: ${values[one.name]?.[variable] ?? ''}`);
    }
  }
  if (restartedAt !== null) out.push(`pod annotation kubectl.kubernetes.io/restartedAt: ${restartedAt}`);
  walk('', rest);
  return out;
}

function nameOf(value: unknown, index: number): string {
  if (typeof value === 'object' && value !== null) {
    if ('name' in value && typeof value.name === 'string') return value.name;
    if ('variable' in value && typeof value.variable === 'string') return value.variable;
  }
  return String(index);
}

/** "- image: a", "+ image: b": what differs between two templates, in the order of the new one. */
export function diffOf(before: Template, after: Template, named: readonly string[] = []): readonly string[] {
  const old = leaves(before);
  const next = leaves(after);
  const gone = old.filter((line) => !next.includes(line));
  const come = next.filter((line) => !old.includes(line));
  const lines: string[] = [];
  for (const line of gone) {
    const path = line.slice(0, line.indexOf(': '));
    lines.push(`- ${shown(line, named)}`);
    const index = come.findIndex((one) => one.startsWith(`${path}: `));
    if (index !== -1) lines.push(`+ ${shown(come.splice(index, 1)[0] ?? '', named, 'another ')}`);
  }
  for (const line of come) lines.push(`+ ${shown(line, named)}`);
  return lines;
}

/** ".containers[model-server].image: a" is "image: a" to a person. Of plain variables only those are shown that the change itself names. */
function shown(line: string, named: readonly string[], another = ''): string {
  const short = line.replace(/^\.(?:containers\[[^\]]*\]\.)?/, '').replace(/^(?=(?:requests|limits)\.)/, 'resources.');
  const variable = /^env ([^:]+): /.exec(short)?.[1];
  return variable === undefined || named.includes(variable) ? short : `env ${variable}: (${another}value not shown)`;
}
