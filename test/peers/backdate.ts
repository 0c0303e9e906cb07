import { until } from './until.ts';

/** Objects whose ages playbooks judge by. Only the API server may set a creation time, so this goes past it. */
const kinds = ['pods', 'replicasets', 'deployments', 'horizontalpodautoscalers'] as const;

interface Kept {
  readonly key: string;
  readonly value: string;
  readonly mod_revision: string;
}

/**
 * Makes what etcd holds of a namespace older: every time in an object moves back by what `byMs` gives for its name. For an API server that
 * stores JSON. Controllers, the API server's cache and whoever watches see an ordinary change.
 */
export async function backdate(etcdUrl: string, namespace: string, byMs: (name: string) => number): Promise<void> {
  await Promise.all(kinds.map((kind) => ofKind(etcdUrl, `/registry/${kind}/${namespace}/`, byMs)));
}

async function ofKind(etcdUrl: string, prefix: string, byMs: (name: string) => number): Promise<void> {
  const { kvs = [] } = await ask<{ kvs?: readonly Kept[] }>(etcdUrl, 'range', {
    key: base64(prefix),
    range_end: base64(`${prefix.slice(0, -1)}0`), // "0" comes after "/"
  });
  await Promise.all(
    kvs.map(async ({ key }) => {
      const ms = byMs(text(key).slice(prefix.length));
      if (ms > 0) await shift(etcdUrl, key, ms);
    }),
  );
}

/** Against controllers that write at the same time: only over what was read, else again. */
async function shift(etcdUrl: string, key: string, byMs: number): Promise<void> {
  await until(`${text(key)} made older`, async () => {
    const [now] = (await ask<{ kvs?: readonly Kept[] }>(etcdUrl, 'range', { key })).kvs ?? [];
    if (now === undefined) return true; // deleted meanwhile
    const value = base64(text(now.value).replaceAll(times, (at) => earlier(at, byMs)));
    const { succeeded } = await ask<{ succeeded?: boolean }>(etcdUrl, 'txn', {
      compare: [{ key, target: 'MOD', mod_revision: now.mod_revision }],
      success: [{ request_put: { key, value } }],
    });
    return succeeded === true ? true : undefined;
  });
}

const times = /(?<=")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=")/g;

const earlier = (at: string, byMs: number): string =>
  new Date(Date.parse(at) - byMs).toISOString().replace(/\.\d+Z$/, 'Z');

const base64 = (plain: string): string => Buffer.from(plain).toString('base64');
const text = (encoded: string): string => Buffer.from(encoded, 'base64').toString();

async function ask<T>(etcdUrl: string, what: string, body: object): Promise<T> {
  const response = await fetch(`${etcdUrl}/v3/kv/${what}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5000),
  });
  if (!response.ok) throw new Error(`etcd answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
