import type { Answer, Asked, Found, Outcome } from '../../src/core/contract.ts';
import type { PodTemplate } from '../../src/core/ports/kubernetes.ts';
import { clock, code, say } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { childKills } from '../readings/kills.ts';
import type { ChildKills } from '../readings/kills.ts';
import { memory } from '../readings/memory.ts';
import type { Memory } from '../readings/memory.ts';
import { onDeployment } from '../readings/on.ts';
import { minutesBetween, plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';
import { sized } from './amounts.ts';
import { levelOf, limitOf } from './level.ts';
import { inside } from './readings.ts';
import type { Inside } from './readings.ts';

const { check } = onDeployment;

/** At the limit, or counted by the kernel: it was memory. */
export const childKilled = check('child-killed', {
  severity: 'critical',
  ask: 'Are processes inside the container killed for memory while it lives on?',
  rulesOut: 'child killed',
  needs: [deployment],
  also: [childKills, inside, memory],
  find: (seen, also, { t, at }): Answer => {
    const child = childOf(seen.deployment.template, also['killed children'], also['kinds of memory'], also.memory);
    if (child === null) return { unsure: `log: ${toldOf(also['killed children']).why}` };
    return child.isMemory ? childFound({ t, at }, child) : 'clear';
  },
});

/** Signal 9 alone is no proof: a server kills its own workers so when they do not answer. */
export const childEnds = check('child-ends', {
  severity: 'warning',
  ask: 'Do processes inside the container end by signal 9 for another reason?',
  rulesOut: 'child killed',
  needs: [deployment],
  also: [childKills, inside, memory],
  find: (seen, also, { t, at }): Answer => {
    const child = childOf(seen.deployment.template, also['killed children'], also['kinds of memory'], also.memory);
    if (child === null) return { unsure: `log: ${toldOf(also['killed children']).why}` };
    if (child.isMemory || child.told.lines === 0) return 'clear';
    const by = say`who killed them: a server kills its own workers with signal 9 too, when they do not answer in time`;
    return { ...childFound({ t, at }, child), notKnown: by };
  },
});

interface Child {
  readonly container: string;
  readonly told: Told;
  readonly counted: number;
  /** The pod that was looked into; null: none. */
  readonly pod: string | null;
  readonly isMemory: boolean;
  readonly level: string;
}

/** Null: neither the log nor the kernel's counter could be read. */
function childOf(
  template: PodTemplate,
  log: Outcome<ChildKills>,
  kinds: Outcome<Inside>,
  lines: Outcome<Memory>,
): Child | null {
  const told = toldOf(log);
  if (told.read === 0 && !kinds.known) return null;
  const counted = kinds.known ? (kinds.value.killed ?? 0) : 0;
  const container = template.containers[0]?.name ?? '';
  const [level, limit] = [lines.known ? levelOf(lines.value, container) : null, limitOf(template, container)];
  const share = level === null || limit === null ? null : level.most / limit;
  const words =
    share === null
      ? ''
      : `. The container uses ${sized(level?.most ?? 0)} of ${sized(limit ?? 0)} (${Math.round(share * 100)} %)`;
  const isMemory = counted > 0 || (told.lines > 0 && share !== null && share >= 0.8);
  return { container, told, counted, pod: kinds.known ? kinds.value.pod : null, isMemory, level: words };
}

/** Of the hour that was read; what begins at its edge began earlier. */
const seenMinutes = 50;

function childFound(
  { t, at }: Asked<DeploymentTarget>,
  { container, told, counted, pod, isMemory, level }: Child,
): Found {
  const last = told.lastAt === null ? say`` : say`, last at ${clock(told.lastAt)}`;
  const logged =
    told.lines === 0
      ? say``
      : say`${plural(told.lines, 'line')} of the last hour in ${told.pods} of ${plural(told.read, 'log')} read (of ${plural(told.of, 'pod')})${last}`;
  const kernel = counted === 0 ? '' : `the kernel counts ${plural(counted, 'OOM kill')} in a container that runs on`;
  const joined = told.lines > 0 && kernel !== '' ? '; ' : '';
  return {
    found: say`processes inside container ${code(container)} ${isMemory ? 'are killed' : 'end by signal 9'} while it lives on, so there is no restart and no OOMKilled: ${logged}${joined}${kernel}${level}${isMemory ? '. This points to its memory limit' : ''}`,
    short: isMemory ? 'worker processes OOM-killed inside the container' : 'worker processes end by signal 9',
    ...(told.firstAt === null || minutesBetween(told.firstAt, at) > seenMinutes ? {} : { since: told.firstAt }),
    quotes: told.newest === '' ? [] : [told.newest],
    byHand:
      counted > 0 && pod !== null
        ? `${kubectl(t)} exec ${pod} -c ${container} -- cat /sys/fs/cgroup/memory.events`
        : `${kubectl(t)} logs deployment/${t.name} -c ${container} --since=1h --tail=3000`,
  };
}

interface Told {
  readonly lines: number;
  readonly pods: number;
  readonly read: number;
  readonly of: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly newest: string;
  readonly why: string;
}

function toldOf(log: Outcome<ChildKills>): Told {
  if (!log.known) return { lines: 0, pods: 0, read: 0, of: 0, firstAt: null, lastAt: null, newest: '', why: log.why };
  const read = log.value.pods.filter((one) => one.unread === '');
  const told = read.filter((one) => one.lines > 0);
  return {
    lines: told.reduce((sum, one) => sum + one.lines, 0),
    pods: told.length,
    read: read.length,
    of: log.value.of,
    firstAt: told.flatMap((one) => one.firstAt ?? []).toSorted()[0] ?? null,
    lastAt:
      told
        .flatMap((one) => one.lastAt ?? [])
        .toSorted()
        .at(-1) ?? null,
    newest: told[0]?.newest ?? '',
    why: log.value.pods[0]?.unread ?? 'no pod runs',
  };
}
