import type { Answer } from '../../src/core/contract.ts';
import { percent } from '../../src/core/impact.ts';
import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import { code, say } from '../../src/core/words.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { facts, variables } from '../readings/facts.ts';
import { loweredOf } from '../readings/limit-before.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { amount, quantity } from '../readings/quantity.ts';
import { nodes } from '../readings/room.ts';
import { plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { inside } from './inside.ts';
import { nodeLoad } from './node-load.ts';
import { cores, gate, heldShare, leftOpen, nodesText, pictureOf, shareText, shiftOf } from './picture.ts';
import { dailyShift, traffic, yesterday } from './traffic.ts';
import { cpu, throttling } from './use.ts';
import { bare, topQuotes } from './words.ts';

/** What the containers may use, and how they use it: the limit, the threads, the node. */

const { check } = onDeployment;

/** Twice as many threads as cores, and four more at least, wait for each other; a few more do not. */
const timesCores = 2;
const someMore = 4;
/** Fewer threads are what any server has. */
const fewestCounted = 8;

export const threads = check('threads', {
  severity: 'critical',
  ask: 'Do the pods run no more threads than they have cores?',
  rulesOut: 'too many threads',
  needs: [cpu, deployment, facts, variables],
  also: [throttling, revisions, inside, nodes, podRows],
  find: (seen, also, { t, at }): Answer => {
    const picture = pictureOf(seen, also['cpu throttled']);
    // Where only the limit was lowered, that is what changed: the threads fit what was before.
    const lowered = loweredOf(seen.deployment, also.revisions.known ? also.revisions.value : [], picture.main);
    const own = lowered === null ? (picture.limit ?? picture.request) : (lowered.from ?? picture.request);
    if (!picture.high || own === null) return 'clear';
    const tooMany = Math.max(own * timesCores, own + someMore);
    const name = seen.config.variables.threads;
    const value = seen.variables.values[name] ?? null;
    const before = seen.variables.before?.values[name] ?? null;
    const set = value !== null && /^\d+$/.test(value) ? Number(value) : null;
    if (set !== null && set < tooMany) return 'clear';
    if (set === null && (value !== null || comesFromElsewhere(seen.deployment, picture.main, name))) {
      return { unsure: `${name} comes from elsewhere: I cannot see its value` };
    }
    const there = nodeCores(also);
    const counted = also.inside.known && also.inside.value?.container === picture.main ? also.inside.value : null;
    const many = counted !== null && counted.busyThreads >= Math.max(tooMany, fewestCounted, (there ?? 0) * 0.7);
    // Left alone it is no fault of its own: the value was lost, or the threads were counted.
    if (set === null && before === null && !many) {
      if (counted !== null) return 'clear';
      const why = also.inside.known ? 'its image has no `top`' : also.inside.why;
      return {
        unsure: `${name} is not set, so that libraries may start one thread for each of the node's ${there ?? 'many'} cores; I could not count them (${why})`,
      };
    }
    const has = `${plural(own, 'core')} (its ${picture.limit === null ? 'request' : 'limit'})`;
    const what =
      set === null
        ? say`${code(name)} is not set${before === null ? '' : ` (${before} in revision ${seen.variables.before?.number ?? ''})`}: libraries then start one thread for each core of the node${there === null ? '' : ` (${there})`}`
        : say`${code(`${name}=${set}`)}${before === null || before === value ? '' : ` (${before} before)`}`;
    const saw =
      counted === null
        ? ''
        : `. In one pod ${counted.busyThreads} of ${counted.threads} threads were busy (one sample of top)`;
    const since = shiftOf(totalOf(seen.cpu, picture.main), at, null)?.since ?? null;
    return {
      found: say`${what}, and container ${code(picture.main)} has ${has}${saw}. Threads that wait for each other burn CPU: ${shareText(picture)}`,
      short: `${set ?? counted?.busyThreads ?? there ?? 'too many'} threads in each pod on ${plural(own, 'core')}`,
      ...(since === null ? {} : { since }),
      ...leftOpen(picture),
      quotes: topQuotes(also.inside, picture.main),
      ...(counted === null
        ? {
            notKnown: say`how many threads really run: I could not look inside${also.inside.known ? '' : ` (${also.inside.why})`}`,
          }
        : {}),
      byHand: `${kubectl(t)} exec ${also['pod rows'].known ? (also['pod rows'].value.rows.find((one) => one.ready)?.name ?? '<POD>') : '<POD>'} -c ${picture.main} -- top -b -H -n 1`,
    };
  },
});

const empty = { labels: {}, points: [] };
export const totalOf = (
  use: { readonly total: readonly Parameters<typeof shiftOf>[0][] },
  container: string,
): Parameters<typeof shiftOf>[0] => use.total.find((one) => one.labels['container'] === container) ?? empty;

function comesFromElsewhere({ template }: Deployment, container: string, name: string): boolean {
  const of = template.containers.find((one) => one.name === container);
  return of?.env.some((one) => 'variable' in one && one.variable === name && one.is !== 'value') === true;
}

/** Of the nodes that hold its pods, the most. */
function nodeCores(also: {
  readonly nodes:
    | {
        readonly known: true;
        readonly value: readonly { readonly name: string; readonly allocatable: Readonly<Record<string, string>> }[];
      }
    | { readonly known: false };
  readonly 'pod rows':
    | { readonly known: true; readonly value: { readonly rows: readonly { readonly node: string }[] } }
    | { readonly known: false };
}): number | null {
  if (!also.nodes.known || !also['pod rows'].known) return null;
  const hosts = new Set(also['pod rows'].value.rows.map((one) => one.node));
  const all = also.nodes.value.flatMap((one) =>
    hosts.has(one.name) ? [quantity(one.allocatable['cpu'] ?? '') ?? 0] : [],
  );
  return all.length === 0 ? null : Math.round(Math.max(...all));
}

/** More requests than this explain why a limit is reached that was enough before. */
const grown = 1.3;

export const throttled = check('throttled', {
  severity: 'critical',
  ask: 'May the containers use the CPU that they need?',
  rulesOut: 'CPU throttling',
  needs: [cpu, deployment],
  also: [throttling, revisions, traffic, yesterday, nodeLoad, inside],
  find: (seen, also, { t, at }): Answer => {
    const picture = pictureOf(seen, also['cpu throttled']);
    if (picture.limit === null) return 'clear';
    if (picture.use === null || seen.cpu.settling) return gate(picture, seen.cpu) ?? 'clear';
    if (!picture.held) {
      return picture.throttled === null && (picture.ofLimit ?? 0) >= 0.8 && !also['cpu throttled'].known
        ? { unsure: `cpu throttled: ${bare(also['cpu throttled'].why)}` }
        : 'clear';
    }
    const lowered = loweredOf(seen.deployment, also.revisions.known ? also.revisions.value : [], picture.main);
    const more =
      also.traffic.known && also.traffic.value.served
        ? dailyShift(
            also.traffic.value.requests,
            at,
            also['a day before'].known ? also['a day before'].value.requests : null,
          )
        : null;
    if (lowered === null && more !== null && more.ratio >= grown) return 'clear';
    const use = also['cpu throttled'].known ? also['cpu throttled'].value : null;
    const line = use?.series.find((one) => one.labels['container'] === picture.main) ?? empty;
    const began = line.points.findLastIndex(([, value]) => value !== null && value < heldShare);
    const start = began < 0 ? line.points[0]?.[0] : line.points[began + 1]?.[0];
    const isFresh = start !== undefined && start > Date.parse(at) / 1000 - 7000;
    const since = lowered?.at ?? (isFresh ? new Date(start * 1000).toISOString() : null);
    const nodesNow = nodesText(also['node load']);
    const worst =
      use === null || use.containers.length === 0
        ? ''
        : `, highest ${percent(Math.max(...use.containers.map((one) => one.highest)))}`;
    const periods =
      picture.throttled === null
        ? `. How many CFS periods it was held back in is not known (${also['cpu throttled'].known ? 'not measured' : bare(also['cpu throttled'].why)})`
        : `: it is held back in ${percent(picture.throttled)} of its CFS periods (100 ms each; median of ${plural(picture.use.pods, 'pod')} over 10 min${worst})`;
    return {
      found: say`container ${code(picture.main)} uses ${cores(picture.use.median)}, ${percent(picture.ofLimit)} of its CPU limit of ${amount('cpu', picture.limit)}${periods}${lowered === null ? '' : `. The limit was ${lowered.from === null ? 'not set' : amount('cpu', lowered.from)} before`}${nodesNow === '' ? '' : `. ${nodesNow}, so there is more to be had`}`,
      short:
        picture.throttled === null
          ? `CPU limit reached (${amount('cpu', picture.limit)})`
          : `CPU limit of ${amount('cpu', picture.limit)} reached, throttled in ${percent(picture.throttled)} of periods`,
      ...(since === null ? {} : { since }),
      quotes: topQuotes(also.inside, picture.main),
      ...(lowered === null && since === null ? { notKnown: say`since when: it was so for more than 2 h` } : {}),
      byHand: `${kubectl(t)} exec deployment/${t.name} -c ${picture.main} -- cat /sys/fs/cgroup/cpu.stat`,
    };
  },
});

const full = 0.9;

export const nodeBusy = check('node-busy', {
  severity: 'warning',
  ask: 'Do the nodes have CPU left?',
  rulesOut: 'no CPU left on the node',
  needs: [nodeLoad, cpu, deployment],
  also: [nodes, podRows, throttling],
  find: (seen, also): Answer => {
    const busy = seen['node load'].nodes.filter((one) => one.busy >= full);
    const [worst] = busy.toSorted((a, b) => b.busy - a.busy);
    if (worst === undefined) return 'clear';
    const there = nodeCores(also);
    const own = ownCores(seen.cpu.pods, also, worst.node);
    const mine =
      own === null || there === null
        ? ''
        : `. Its pods use ${cores(own)} of the ${there} there${own < there * 0.4 ? ': others on the node use most of it' : ''}`;
    const picture = pictureOf(seen, also['cpu throttled']);
    return {
      found: say`node ${code(worst.node)} is ${percent(worst.busy)} busy (median of 10 min)${busy.length > 1 ? `, and ${plural(busy.length - 1, 'more node')} ${percent(full)} or more` : ''}, of ${plural(seen['node load'].known, 'node')} with its pods${mine}. On a full node a pod only gets what it asked for${picture.request === null ? ', and it asks for nothing' : ` (${amount('cpu', picture.request)})`}`,
      short: `${plural(busy.length, 'node')} without CPU left`,
      notKnown: say`which pods of others use it, where metrics of all namespaces may not be read`,
      byHand: `promtool query instant <PROMETHEUS_URL> 'topk(10, sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{container!=""}[5m])))'`,
    };
  },
});

function ownCores(
  pods: readonly { readonly pod: string; readonly value: number }[],
  also: Parameters<typeof nodeCores>[0],
  node: string,
): number | null {
  if (!also['pod rows'].known) return null;
  const names = new Set(
    (also['pod rows'].value.rows as readonly { readonly node: string; readonly name: string }[])
      .filter((one) => one.node === node)
      .map((one) => one.name),
  );
  return pods.reduce((sum, one) => sum + (names.has(one.pod) ? one.value : 0), 0);
}
