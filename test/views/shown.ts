import type { Outcome } from '../../src/core/contract.ts';
import { Failure, whyOf } from '../../src/core/failure.ts';
import type { Asked, Seen, View } from '../../src/core/looking/view.ts';
import type { Message } from '../../src/core/message.ts';
import type { KubernetesRead, PodRow } from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { plain } from '../../src/core/words.ts';
import { ago, at, deployment, namespace, template } from '../playbooks/objects.ts';

/** What a person reads of a view, from recorded answers of the cluster. */

export const asked = (view: Asked['view'], over: Partial<Asked> = {}): Asked => ({
  view,
  namespace,
  name: 'model-server',
  pod: null,
  regions: ['eu-west-1'],
  sinceMs: null,
  grep: null,
  previous: false,
  container: null,
  nodes: false,
  here: false,
  ...over,
});

function text({ blocks }: Message): string {
  return blocks
    .flatMap((block) => {
      if (block.is === 'lines') return block.lines.map(plain);
      if (block.is === 'note') return [`_${plain(block.words)}_`];
      return block.is === 'verbatim' ? [block.text] : [];
    })
    .join('\n');
}

/** Looks at each region's own cluster, as the engine does. */
export async function shown(
  view: View,
  of: Asked,
  clusters: Readonly<Record<string, Partial<KubernetesRead>>>,
  beside: Outcome<unknown> | null = null,
): Promise<string> {
  const all = await Promise.all(
    Object.entries(clusters).map(async ([region, kubernetes]): Promise<Seen<unknown>> => {
      const service = (): ReturnType<Read['service']> => ({
        shards: false,
        variables: { modelVersion: 'MODEL_VERSION', batchSize: 'BATCH_SIZE', threads: 'OMP_NUM_THREADS' },
        limits: null,
        minRequests: 50,
      });
      const read = { kubernetes, metrics: {}, service } as unknown as Read;
      try {
        return { region, outcome: { known: true, value: await view.look(read, of, at) } };
      } catch (error) {
        return { region, outcome: { known: false, why: whyOf(error) } };
      }
    }),
  );
  return text(view.render({ ...of, regions: Object.keys(clusters) }, all, at, beside));
}

export const forbidden = async (): Promise<never> => {
  throw new Failure(
    'forbidden',
    'list pods in ml-platform (eu-west-1): the bot lacks the right "list pods in namespace ml-platform"; the rule to add: {apiGroups: [""], resources: ["pods"], verbs: ["list"]}',
  );
};
export const row = (name: string, over: Partial<PodRow> = {}): PodRow => ({
  name,
  uid: name,
  readyContainers: 1,
  containers: 1,
  status: 'Running',
  restarts: 0,
  createdAt: ago(4_000),
  node: 'node-1',
  hash: 'abc',
  ownerUid: 'rs',
  terminating: false,
  ...over,
});
export const well = (count: number): readonly PodRow[] =>
  Array.from({ length: count }, (_, index) => row(`well-${index}`));
export const there = deployment(template());
