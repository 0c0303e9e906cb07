import { hours, measure, minutes } from '../readings/measures.ts';

/** What the sizes of requests and the number of pods were. */

const of = (t: { readonly namespace: string; readonly name: string }) => ({ namespace: t.namespace, name: t.name });

export const inputSize = measure('input size', (t) => ({ ask: 'input size', of: of(t), by: 'all' }), {
  forMs: hours(3),
  stepMs: minutes(3),
});
export const gpuXid = measure('GPU errors (XID)', (t) => ({ ask: 'gpu xid', of: of(t) }), {
  forMs: hours(6),
  stepMs: minutes(5),
});
export const podsReady = measure('pods ready over time', (t) => ({ ask: 'replicas ready', of: of(t) }), {
  forMs: hours(2),
  stepMs: minutes(1),
});
