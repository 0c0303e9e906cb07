import { whyOf } from '../../src/core/failure.ts';
import type { PodTemplate, Referenced, Revision } from '../../src/core/ports/kubernetes.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment, revisions } from './deployment.ts';
import { onDeployment } from './on.ts';

/** Something that a pod template names. */
export interface Need {
  readonly kind: Referenced;
  readonly name: string;
  /** '' for the whole object. */
  readonly key: string;
  readonly optional: boolean;
  /** "variable DB_PASSWORD", "volume config", "envFrom", "image pull". */
  readonly for: string;
}
export interface Reference {
  readonly kind: Referenced;
  readonly name: string;
  readonly is: 'there' | 'missing' | 'not known';
  /** Names of the keys; empty unless there. */
  readonly keys: readonly string[];
  /** Why it is not known; '' otherwise. */
  readonly why: string;
  /** When it was made and last written (ISO 8601); null unless there. */
  readonly createdAt: string | null;
  readonly changedAt: string | null;
}

const atMost = 24;
const noTimes = { createdAt: null, changedAt: null } as const;

/** Whether what the present template and the newest other ones name is there. Secrets are mostly not known: looking needs a right that reveals them. */
export const references = onDeployment.reading('references', {
  after: [deployment, revisions],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} get configmaps,serviceaccounts,persistentvolumeclaims`,
  read: async (read, t, seen): Promise<readonly Reference[]> => {
    const running = seen.revisions.filter((one) => one.replicas.available > 0);
    const others = [...running, ...seen.revisions.slice(-3)];
    const named = [seen.deployment.template, ...others.map((one) => one.template)].flatMap(needsOf);
    const asked = [...new Map(named.map((need) => [`${need.kind}/${need.name}`, need])).values()].slice(0, atMost);
    return await Promise.all(
      asked.map(async ({ kind, name }): Promise<Reference> => {
        try {
          const found = await read.kubernetes.presence(kind, { namespace: t.namespace, name });
          if (!found.there) return { kind, name, is: 'missing', keys: [], why: '', ...noTimes };
          const { keys, createdAt, changedAt } = found;
          return { kind, name, is: 'there', keys, why: '', createdAt, changedAt };
        } catch (error) {
          return { kind, name, is: 'not known', keys: [], why: whyOf(error), ...noTimes };
        }
      }),
    );
  },
});

export function needsOf(template: PodTemplate): readonly Need[] {
  const needs: Need[] = [];
  if (template.serviceAccount !== '') {
    needs.push({
      kind: 'ServiceAccount',
      name: template.serviceAccount,
      key: '',
      optional: false,
      for: 'its identity',
    });
  }
  for (const volume of template.volumes) {
    const kind = { 'config map': 'ConfigMap', secret: 'Secret', claim: 'PersistentVolumeClaim', other: null } as const;
    const is = kind[volume.from];
    if (is === null) continue;
    needs.push({ kind: is, name: volume.source, key: '', optional: volume.optional, for: `volume ${volume.name}` });
  }
  for (const env of [...template.initContainers, ...template.containers].flatMap((one) => one.env)) {
    if (env.is === 'value') continue;
    const kind = env.is === 'config map' || env.is === 'whole config map' ? 'ConfigMap' : 'Secret';
    const key = env.is === 'config map' || env.is === 'secret' ? env.key : '';
    const what = key === '' ? 'envFrom' : `variable ${env.variable}`;
    needs.push({ kind, name: env.name, key, optional: env.optional, for: what });
  }
  // A missing pull secret is not fatal by itself: the node may have its own right to pull.
  for (const name of template.pullSecrets) {
    needs.push({ kind: 'Secret', name, key: '', optional: true, for: 'image pull' });
  }
  return needs;
}

/** What this template cannot start without and is known to be missing, in words: "secret `x`", "key `k` of config map `y`". */
export function missingFor(template: PodTemplate, seen: readonly Reference[]): readonly Missing[] {
  const missing = needsOf(template).flatMap((need): readonly Missing[] => {
    const found = seen.find((one) => one.kind === need.kind && one.name === need.name);
    if (found === undefined || found.is === 'not known') return [];
    if (found.is === 'missing') return [{ need, what: `${kindWord[need.kind]} ${need.name}` }];
    // No keys listed: a secret whose keys may not be seen.
    if (need.key === '' || found.keys.length === 0 || found.keys.includes(need.key)) return [];
    return [{ need, what: `key ${need.key} of ${kindWord[need.kind]} ${need.name}` }];
  });
  return [...new Map(missing.map((one) => [one.what, one])).values()];
}
/** What this template cannot start without and could not be looked at: "secret x". */
export function uncheckedFor(template: PodTemplate, seen: readonly Reference[]): readonly string[] {
  const open = needsOf(template).filter(
    (need) =>
      !need.optional && seen.find((one) => one.kind === need.kind && one.name === need.name)?.is === 'not known',
  );
  return [...new Set(open.map((need) => `${kindWord[need.kind]} ${need.name}`))];
}

export interface Missing {
  readonly need: Need;
  readonly what: string;
}

export const kindWord: Readonly<Record<Referenced, string>> = {
  ConfigMap: 'config map',
  Secret: 'secret',
  ServiceAccount: 'service account',
  PersistentVolumeClaim: 'claim',
};

/** Which of these revisions need the same thing, by kind and name (and key, when given). */
export function needing(
  all: readonly Revision[],
  what: { readonly kind: Referenced; readonly name: string; readonly key: string },
): readonly Revision[] {
  return all.filter((one) =>
    needsOf(one.template).some(
      (need) =>
        need.kind === what.kind &&
        need.name === what.name &&
        (what.key === '' || need.key === '' || need.key === what.key),
    ),
  );
}
