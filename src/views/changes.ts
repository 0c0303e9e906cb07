import type { Outcome } from '../core/contract.ts';
import { Failure } from '../core/failure.ts';
import { viewOf } from '../core/looking/view.ts';
import type { Act, Asked } from '../core/looking/view.ts';
import type { Committed } from '../core/ports/commits.ts';
import type { Autoscaler, ConfigObject, CustomObject, Event } from '../core/ports/kubernetes.ts';
import type { Read } from '../core/ports/platform.ts';
import { duration } from '../core/render/small.ts';
import { bold, code, say, since } from '../core/words.ts';
import type { Words } from '../core/words.ts';
import { nodeChanges } from './change-nodes.ts';
import { rolloutsOf } from './change-rollouts.ts';
import { boundsChanges, replicaChanges, undatedScale } from './change-scale.ts';
import type { Change } from './change-scale.ts';
import { told } from './change-told.ts';
import { tried, untold } from './found.ts';
import { counted, short, view } from './show.ts';
import type { Part } from './show.ts';
import { configMapsOf, imageName, rolloutText } from './template.ts';

/** What was changed, by whom and when, region beside region: rollouts, replicas, the autoscaler, config maps, nodes; and the commits behind them. */

interface Changes {
  readonly changes: readonly Change[];
  /** What somebody changed at a time that nothing tells. */
  readonly undated: readonly string[];
  /** What is wanted now: "model-server:v2.4.1", and how far it is where not all pods have it; '' where no deployment was named. */
  readonly now: string;
  readonly nowSince: string | null;
  readonly untold: readonly string[];
  /** Deployments that were looked at, of how many. */
  readonly of: { readonly read: number; readonly there: number } | null;
}
interface BesideChanges {
  /** Null: no deployment was named, or no source of commits is configured at all. */
  readonly commits: Outcome<Committed | null> | null;
  readonly acts: Outcome<readonly Act[]>;
}

const DAY_MS = 86_400_000;
const SHOWN = 24;
/** Deployments of a whole namespace that are looked at. */
const MOST = 25;
const COMMITS = 8;
/** An API server keeps events for an hour unless it is told otherwise (`--event-ttl`). */
const EVENTS_MS = 3_600_000;

