import { Failure, whyOf } from '../../src/core/failure.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment } from '../readings/deployment.ts';
import { errorLines } from '../readings/error-lines.ts';
import { lastLoad, LOAD_TAIL } from '../readings/load-line.ts';
import type { Load } from '../readings/load-line.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { kindOf } from './words-of-errors.ts';

/** Which model the youngest pods say that they loaded, and how long that took. Only looked up where errors may come of it: it stands at the start of a log. */
export interface LoadedModel {
  readonly loads: readonly (Load & { readonly pod: string })[];
  /** Pods whose log was read; 0: nothing called for it. */
  readonly read: number;
}

const tail = LOAD_TAIL;
const youngest = 2;
const worthIt = new Set(['version', 'load failing', 'other']);

export const loadedModel = onDeployment.reading('loaded model', {
  after: [deployment, podRows, errorLines],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} logs deployment/${t.name} --tail=${tail}`,
  read: async (read, t, seen): Promise<LoadedModel> => {
    const [most] = seen['error lines'].groups;
    if (most === undefined || !worthIt.has(kindOf(most.text))) return { loads: [], read: 0 };
    const container = seen.deployment.template.containers[0]?.name ?? '';
    const pods = seen['pod rows'].rows.filter((one) => one.ready).slice(-youngest);
    const found = await Promise.all(
      pods.map(async ({ name }) => {
        try {
          const log = await read.kubernetes.log({ namespace: t.namespace, name }, { container, previous: false, tail });
          return { name, lines: log.lines, unread: '' };
        } catch (error) {
          return { name, lines: [], unread: whyOf(error) };
        }
      }),
    );
    const logs = found.filter((one) => one.unread === '');
    const unread = found.find((one) => one.unread !== '')?.unread;
    if (logs.length === 0 && unread !== undefined) throw new Failure('unreadable', `no log could be read (${unread})`);
    const loads = logs.flatMap(({ name, lines }) => {
      const load = lastLoad(lines);
      return load === null ? [] : [{ pod: name, ...load }];
    });
    return { loads, read: logs.length };
  },
});
