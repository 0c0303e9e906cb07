import { readTarget, unclear } from './command.ts';
import type { Parsed } from './command.ts';
import type { Catalogue } from './routing.ts';

/** A pasted kubectl line: looking is mapped to a diagnosis, changing is refused with the way to get it. */

const LOOKING = new Set(['get', 'describe', 'logs', 'top', 'events']);
const PLURALS =
  /^(pods?|po|deployments?|deploy|events?|nodes?|no|replicasets?|rs|-o|-w|-f|--watch|wide|yaml|json|--tail=?\d*|--previous|-p|-l)$/;

export function kubectl(words: readonly string[], catalogue: Catalogue): Parsed {
  const verb = words.find((word) => /^[a-z]+$/.test(word)) ?? '';
  const after = words.filter((word) => word !== verb);
  if (verb === 'rollout') {
    const sub = after.find((word) => /^(status|history|undo|restart|pause|resume)$/.test(word)) ?? '';
    const rest = after.filter((word) => word !== sub);
    return sub === 'status' || sub === 'history' ? looked(rest, catalogue) : changes(`rollout ${sub}`, rest, catalogue);
  }
  if (LOOKING.has(verb)) return looked(after, catalogue);
  if (verb === 'scale' || verb === 'set') return changes(verb, after, catalogue);
  return unclear(
    `I run no \`kubectl ${verb}\`. I look with \`/mlp diagnose <deployment> <region>\`, and change only what was proposed and approved.`,
  );
}

function looked(words: readonly string[], catalogue: Catalogue): Parsed {
  const read = readTarget(
    words.filter((word) => !PLURALS.test(word)),
    catalogue,
  );
  if (read.is === 'unclear') return read;
  const pod = read.left
    .map((word) => /^(?:pod\/)?(.+)-[a-z0-9]{8,10}-[a-z0-9]{5}$/.exec(word)?.[1])
    .find((name) => name !== undefined);
  const app = read.left.map((word) => /^app=(.+)$/.exec(word)?.[1]).find((name) => name !== undefined);
  const name = read.names[0] ?? pod ?? app ?? read.left[0] ?? '';
  const namespace = read.namespace ?? catalogue.defaultNamespace;
  const playbook = name === '' ? null : 'rollout-stuck';
  return { is: 'diagnose', playbook, region: read.region, namespace, name };
}

function changes(what: string, words: readonly string[], catalogue: Catalogue): Parsed {
  const read = readTarget(words, catalogue);
  const name = read.is === 'target' ? (read.names[0] ?? read.left[0] ?? '') : '';
  const target = [name, read.is === 'target' ? (read.region ?? '') : ''].join(' ').trim();
  const command = `diagnose ${target}`.trim();
  return unclear(
    `I do not run \`kubectl ${what}\` for anybody. I look first, and offer the change with a preview where it helps: \`/mlp ${command}\`.`,
    target === '' ? [] : [{ label: `/mlp ${command}`, command }],
  );
}
