import { grouped } from '../../playbooks/readings/events.ts';
import type { EventGroup } from '../../playbooks/readings/events.ts';
import type { Outcome } from '../core/contract.ts';
import { viewOf } from '../core/looking/view.ts';
import type { Asked } from '../core/looking/view.ts';
import type {
  Autoscaler,
  Condition,
  Container,
  ContainerState,
  ContainerStatus,
  Deployment,
  DisruptionBudget,
  Event,
  Owner,
  Pod,
  Revision,
  Workload,
} from '../core/ports/kubernetes.ts';
import type { Read } from '../core/ports/platform.ts';
import { bold, since, say } from '../core/words.ts';
import type { Words } from '../core/words.ts';
import { targetIn, tried, untold } from './found.ts';
import { age, counted, short, view } from './show.ts';
import type { Part } from './show.ts';

/** `kubectl describe` of a deployment or a pod: what matters of it, in our words, with its conditions and last events. */

type Described =
  | {
      readonly is: 'deployment';
      readonly deployment: Deployment;
      readonly revisions: Outcome<readonly Revision[]>;
      readonly autoscaler: Outcome<Autoscaler | null>;
      readonly budgets: Outcome<readonly DisruptionBudget[]>;
      readonly events: Outcome<readonly EventGroup[]>;
    }
  | { readonly is: 'pod'; readonly pod: Pod; readonly events: Outcome<readonly EventGroup[]> }
  | { readonly is: 'other'; readonly workload: Workload };

const EVENTS = 6;
/** What it does to a change that is made beside it. */
const REVERTS: Readonly<Record<Owner['reverts'], string>> = {
  'at once': 'takes a change made beside it back at once',
  'at its next interval': 'takes a change made beside it back at its next interval',
  'at its next deploy': 'takes a change made beside it back at its next deploy',
  no: 'leaves a change made beside it as it is',
  'not known': 'what it does to a change made beside it is not known',
};

export const describe = viewOf<Described>({
  word: 'describe',
  also: ['desc'],
  options: [],
  of: 'one',
  withinMs: 8_000,
  help: {
    usage: 'describe <deployment or pod> [region]',
    short: 'what matters of it: image, replicas, probes, conditions, last events',
    more: [
      'Values of environment variables are not shown. What I could not see is named.',
      'Only you see the answer; with `here` at the end, or in a thread, everybody does.',
    ],
    examples: ['describe <deployment> <region>', 'kubectl describe deployment <deployment> --context <region>'],
  },
  async look(read, asked) {
    const target = await targetIn(read, asked);
    if (target.is === 'other') return { is: 'other', workload: target.workload };
    if (target.is === 'pod') {
      const { pod } = target;
      return {
        is: 'pod',
        pod,
        events: await tried(eventsOf(read, asked, (one) => one.kind === 'Pod' && one.name === pod.name)),
      };
    }
    if (target.is === 'all') return { is: 'other', workload: nothing(asked) };
    const of = { namespace: asked.namespace, name: asked.name };
    const [revisions, autoscaler, budgets] = await Promise.all([
      tried(read.kubernetes.revisions(of)),
      tried(read.kubernetes.autoscaler(of)),
      tried(read.kubernetes.disruptionBudgets(asked.namespace)),
    ]);
    const sets = new Set(revisions.known ? revisions.value.map((one) => one.name) : []);
    const events = await tried(
      eventsOf(read, asked, ({ kind, name }) =>
        kind === 'Pod' ? sets.has(name.slice(0, name.lastIndexOf('-'))) : name === asked.name || sets.has(name),
      ),
    );
    return { is: 'deployment', deployment: target.deployment, revisions, autoscaler, budgets, events };
  },
  render(asked, all, at) {
    return view(asked, all, at, { part: (value, region) => partOf(value, region, at) });
  },
});

function nothing({ namespace, name }: Asked): Workload {
  return {
    namespace,
    name,
    kind: 'Job',
    uid: '',
    selector: '',
    wanted: 0,
    ready: 0,
    updated: 0,
    failed: 0,
    partition: null,
    strategy: '',
    images: [],
  };
}

