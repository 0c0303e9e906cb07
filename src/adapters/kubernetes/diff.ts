import { canonical } from '../../core/json.ts';
import { redact } from '../../core/redact.ts';
import { fenceAnnotation } from './deployment.ts';
import { isRecord } from './template.ts';

/**
 * "- image: a", "+ image: b": what a write makes of a Deployment, one line a field, without what the server keeps for itself and without the fence
 * (each act sets it, and the preview says so in words). Of environment variables only the values of those in `shown` are, the ones that the
 * change itself names; other secrets are redacted.
 */
export function diffOf(before: unknown, after: unknown, shown: readonly string[] = []): readonly string[] {
  const lines: string[] = [];
  const old = leaves(before);
  const now = leaves(after);
  const isAlone = new Set([...old.keys(), ...now.keys()].map(containerIn).filter((name) => name !== null)).size <= 1;
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(key), now.get(key)];
    if (was === is || isFilled(key, was, now) || isFilled(key, is, old)) continue;
    const label = labelOf(key, isAlone);
    if (isHidden(key, shown)) {
      lines.push(...(was === undefined ? [] : [`- ${label}: (value not shown)`]));
      lines.push(...(is === undefined ? [] : [`+ ${label}: (${was === undefined ? '' : 'another '}value not shown)`]));
      continue;
    }
    if (was !== undefined) lines.push(redact(`- ${label}: ${was}`));
    if (is !== undefined) lines.push(redact(`+ ${label}: ${is}`));
  }
  return lines;
}

/** What was empty and gets something, or the other way round: what comes or goes has lines of its own. */
function isFilled(key: string, value: string | undefined, other: ReadonlyMap<string, string>): boolean {
  if (value !== '{}' && value !== '[]') return false;
  return [...other.keys()].some((one) => one.startsWith(`${key}/`) || one.startsWith(`${key}[`));
}

const kept = new Set([
  '/status',
  '/metadata/managedFields',
  '/metadata/resourceVersion',
  '/metadata/generation',
  `/metadata/annotations/${fenceAnnotation}`,
]);

/** Every field that is no object, by its path; elements of lists are named by their `name` where they have one, since their places move. */
function leaves(object: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const walk = (at: string, value: unknown): void => {
    if (kept.has(at)) return;
    if (Array.isArray(value)) {
      if (value.every((one) => typeof one !== 'object' || one === null)) found.set(at, canonical(value));
      else for (const [index, one] of value.entries()) walk(`${at}[${elementName(one, index)}]`, unnamed(one));
    } else if (isRecord(value) && Object.keys(value).length > 0) {
      for (const [key, one] of Object.entries(value)) walk(`${at}/${key}`, one);
    } else {
      found.set(at, typeof value === 'string' ? value : canonical(value));
    }
  };
  walk('', object);
  return found;
}

/** What an element is called by is no line of its own, unless there is nothing else in it. */
function unnamed(element: unknown): unknown {
  if (!isRecord(element) || typeof element['name'] !== 'string' || Object.keys(element).length === 1) return element;
  const { name: _, ...rest } = element;
  return rest;
}

function elementName(element: unknown, index: number): string {
  return isRecord(element) && typeof element['name'] === 'string' ? element['name'] : String(index);
}

const container = /^\/spec\/template\/spec\/(?:initContainers|containers)\[([^\]]*)\]\//;

const containerIn = (key: string): string | null => container.exec(key)?.[1] ?? null;

/** `image` for the only container, `image of proxy` for one of several, `env FOO`, `annotation x`; else the path from the pod template. */
function labelOf(key: string, isAlone: boolean): string {
  const name = containerIn(key);
  const rest = key
    .replace(container, '')
    .replace(/^\/spec\/template\/metadata\/annotations\//, 'pod annotation ')
    .replace(/^\/spec\/template\/metadata\/labels\//, 'pod label ')
    .replace(/^\/metadata\/(annotation|label)s\//, '$1 ')
    .replace(/^\/spec\/template\/spec\//, '')
    .replace(/^\/spec\//, '')
    .replace(/^env\[([^\]]*)\]\/value$/, 'env $1');
  const label = /^(?:pod annotation|pod label|annotation|label) /.test(rest) ? rest : rest.replaceAll('/', '.');
  return name === null || isAlone ? label : `${label} of ${name}`;
}

function isHidden(key: string, shown: readonly string[]): boolean {
  const variable = /\/env\[([^\]]*)\]\/value$/.exec(key)?.[1];
  if (variable !== undefined) return !shown.includes(variable);
  return key.endsWith('/kubectl.kubernetes.io/last-applied-configuration');
}
