import { z } from 'zod';
import type { Json } from '../../src/core/json.ts';
import type { Differs, Verdict } from '../../src/core/contract.ts';
import type {
  DeploymentAct,
  DeploymentChange,
  DeploymentExpectation,
  DeploymentRehearse,
} from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { plural } from '../readings/wording.ts';
import { killsNow, lowers } from './against-use.ts';
import { goalSchema, judgedFrom, reached } from './goal.ts';
import { observeGoal } from './goal-seen.ts';
import type { GoalSeen } from './goal-seen.ts';
import { deadlineMsOf, reachShape, sameBut, settleMsOf } from './reach.ts';
import {
  afterwards,
  bindsOf,
  isOut,
  inTurn,
  nameOfOwner,
  observeDeployment,
  ownerSchema,
  progressOf,
  rolledOut,
  sourceOf,
} from './state.ts';
import type { DeploymentState } from './state.ts';

/** Changing a few values of a Deployment and nothing else: replicas, one container's resources, one container's plain variables. */

const pair = z.object({ from: z.string().nullable(), to: z.string().nullable() });
export const editPlan = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  /** Digest of the pod template that the plan was made from; null for a way back, which holds by its values alone. */
  digest: z.string().nullable(),
  paused: z.boolean(),
  strategy: z.string(),
  owner: ownerSchema,
  /** '' for replicas. */
  container: z.string(),
  /** By path: "replicas", "requests.cpu", "limits.memory", "env.MODEL_VERSION". Null: not set. */
  values: z.record(z.string(), pair),
  /** Pods that are started anew. */
  restarts: z.number(),
  /** What else it touches, in words: who shares it, what share of the region it is. */
  reach: z.array(z.string()),
  backReach: reachShape.backReach,
  pace: reachShape.pace,
  caution: z.string(),
  recreates: z.boolean(),
  /** What it asks for may do harm by itself. Absent: nothing says so. */
  risky: z.literal(true).exactOptional(),
  goal: goalSchema.nullable(),
});
export type EditPlan = z.infer<typeof editPlan>;

export type EditState = DeploymentState & {
  readonly values: Readonly<Record<string, string | null>>;
  readonly goal: GoalSeen | null;
  /** Why its lower memory limit would kill pods now. */
  readonly kills?: string;
};

/** Its memory limit, where it becomes lower. */
function lowerMemory({ values }: Pick<EditPlan, 'values'>): EditPlan['values'][string] | null {
  const memory = values['limits.memory'];
  return memory === undefined || !lowers(memory) ? null : memory;
}

export async function observeEdit(read: Read, plan: EditPlan): Promise<EditState> {
  const of = { namespace: plan.namespace, name: plan.name };
  const names = namesIn(plan, 'env');
  const [state, found, env, goal] = await Promise.all([
    observeDeployment(read, of, []),
    read.kubernetes.deployment(of),
    names.length === 0 ? Promise.resolve({}) : read.kubernetes.variables(of, plan.container, names),
    observeGoal(read, of, plan.goal),
  ]);
  const lower = lowerMemory(plan);
  const pods = { ...of, container: plan.container, selector: found?.selector ?? '' };
  const kills = lower === null || found === null ? null : await killsNow(read, pods, lower);
  const container = found?.template.containers.find((one) => one.name === plan.container);
  const now = (path: string): string | null => {
    const [part = '', ...rest] = path.split('.');
    const name = rest.join('.');
    switch (part) {
      case 'replicas':
        return found === null ? null : String(found.replicas.wanted);
      case 'requests':
      case 'limits':
        return container?.[part][name] ?? null;
      default:
        return (env as Readonly<Record<string, string | null>>)[name] ?? null;
    }
  };
  return {
    ...state,
    values: Object.fromEntries(Object.keys(plan.values).map((path) => [path, now(path)])),
    goal,
    ...(kills === null ? {} : { kills }),
  };
}

/** Names below one part: "cpu" of "requests.cpu". */
function namesIn(plan: EditPlan, part: 'requests' | 'limits' | 'env'): readonly string[] {
  return Object.keys(plan.values).flatMap((path) => (path.startsWith(`${part}.`) ? [path.slice(part.length + 1)] : []));
}

function at(plan: EditPlan, end: 'from' | 'to', part: 'requests' | 'limits' | 'env'): Record<string, string | null> {
  return Object.fromEntries(namesIn(plan, part).map((name) => [name, plan.values[`${part}.${name}`]?.[end] ?? null]));
}

function change(plan: EditPlan, end: 'from' | 'to'): Pick<DeploymentChange, 'replicas' | 'resources' | 'env'> {
  const { container, values } = plan;
  const [requests, limits, set] = [at(plan, end, 'requests'), at(plan, end, 'limits'), at(plan, end, 'env')];
  const hasResources = Object.keys(requests).length + Object.keys(limits).length > 0;
  return {
    ...(values['replicas'] === undefined ? {} : { replicas: Number(values['replicas'][end]) }),
    ...(hasResources ? { resources: { container, requests, limits } } : {}),
    ...(Object.keys(set).length > 0 ? { env: { container, set } } : {}),
  };
}

function expectation(plan: EditPlan): DeploymentExpectation {
  const { replicas, ...values } = change(plan, 'from');
  return {
    uid: plan.uid,
    templateDigest: plan.digest,
    paused: plan.paused,
    ...(replicas === undefined ? {} : { replicas }),
    ...(Object.keys(values).length === 0 ? {} : { values }),
  };
}