async function eventsOf(
  { kubernetes }: Read,
  { namespace }: Asked,
  isMine: (event: Event) => boolean,
): Promise<readonly EventGroup[]> {
  const all = await kubernetes.events(namespace, ['Pod', 'ReplicaSet', 'Deployment']);
  return grouped(all.filter(isMine).map((event) => ({ event, replicaSet: '' })))
    .toSorted((a, b) => Number(b.type === 'Warning') - Number(a.type === 'Warning'))
    .slice(0, EVENTS);
}

function partOf(value: Described, region: string, at: string): Part {
  if (value.is === 'pod') return podPart(value.pod, value.events, region, at);
  if (value.is === 'deployment') return deploymentPart(value, region, at);
  const { kind, wanted, ready, updated, strategy, images } = value.workload;
  const is =
    kind === 'Job'
      ? `${ready} succeeded of ${wanted}`
      : `${ready} of ${wanted} ready, ${updated} on the newest template`;
  return {
    line: say`${bold(region)}: ${kind}, ${is}`,
    more: [
      say`Image ${images.join(', ')}${strategy === '' ? '' : ` · ${strategy}`}`,
      say`I look fully into Deployments only`,
    ],
  };
}

function deploymentPart(
  { deployment, revisions, autoscaler, budgets, events }: Extract<Described, { is: 'deployment' }>,
  region: string,
  at: string,
): Part {
  const { replicas, template, owner } = deployment;
  const current = revisions.known
    ? revisions.value.findLast((one) => one.templateDigest === deployment.templateDigest)
    : undefined;
  const paused = deployment.paused ? ' · *paused*' : '';
  const unread = untold({
    'rollout history': revisions,
    'the autoscaler': autoscaler,
    'disruption budgets': budgets,
    events,
  });
  const { strategy } = deployment;
  const how =
    strategy.type === 'Recreate'
      ? 'Recreate: all old pods end before new ones start'
      : `rolling, at most ${strategy.surgePods} more and ${strategy.unavailablePods} fewer than ${replicas.wanted}`;
  const more: readonly (Words | null)[] = [
    ...template.containers.map((one) => containerLine(one, template.containers.length > 1)),
    template.initContainers.length === 0
      ? null
      : say`*Before:* ${template.initContainers.map((one) => `${one.name} (${one.image})`).join(', ')}`,
    say`*Rollout:* ${how} · gives up after ${Math.round(deployment.progressDeadlineSeconds / 60)} min${current === undefined ? null : say` · revision ${current.number} of ${since(current.createdAt)}`}`,
    changedBy(deployment),
    autoscaler.known ? scalerLine(autoscaler.value) : null,
    budgets.known ? budgetLine(budgets.value, deployment) : null,
    owner.kind === 'none' ? null : say`*Owner:* ${owner.kind} ${owner.name}, ${REVERTS[owner.reverts]}`,
    ...conditionLines(deployment.conditions),
    unread.length === 0 ? null : say`*Could not see:* ${unread.join('; ')}`,
  ];
  return {
    line: say`${bold(region)}: ${replicas.ready} of ${replicas.wanted} ready, ${replicas.updated} of ${counted(replicas.total, 'pod')} on the newest template, ${replicas.available} available${paused === '' ? null : say` · *paused*`}`,
    more: more.filter((words) => words !== null),
    last: events.known ? eventText(events.value, at) : '',
  };
}

function containerLine(one: Container, isNamed: boolean): Words {
  const asks = (of: Readonly<Record<string, string>>): string =>
    Object.entries(of)
      .map(([resource, value]) => `${resource.replace('nvidia.com/', '')} ${value}`)
      .join(', ');
  const probes = [
    ...(one.readiness === null ? ['no readiness probe'] : [`ready by ${one.readiness.asks}`]),
    ...(one.liveness === null ? [] : [`alive by ${one.liveness.asks}`]),
    ...(one.startup === null ? [] : [`started by ${one.startup.asks}`]),
  ];
  const name = isNamed ? `${one.name}: ` : '';
  return say`*Container:* ${name}${one.image} · requests ${asks(one.requests) || 'nothing'} · limits ${asks(one.limits) || 'none'} · ${probes.join(', ')}`;
}

function changedBy({ templateChangedBy, generation, observedGeneration }: Deployment): Words | null {
  if (observedGeneration < generation)
    return say`*Not seen yet* by the controller: generation ${observedGeneration} of ${generation}`;
  return templateChangedBy === null
    ? null
    : say`*Changed* by ${templateChangedBy.manager}, ${since(templateChangedBy.at)}`;
}

