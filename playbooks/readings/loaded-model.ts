import { whyOf } from '../../src/core/failure.ts';
import { Failure } from '../../src/core/failure.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment } from './deployment.ts';
import { onDeployment } from './on.ts';
import { podRows } from './pod-rows.ts';

/** Which model the youngest pods say that they loaded, and how long that took. */
export interface LoadedModel {
  readonly loads: readonly {
    readonly pod: string;
    readonly at: string | null;
    /** Null: the line names none. */
    readonly version: string | null;
    readonly seconds: number | null;
  }[];
  /** Pods whose log was read. */
  readonly read: number;
}

const tail = 2_500;
const youngest = 3;
const loadLine = /model[_ ]load(?:ed)?\b|\bloaded model\b/i;

export const loadedModel = onDeployment.reading('loaded model', {
  after: [deployment, podRows],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} logs deployment/${t.name} --tail=${tail}`,
  read: async (read, t, seen): Promise<LoadedModel> => {
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
    const read_ = found.filter((one) => one.unread === '');
    const unread = found.find((one) => one.unread !== '')?.unread;
    if (read_.length === 0 && unread !== undefined) throw new Failure('unreadable', `no log could be read (${unread})`);
    const loads = read_.flatMap(({ name, lines }) => {
      const line = lines.findLast((one) => loadLine.test(one) && !/fail|error/i.test(one));
      return line === undefined ? [] : [{ pod: name, ...loadOf(line) }];
    });
    return { loads, read: read_.length };
  },
});

function loadOf(line: string): Omit<LoadedModel['loads'][number], 'pod'> {
  const at = Date.parse(/^\[?(\S+)/.exec(line)?.[1] ?? '');
  const seconds = /model_load(?:ed)?[=: ]+(\d+(?:\.\d+)?)\s*s\b/.exec(line)?.[1];
  return {
    at: Number.isNaN(at) ? null : new Date(at).toISOString(),
    version: /\bversion[=: ]+"?([\w.+-]+)/.exec(line)?.[1] ?? null,
    seconds: seconds === undefined ? null : Number(seconds),
  };
}