const isAt = (plan: EditPlan, now: EditState, end: 'from' | 'to'): boolean =>
  Object.entries(plan.values).every(([path, ends]) => same(now.values[path] ?? null, ends[end]));

/** The server writes amounts its own way ("1000m" and "1" are one). */
function same(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  return a === b || normal(a) === normal(b);
}
function normal(text: string): string {
  const cores = /^(\d+(?:\.\d+)?)(m?)$/.exec(text);
  return cores === null ? text : String(Number(cores[1]) * (cores[2] === 'm' ? 1 : 1000));
}

function fits(plan: EditPlan, now: EditState): Verdict {
  const no = (because: string): Verdict => ({ is: 'no', because });
  if (!now.there) return no('the deployment does not exist any more');
  if (now.uid !== plan.uid) return no('it was deleted and made anew since');
  if (isAt(plan, now, 'to')) return no('it is so already');
  if (!isAt(plan, now, 'from')) return no('its values were changed since');
  if (plan.digest !== null && now.templateDigest !== plan.digest) return no('its pod template was changed since');
  if (now.paused !== plan.paused) return no(now.paused ? 'it was paused since' : 'it was resumed since');
  if (now.strategy !== plan.strategy) return no('its rollout strategy was changed since');
  return now.kills === undefined ? { is: 'yes' } : { is: 'not yet', because: now.kills };
}

function verify(plan: EditPlan, before: EditState, now: EditState): Verdict {
  if (now.there && !isAt(plan, now, 'to')) {
    const who = now.owner.kind === 'none' ? 'somebody' : nameOfOwner(now.owner);
    const what = isAt(plan, now, 'from') ? `${who} has undone it` : 'somebody has changed it since';
    return { is: 'no', because: what };
  }
  // Fewer pods on purpose are not worse.
  const shrinks = Number(plan.values['replicas']?.to ?? 0) < Number(plan.values['replicas']?.from ?? 0);
  const pods = rolledOut(shrinks ? { ...before, available: 0 } : before, now, now.there);
  return pods.is === 'yes' ? reached(plan.goal, before.goal, now.goal) : pods;
}

/** Exactly what is approved. */
function preview(plan: EditPlan): readonly string[] {
  const where = plan.container === '' ? '' : `, container ${plan.container}`;
  const lines = Object.entries(plan.values).flatMap(([path, { from, to }]) => [
    ...(from === null ? [] : [`- ${shownPath(path)}: ${from}`]),
    ...(to === null ? [] : [`+ ${shownPath(path)}: ${to}`]),
  ]);
  return [
    `deployment ${plan.namespace}/${plan.name}${where}`,
    ...lines,
    ...plan.reach,
    '+ annotation mlp-bot/fence: a new value with each attempt',
  ];
}
const shownPath = (path: string): string => path.replace(/^env\./, 'variable ').replace(/^(requests|limits)\./, '$1 ');

function back(plan: EditPlan): EditPlan {
  const turned = Object.entries(plan.values).map(([path, { from, to }]) => [path, { from: to, to: from }] as const);
  const { backReach = [], ...rest } = plan;
  const values = Object.fromEntries(turned);
  const lower = lowerMemory({ values });
  const blind = `whether its pods fit into ${lower?.to ?? ''} is looked at before it is written; where that cannot be seen, they may be killed`;
  const reach = lower === null ? backReach : [blind, ...backReach];
  const risky = lower === null ? {} : { risky: true as const };
  return { ...rest, digest: null, values, caution: '', goal: null, reach, ...risky };
}

function differsOf(plan: EditPlan): Differs | null {
  const source = sourceOf(plan.owner);
  if (source === null) return null;
  const parts = Object.entries(plan.values).map(([path, { from, to }]) =>
    path === 'replicas'
      ? `${to} replicas instead of ${from}`
      : `${shownPath(path)} ${to ?? 'not set'} instead of ${from ?? 'not set'}`,
  );
  return { source, what: `deployment ${plan.namespace}/${plan.name}: ${parts.join(', ')}` };
}

export function restartsText(plan: EditPlan): Words {
  if (plan.restarts === 0) return say``;
  return say`. Starts ${plural(plan.restarts, 'pod')} anew${inTurn(plan.restarts, plan.recreates)}`;
}

export const editDeadlineMs = 15 * 60_000;

/** The parts that these remedies share. */
export const editing = {
  acts: 'deployment',
  schema: editPlan,
  target: (plan: EditPlan) => ({ namespace: plan.namespace, name: plan.name }),
  after: (plan: EditPlan) => afterwards(plan.owner, 'this'),
  differs: differsOf,
  preview,
  knownGood: () => false,
  same: sameBut,
  settleMs: (plan: EditPlan) => settleMsOf(plan, editDeadlineMs),
  deadlineMs: (plan: EditPlan) => deadlineMsOf(plan, editDeadlineMs),
  observe: observeEdit,
  binds: (now: EditState): Json => ({ ...(bindsOf(now) as Record<string, Json>), values: now.values }),
  fits,
  holds: (plan: EditPlan, now: EditState) => now.there && now.uid === plan.uid && isAt(plan, now, 'to'),
  rehearse: (rehearse: DeploymentRehearse, plan: EditPlan) => rehearse.rehearse(change(plan, 'to'), expectation(plan)),
  execute: (act: DeploymentAct, plan: EditPlan) => act.change(change(plan, 'to'), expectation(plan)),
  verify,
  progress: (plan: EditPlan, now: EditState) =>
    `${progressOf(now)}${isOut(now) ? judgedFrom(plan.goal, now.goal) : ''}`,
  undo: back,
} as const;