/** What it does not see is no zero. */
function measureText({ name, current, target }: Autoscaler['metrics'][number]): string {
  return current === 'unknown' ? `${name}: not known, target ${target}` : `${name} ${current}, target ${target}`;
}

function scalerLine(scaler: Autoscaler | null): Words {
  if (scaler === null) return say`*Autoscaler:* none`;
  const measures = scaler.metrics.map(measureText).join('; ');
  const blind = scaler.conditions.find((one) => one.type === 'ScalingActive' && one.status !== 'True');
  const keda = scaler.scaledObject === null ? '' : ` (by KEDA, ${scaler.scaledObject})`;
  return say`*Autoscaler:* ${scaler.current} now, ${scaler.min === scaler.max ? `exactly ${scaler.min}: it cannot scale` : `${scaler.min} to ${scaler.max}${scaler.current >= scaler.max ? ', at its maximum' : ''}`}${keda}${measures === '' ? '' : ` · ${measures}`}${blind === undefined ? null : say` · *it scales nothing now*: ${blind.reason}${blind.message === '' ? '' : `, ${short(blind.message, 160)}`}`}`;
}

/** By the selector's text: one that is written otherwise is not recognised. */
function budgetLine(all: readonly DisruptionBudget[], { selector }: Deployment): Words | null {
  const mine = all.filter((one) => one.selector === selector);
  if (mine.length === 0) return null;
  return say`*Disruption budget:* ${mine.map((one) => `${one.name}, ${one.allowed} may be missing now`).join('; ')}`;
}

function conditionLines(all: readonly Condition[]): readonly Words[] {
  return all
    .filter((one) => one.status !== 'True' || one.type === 'ReplicaFailure')
    .map(
      (one) =>
        say`${bold(`${one.type} ${one.status}`)}${one.since === null ? null : say` ${since(one.since)}`}: ${one.reason}${one.message === '' ? '' : `, ${short(one.message, 200)}`}`,
    );
}

function podPart(pod: Pod, events: Outcome<readonly EventGroup[]>, region: string, at: string): Part {
  const all = [...pod.initContainers, ...pod.containers];
  const ready = pod.containers.filter((one) => one.ready).length;
  const why = pod.reason === '' ? '' : ` (${pod.reason}${pod.message === '' ? '' : `: ${short(pod.message, 160)}`})`;
  const more: readonly (Words | null)[] = [
    ...all.map((one) => statusLine(one, at)),
    pod.gpus === 0 ? null : say`*GPUs:* ${pod.gpus}`,
    ...conditionLines(pod.conditions),
    events.known ? null : say`*Could not see:* events (${events.why})`,
  ];
  return {
    line: say`${bold(region)}: ${pod.terminating ? 'Terminating' : pod.phase}${why}, ${ready} of ${counted(pod.containers.length, 'container')} ready, on ${pod.node === '' ? 'no node yet' : pod.node}, made ${since(pod.createdAt)}`,
    more: more.filter((words) => words !== null),
    last: events.known ? eventText(events.value, at) : '',
  };
}

function statusLine(one: ContainerStatus, at: string): Words {
  const last = one.last === null ? '' : ` · before: ${stateText(one.last, at)}`;
  const restarts = one.restarts === 0 ? '' : ` · ${counted(one.restarts, 'restart')}`;
  return say`*Container:* ${one.name} (${one.image}), ${one.ready ? 'ready' : 'not ready'}, ${stateText(one.state, at)}${restarts}${last}`;
}

function stateText(state: ContainerState, at: string): string {
  switch (state.is) {
    case 'waiting':
      return `waiting: ${state.reason}${state.message === '' ? '' : `, ${short(state.message, 160)}`}`;
    case 'running':
      return `running for ${age(state.since, at)}`;
    case 'terminated': {
      const when = state.finishedAt === null ? '' : ` ${age(state.finishedAt, at)} ago`;
      return `ended with ${state.exitCode}${state.reason === '' ? '' : ` (${state.reason})`}${when}`;
    }
  }
}

function eventText(all: readonly EventGroup[], at: string): string {
  return all
    .map(
      (one) =>
        `${one.type === 'Warning' ? 'Warning' : 'Normal '}  ${one.reason}${one.count === 1 ? '' : ` ×${one.count}`} · ${age(one.lastAt, at)} ago: ${short(one.message, 220)}`,
    )
    .join('\n');
}