export const changes = viewOf<Changes, BesideChanges>({
  word: 'changes',
  also: ['change', 'history'],
  options: ['since'],
  of: 'one or all',
  withinMs: 10_000,
  help: {
    usage: 'changes [deployment] [region] [1h | 24h]',
    short: 'rollouts, replicas, config, autoscaler and nodes: what changed when and by whom, region beside region',
    more: [
      'Without a time: the last 24 hours. Who: the field manager or the change cause that the cluster has recorded; of my own changes, who approved them.',
      'The cluster keeps who wrote a field last, and not what it was before: where only an event or my own records know that, it stands here; else I say that it is not known.',
      'Events (autoscaler, nodes) are kept for about an hour. Commits: where the config has a source for the service.',
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
      tried(read.kubernetes.events('default', ['Node'])),
    ]);
    const around = nodeChanges(nodes.known ? nodes.value : null, told.known ? told.value : null, from);
    const all = [...own.changes, ...around].filter((one) => one.at >= from);
    return {
      ...own,
      changes: all.toSorted((a, b) => b.at.localeCompare(a.at)),
      untold: [...own.untold, ...untold({ nodes, "nodes' events, so not whether a node was removed": told })],
    };
  },
  async beside({ commits, acts }, asked, at) {
    const from = new Date(Date.parse(at) - backMs(asked)).toISOString();
    const [found, done] = await Promise.all([
      asked.name === '' || commits === null ? null : tried(commits.of(asked.name, from, COMMITS)),
      tried(acts(from)),
    ]);
    return { commits: found, acts: done };
  },
  render(asked, all, at, beside) {
    const share = Math.max(5, Math.floor(SHOWN / Math.max(1, all.length)));
    const acts: Outcome<readonly Act[]> =
      beside === null ? { known: true, value: [] } : beside.known ? beside.value.acts : beside;
    const message = view(asked, all, at, {
      part: (value, region) => {
        const mine = acts.known ? acts.value.filter((one) => one.region === region && isOf(one, asked)) : [];
        return partOf(value, { region, share, back: duration(backMs(asked)), acts: mine });
      },
      notes: [
        say`The cluster keeps who wrote a field last, not every write nor what was there before; events are kept for about an hour`,
      ],
    });
    const [title, ...rest] = message.blocks;
    const lines = [
      ...(acts.known ? [] : [say`*My own changes:* could not be read: ${acts.why}`]),
      ...commitLines(asked, beside),
    ];
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

/** Nodes are everybody's. */
function isOf({ of, says }: Act, { name }: Asked): boolean {
  return name === '' || of.includes(name) || of.some((one) => one.startsWith(`${name}-`)) || /^(un)?cordon/.test(says);
}

async function ofOne(read: Read, asked: Asked, from: string): Promise<Changes> {
  const { kubernetes } = read;
  const of = { namespace: asked.namespace, name: asked.name };
  const deployment = await kubernetes.deployment(of);
  if (deployment === null) throw new Failure('not found', `there is no deployment ${asked.name} in ${asked.namespace}`);
  const [sets, scaler, events, ...maps] = await Promise.all([
    tried(kubernetes.revisions(of)),
    tried(scalerOf(read, asked)),
    tried(scaleEvents(read, asked)),
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
  const isComplete = rolloutText(deployment.replicas) === 'complete';
  const found = scaler.known ? scaler.value : { scaler: null, object: null };
  const replicas = replicaChanges({
    deployment,
    sets: sets.known ? sets.value : [],
    events: events.known ? events.value.filter((one) => isAbout(one, asked.name)) : [],
    scaler: found.scaler,
    rollouts,
    from,
  });
  // Within the time for which events are kept, no event means that it was earlier.
  const isOlder = events.known && backMs(asked) <= EVENTS_MS;
  const undated = isOlder ? null : undatedScale(deployment, replicas);
  return {
    undated: undated === null ? [] : [undated],
    changes: [
      ...rollouts.map(({ at, what, who }) => ({ at, what, who })),
      ...replicas,
      ...boundsChanges(found.scaler, found.object, from),
      ...config,
    ],
    now: `${imageName(container?.image ?? '')}${isComplete ? '' : ` is wanted (${rolloutText(deployment.replicas)})`}`,
    nowSince: current?.at ?? null,
    untold: untold({
      'rollout history': sets,
      'the autoscaler': scaler,
      'scaling events': events,
      ...Object.fromEntries(maps.map(({ name, map }) => [`config map ${name}`, map])),
    }),
    of: null,
  };
}

interface Scaled {
  readonly scaler: Autoscaler | null;
  /** The ScaledObject that makes it. */
  readonly object: CustomObject | null;
}

async function scalerOf({ kubernetes }: Read, { namespace, name }: Asked): Promise<Scaled> {
  const scaler = await kubernetes.autoscaler({ namespace, name });
  if (scaler === null || scaler.scaledObject === null) return { scaler, object: null };
  const all = await kubernetes.custom('ScaledObject', namespace);
  return { scaler, object: all?.find((one) => one.name === scaler.scaledObject) ?? null };
}

async function scaleEvents({ kubernetes }: Read, { namespace }: Pick<Asked, 'namespace'>): Promise<readonly Event[]> {
  return kubernetes.events(namespace, ['Deployment', 'HorizontalPodAutoscaler']);
}
function isAbout({ kind, name }: Event, deployment: string): boolean {
  return kind === 'HorizontalPodAutoscaler' || name === deployment;
}

async function ofAll(read: Read, asked: Asked, from: string): Promise<Changes> {
  const { kubernetes } = read;
  const { namespace } = asked;
  const [all, events] = await Promise.all([kubernetes.deployments(namespace), tried(scaleEvents(read, asked))]);
  const looked = all.slice(0, MOST);
  const found = await Promise.all(
    looked.map(async ({ name }): Promise<Outcome<readonly Change[]>> =>
      tried(
        (async () => {
          const of = { namespace, name };
          const [deployment, sets, scaled] = await Promise.all([
            kubernetes.deployment(of),
            kubernetes.revisions(of),
            scalerOf(read, { ...asked, name }),
          ]);
          if (deployment === null) return [];
          const rollouts = rolloutsOf(deployment, sets, from);
          const told = events.known ? events.value.filter((one) => isAbout(one, name)) : [];
          const { scaler, object } = scaled;
          const replicas = replicaChanges({ deployment, sets, events: told, scaler, rollouts, from });
          return [...rollouts, ...replicas, ...boundsChanges(scaler, object, from)].map((one) => ({
            at: one.at,
            what: `${name}: ${one.what}`,
            who: one.who,
            ...('vague' in one ? { vague: true as const } : {}),
          }));
        })(),
      ),
    ),
  );
  return {
    changes: found.flatMap((one) => (one.known ? one.value : [])),
    undated: [],
    now: '',
    nowSince: null,
    untold: untold({
      ...Object.fromEntries(found.map((one, index) => [looked[index]?.name ?? '', one])),
      'scaling events': events,
    }),
    of: { read: looked.length, there: all.length },
  };
}

function configChange(name: string, { changedBy, digest }: ConfigObject): readonly Change[] {
  if (changedBy === null) return [];
  return [{ at: changedBy.at, what: `config map ${name} written, now ${digest.slice(0, 8)}`, who: changedBy.manager }];
}

function partOf(
  { changes: all, undated, now, nowSince, untold: missing, of }: Changes,
  {
    region,
    share,
    back,
    acts,
  }: { readonly region: string; readonly share: number; readonly back: string; readonly acts: readonly Act[] },
): Part {
  const runs = now === '' ? '' : `${now}, `;
  const from = nowSince === null ? null : say`since ${since(nowSince)}, `;
  const read = of === null || of.read === of.there ? '' : ` (${of.read} of ${of.there} deployments looked at)`;
  const lines = told(all, acts);
  const shown = lines.slice(0, share);
  const none = missing.length === 0 ? 'no change seen' : 'no change seen in what I could see';
  return {
    line: say`${bold(region)}: ${runs}${from}${lines.length === 0 ? none : counted(lines.length, 'change')} in the last ${back}${read}`,
    more: [
      ...shown.map(({ words }) => words),
      ...(lines.length > shown.length ? [say`and ${counted(lines.length - shown.length, 'older one')}`] : []),
      ...undated.map((one) => say`*Not dated:* ${one}`),
      ...(missing.length === 0 ? [] : [say`*Could not see:* ${missing.join('; ')}`]),
    ],
  };
}

function commitLines(asked: Asked, beside: Outcome<BesideChanges> | null): readonly Words[] {
  if (beside === null) return [];
  if (!beside.known) return [say`*Commits:* could not be read: ${beside.why}`];
  const { commits: found } = beside.value;
  if (found === null) return [];
  if (!found.known) return [say`*Commits:* could not be read: ${found.why}`];
  if (found.value === null) return [say`*Commits:* no source is configured for ${asked.name}`];
  const { source, commits } = found.value;
  if (commits.length === 0) return [say`*Commits:* none in ${source} in the last ${duration(backMs(asked))}`];
  return [
    say`*Commits* in ${source}${commits.length === COMMITS ? `, the newest ${COMMITS}` : ''}:`,
    ...commits.map((one) => say`${since(one.at)} ${code(one.id.slice(0, 7))} ${short(one.title, 120)} · ${one.by}`),
  ];
}
