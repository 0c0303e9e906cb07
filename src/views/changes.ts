import type { Outcome } from '../core/contract.ts';
import { Failure } from '../core/failure.ts';
import { viewOf } from '../core/looking/view.ts';
import type { Asked } from '../core/looking/view.ts';
import type { Committed } from '../core/ports/commits.ts';
import type { ConfigObject, Deployment, Event, Node, Revision } from '../core/ports/kubernetes.ts';
import type { Read } from '../core/ports/platform.ts';
import { duration } from '../core/render/small.ts';
import { bold, code, say, since } from '../core/words.ts';
import type { Words } from '../core/words.ts';
import { tried, untold } from './found.ts';
import { counted, short, view } from './show.ts';
import type { Part } from './show.ts';
import { configMapsOf, differences, imageName } from './template.ts';

/** What was changed, by whom and when, region beside region: rollouts, config maps, the autoscaler, nodes; and the commits behind them. */

interface Change {
  readonly at: string;
  readonly what: string;
  readonly who: string;
}
interface Changes {
  readonly changes: readonly Change[];
  /** What runs now: "model-server:v2.4.1"; '' where no deployment was named. */
  readonly now: string;
  readonly nowSince: string | null;
  readonly untold: readonly string[];
  /** Deployments that were looked at, of how many. */
  readonly of: { readonly read: number; readonly there: number } | null;
}

const DAY_MS = 86_400_000;
const SHOWN = 24;
/** Deployments of a whole namespace that are looked at. */
const MOST = 25;
const COMMITS = 8;

export const changes = viewOf<Changes, Committed | null>({
  word: 'changes',
  also: ['change', 'history'],
  options: ['since'],
  of: 'one or all',
  withinMs: 10_000,
  help: {
    usage: 'changes [deployment] [region] [1h | 24h]',
    short: 'rollouts, config, autoscaler and nodes: what changed when and by whom, region beside region',
    more: [
      'Without a time: of the last 24 hours. Who: the field manager, or the change cause, that the cluster has recorded. A rollback takes an old revision again: its time is that of the last write.',
      'Events of autoscalers and nodes are kept for about an hour. Commits: where the config has a source for the service.',
      'Only you see the answer; with `here` at the end, or in a thread, everybody does.',
    ],
    examples: [
      'changes <deployment> 1h',
      'changes <deployment> <region>',
      'kubectl rollout history deployment/<deployment> --context <region>',
    ],
  },
  async look(read, asked, at) {
    const from = new Date(Date.parse(at) - backMs(asked)).toISOString();
    const [own, nodes, told] = await Promise.all([
      asked.name === '' ? ofAll(read, asked, from) : ofOne(read, asked, from),
      tried(read.kubernetes.nodes()),
      tried(nodeEvents(read)),
    ]);
    const around = [
      ...(nodes.known ? nodes.value.flatMap((one) => unready(one, from)) : []),
      ...(told.known ? told.value : []),
    ];
    const all = [...own.changes, ...around].filter((one) => one.at >= from);
    return {
      ...own,
      changes: all.toSorted((a, b) => b.at.localeCompare(a.at)),
      untold: [...own.untold, ...untold({ nodes, "nodes' events": told })],
    };
  },
  beside: async ({ commits }, asked, at) =>
    asked.name === '' ? null : commits.of(asked.name, new Date(Date.parse(at) - backMs(asked)).toISOString(), COMMITS),
  render(asked, all, at, beside) {
    const share = Math.max(5, Math.floor(SHOWN / Math.max(1, all.length)));
    const message = view(asked, all, at, {
      part: (value, region) => partOf(value, { region, share, back: duration(backMs(asked)) }),
      notes: [say`The cluster keeps who wrote last, not every write; events are kept for about an hour`],
    });
    const [title, ...rest] = message.blocks;
    const lines = commitLines(asked, beside);
    return {
      ...message,
      blocks: [
        ...(title === undefined ? [] : [title]),
        ...(lines.length === 0 ? [] : [{ is: 'lines' as const, lines }]),
        ...rest,
      ],
    };
  },
});

