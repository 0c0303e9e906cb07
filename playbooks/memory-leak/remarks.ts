import { clock, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { median } from '../readings/measures.ts';
import { workingSet } from '../readings/memory.ts';
import { onDeployment } from '../readings/on.ts';
import type { Shape } from '../readings/shape.ts';
import { plural } from '../readings/wording.ts';
import { rangeText, sized } from './amounts.ts';
import { isThere, lookedAt } from './leak.ts';
import { levelOf, limitOf } from './level.ts';
import { podsOf } from './pods.ts';
import { inside } from './readings.ts';
import type { PodMemory } from './pods.ts';

/** What memory does where nothing is wrong: the shapes that are taken for leaks have names. */
export const memoryNow = onDeployment.remark('Memory', {
  needs: lookedAt,
  beside: (_t, seen) => {
    const container = seen.deployment.template.containers[0]?.name ?? '';
    return besideOf(podsOf(seen.memory).filter((one) => one.container === container && isThere(seen)(one)));
  },
  say: (_t, seen) => {
    const container = seen.deployment.template.containers[0]?.name ?? '';
    const level = levelOf(seen.memory, container, seen);
    if (level === null) return null;
    const limit = limitOf(seen.deployment.template, container);
    const range = rangeText(level.least, level.most);
    const of =
      limit === null
        ? ', no limit'
        : ` of ${sized(limit)} (${Math.round((level.most / limit) * 100)} % of the limit in the fullest)`;
    const there = podsOf(seen.memory).filter((one) => one.container === container && isThere(seen)(one));
    return say`resident ${range}${of} in ${plural(level.pods, 'pod')}${shapeWords(there)}`;
  },
});

/** What most pods do, in three words. */
function besideOf(there: readonly PodMemory[]): string | null {
  const old = there.filter((one) => one.is !== 'young');
  const isMost = (some: readonly PodMemory[]): boolean => some.length * 2 > old.length;
  if (isMost(old.filter((one) => one.is === 'growing'))) return 'memory grows';
  const steady = old.filter((one) => one.is === 'steady');
  if (old.length === 0 || !isMost(steady)) return null;
  const hours = Math.round(median(steady.map((one) => one.hours)) ?? 0);
  return isMost(steady.filter((one) => one.shape.is === 'flat'))
    ? `memory flat over ${hours} h`
    : `memory without a trend over ${hours} h`;
}

type Steady = Extract<PodMemory, { is: 'steady' }>;

/** Of most pods that were seen for long enough. */
function shapeWords(there: readonly PodMemory[]): Words {
  const steady = there.filter((one) => one.is === 'steady');
  const young = there.filter((one) => one.is === 'young');
  const alone = young.length === 0 ? '' : `; ${plural(young.length, 'pod')} too young to tell`;
  const groups = Map.groupBy(steady, (one) => one.shape.is);
  const [kind, most] = [...groups].toSorted((a, b) => b[1].length - a[1].length)[0] ?? [null, []];
  if (kind === null || most.length * 2 <= there.length - young.length) return say``;
  const some = most.length === there.length - young.length ? '' : `${most.length} of them `;
  return say`, ${some}${wordsOf(kind, most)}${alone}`;
}

function wordsOf(kind: Shape['is'], pods: readonly Steady[]): Words {
  const each = pods.map((one) => one.shape);
  const middle = (values: readonly number[]): number => median(values) ?? 0;
  const at = (shapes: readonly { readonly at: number }[]): string =>
    new Date(middle(shapes.map((one) => one.at)) * 1000).toISOString();
  const hours = Math.round(middle(pods.map((one) => one.hours)));
  switch (kind) {
    case 'step': {
      const steps = each.filter((one) => one.is === 'step');
      return say`one step of ${sized(middle(steps.map((one) => one.after - one.before)))} at about ${clock(at(steps))} and flat since: no trend`;
    }
    case 'levels off': {
      const all = each.filter((one) => one.is === 'levels off');
      return say`rose until about ${clock(at(all))} and level since: no trend`;
    }
    case 'sawtooth': {
      const all = each.filter((one) => one.is === 'sawtooth');
      const falls = Math.round(middle(all.map((one) => one.falls)));
      return say`with falls of its own (${falls} ${falls === 1 ? 'time' : 'times'} in ${hours} h, by ${sized(middle(all.map((one) => one.depth)))}) and a floor that does not rise: no trend`;
    }
    case 'falling':
      return say`falling over ${hours} h`;
    default:
      return say`flat over ${hours} h`;
  }
}

/** The working set is what alerts and dashboards show, and it holds what the kernel gives back. */
export const pageCache = onDeployment.remark('Working set', {
  needs: [...lookedAt, workingSet],
  say: (_t, seen) => {
    const container = seen.deployment.template.containers[0]?.name ?? '';
    const [own, whole] = [levelOf(seen.memory, container, seen), levelOf(seen['working set'], container, seen)];
    if (own === null || whole === null) return null;
    const rest = whole.most - own.most;
    if (rest < Math.max(512, whole.most * 0.12)) return null;
    return say`up to ${sized(whole.most)}, ${sized(rest)} more than is resident: page cache or mapped files, which the kernel gives back, or files in memory (emptyDir of medium Memory, /dev/shm), which it cannot`;
  },
});

/** The kernel's own account of the fullest pod, where looking inside is allowed. */
export const kindsOfMemory = onDeployment.remark('Kinds of memory', {
  needs: [inside],
  say: (_t, seen) => {
    const { pod, anon, cache, shared, mapped } = seen['kinds of memory'];
    if (anon === null || cache === null || cache + (shared ?? 0) < Math.max(512, anon * 0.15)) return null;
    const weights = mapped === null || mapped < 512 ? '' : `, ${sized(mapped)} of it mapped (such as weights)`;
    const files = shared === null ? '' : `, ${sized(shared)} files in memory`;
    return say`${sized(anon)} resident, ${sized(cache)} page cache${weights}${files} in ${pod}`;
  },
});