function backMs({ sinceMs }: Asked): number {
  return sinceMs ?? DAY_MS;
}

async function ofOne(read: Read, asked: Asked, from: string): Promise<Changes> {
  const { kubernetes } = read;
  const of = { namespace: asked.namespace, name: asked.name };
  const deployment = await kubernetes.deployment(of);
  if (deployment === null) throw new Failure('not found', `there is no deployment ${asked.name} in ${asked.namespace}`);
  const [sets, scaling, ...maps] = await Promise.all([
    tried(kubernetes.revisions(of)),
    tried(scalerChanges(read, asked)),
    ...configMapsOf(deployment.template).map(async (name) => ({
      name,
      map: await tried(kubernetes.configMap({ namespace: asked.namespace, name })),
    })),
  ]);
  const config = maps.flatMap(({ name, map }) =>
    map.known && map.value !== null ? configChange(name, map.value) : [],
  );
  const rollouts = sets.known ? rolloutsOf(deployment, sets.value, from) : [];
  const current = rollouts.find((one) => one.current);
  const [container] = deployment.template.containers;
  return {
    changes: [
      ...rollouts.map(({ at, what, who }) => ({ at, what, who })),
      ...(scaling.known ? scaling.value : []),
      ...config,
    ],
    now: imageName(container?.image ?? ''),
    nowSince: current?.at ?? null,
    untold: untold({
      'rollout history': sets,
      "the autoscaler's events": scaling,
      ...Object.fromEntries(maps.map(({ name, map }) => [`config map ${name}`, map])),
    }),
    of: null,
  };
}

async function ofAll({ kubernetes }: Read, { namespace }: Asked, from: string): Promise<Changes> {
  const all = await kubernetes.deployments(namespace);
  const read = all.slice(0, MOST);
  const found = await Promise.all(
    read.map(async ({ name }): Promise<Outcome<readonly Change[]>> =>
      tried(
        (async () => {
          const of = { namespace, name };
          const [deployment, sets] = await Promise.all([kubernetes.deployment(of), kubernetes.revisions(of)]);
          if (deployment === null) return [];
          return rolloutsOf(deployment, sets, from).map(({ at, what, who }) => ({ at, what: `${name}: ${what}`, who }));
        })(),
      ),
    ),
  );
  return {
    changes: found.flatMap((one) => (one.known ? one.value : [])),
    now: '',
    nowSince: null,
    untold: untold(Object.fromEntries(found.map((one, index) => [read[index]?.name ?? '', one]))),
    of: { read: read.length, there: all.length },
  };
}

/** Oldest first: each against the one before it. A ReplicaSet that is used again keeps the time of its making: then the last write says when. */
function rolloutsOf(
  deployment: Deployment,
  sets: readonly Revision[],
  from: string,
): readonly (Change & { readonly current: boolean })[] {
  const byNumber = sets.toSorted((a, b) => a.number - b.number);
  return byNumber.flatMap((one, index) => {
    const before = byNumber[index - 1];
    const current = one.templateDigest === deployment.templateDigest && index === byNumber.length - 1;
    const isOld = byNumber.slice(0, index).some((other) => other.createdAt > one.createdAt);
    const by = current ? deployment.templateChangedBy : null;
    const at = isOld && by !== null ? by.at : one.createdAt;
    if (at < from && !current) return [];
    const what = before === undefined ? ['first that is kept'] : differences(before.template, one.template);
    const kept = what.length === 0 ? 'a part that I do not show (labels, annotations, security)' : what.join(', ');
    const cause = one.changeCause === null ? '' : `, "${short(one.changeCause, 80)}"`;
    const again = isOld
      ? ` (its ReplicaSet is of ${one.createdAt.slice(0, 16).replace('T', ' ')} UTC: used again)`
      : '';
    const who = by?.manager ?? '';
    return [{ at, what: `rollout, revision ${one.number}: ${kept}${again}${cause}`, who, current }];
  });
}

function configChange(name: string, { changedBy, digest }: ConfigObject): readonly Change[] {
  if (changedBy === null) return [];
  return [{ at: changedBy.at, what: `config map ${name} written, now ${digest.slice(0, 8)}`, who: changedBy.manager }];
}

async function scalerChanges({ kubernetes }: Read, { namespace, name }: Asked): Promise<readonly Change[]> {
  const scaler = await kubernetes.autoscaler({ namespace, name });
  if (scaler === null) return [];
  const all = await kubernetes.events(namespace, ['HorizontalPodAutoscaler']);
  return eventChanges(
    all.filter((one) => one.name === scaler.name && one.reason === 'SuccessfulRescale'),
    () => 'autoscaler',
  );
}

async function nodeEvents({ kubernetes }: Read): Promise<readonly Change[]> {
  const all = await kubernetes.events('default', ['Node']);
  const usual = /^(Starting|NodeAllocatableEnforced|NodeHasSufficient|NodeHasNo)/;
  return eventChanges(
    all.filter((one) => !usual.test(one.reason)),
    (one) => `node ${one.name}`,
  );
}

function unready({ name, ready, readySince, unschedulable }: Node, from: string): readonly Change[] {
  if (readySince === null || readySince < from) return [];
  const cordoned = unschedulable ? ', cordoned' : '';
  return [
    {
      at: readySince,
      what: `node ${name} ${ready === 'True' ? 'ready' : ready === 'False' ? 'not ready' : 'silent'}${cordoned}`,
      who: '',
    },
  ];
}

function eventChanges(all: readonly Event[], what: (event: Event) => string): readonly Change[] {
  return all.map((one) => ({
    at: one.lastAt,
    what: `${what(one)}: ${one.reason}, ${short(one.message, 120)}`,
    who: '',
  }));
}

function partOf(
  { changes: all, now, nowSince, untold: missing, of }: Changes,
  { region, share, back }: { readonly region: string; readonly share: number; readonly back: string },
): Part {
  const runs = now === '' ? '' : `${now}, `;
  const from = nowSince === null ? null : say`since ${since(nowSince)}, `;
  const read = of === null || of.read === of.there ? '' : ` (${of.read} of ${of.there} deployments looked at)`;
  const shown = all.slice(0, share);
  return {
    line: say`${bold(region)}: ${runs}${from}${all.length === 0 ? 'no change seen' : counted(all.length, 'change')} in the last ${back}${read}`,
    more: [
      ...shown.map(({ at, what, who }) => say`${since(at)} ${what}${who === '' ? '' : ` · by ${who}`}`),
      ...(all.length > shown.length ? [say`and ${counted(all.length - shown.length, 'older one')}`] : []),
      ...(missing.length === 0 ? [] : [say`*Could not see:* ${missing.join('; ')}`]),
    ],
  };
}

function commitLines(asked: Asked, beside: Outcome<Committed | null> | null): readonly Words[] {
  if (beside === null) return [];
  if (!beside.known) return [say`*Commits:* could not be read: ${beside.why}`];
  if (beside.value === null)
    return asked.name === '' ? [] : [say`*Commits:* no source is configured for ${asked.name}`];
  const { source, commits } = beside.value;
  if (commits.length === 0) return [say`*Commits:* none in ${source} in the last ${duration(backMs(asked))}`];
  return [
    say`*Commits* in ${source}${commits.length === COMMITS ? `, the newest ${COMMITS}` : ''}:`,
    ...commits.map((one) => say`${since(one.at)} ${code(one.id.slice(0, 7))} ${short(one.title, 120)} · ${one.by}`),
  ];
}
