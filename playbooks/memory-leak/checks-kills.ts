import type { Answer, Outcome } from '../../src/core/contract.ts';
import { clock, code, say, since } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { events } from '../readings/events.ts';
import { killedBy } from '../readings/endings.ts';
import { childKills, kills } from '../readings/kills.ts';
import type { ChildKills, Kill, Kills } from '../readings/kills.ts';
import { memory, workingSet } from '../readings/memory.ts';
import type { Memory } from '../readings/memory.ts';
import { onDeployment } from '../readings/on.ts';
import { nodes } from '../readings/room.ts';
import { listed, minutesBetween, plural } from '../readings/wording.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';
import { kubectl } from '../targets/deployment.ts';
import { sized } from './leak.ts';
import { levelOf, limitOf, peakBefore } from './level.ts';
import { inside } from './readings.ts';

const { check } = onDeployment;

/** An end that is longer ago is history. */
const recentMinutes = 12 * 60;

const isRecent = (at: string | null, now: string): boolean => at !== null && minutesBetween(at, now) <= recentMinutes;

/** Reason and time of each container's last end: `grep OOMKilled` on the list of pods misses those that run again. */
function endsByHand(t: DeploymentTarget): string {
  const last = '.status.containerStatuses[*].lastState.terminated';
  return `${kubectl(t)} get pods -o custom-columns='POD:.metadata.name,REASON:${last}.reason,AT:${last}.finishedAt,RESTARTS:.status.containerStatuses[*].restartCount'`;
}

export const nodePressure = check('node-pressure', {
  severity: 'critical',
  ask: 'Did a node run out of memory and take pods away?',
  rulesOut: 'node out of memory',
  needs: [kills, nodes],
  also: [events],
  find: (seen, also, { t, at }): Answer => {
    const pressed = seen.nodes.filter((one) => one.pressures.includes('MemoryPressure')).map((one) => one.name);
    // A leftover stays for as long as nobody deletes it.
    const evicted = seen.kills.evictions.filter(
      (one) => one.memory && (isRecent(one.at, at) || (one.at === null && pressed.includes(one.node))),
    );
    const told = also.events.known ? also.events.value : [];
    const killed = seen.kills.kills.filter(
      (one) =>
        one.how === 'signal' &&
        isRecent(one.at, at) &&
        pressed.includes(one.node) &&
        killedBy('liveness', one.container, told) === null,
    );
    if (evicted.length + killed.length === 0) return 'clear';
    const on = [...new Set([...evicted, ...killed].map((one) => one.node))];
    const still = on.filter((one) => pressed.includes(one));
    const times = [...evicted, ...killed].flatMap((one) => one.at ?? []).toSorted();
    const what = listed([
      ...(evicted.length > 0 ? [`${plural(evicted.length, 'pod')} evicted`] : []),
      ...(killed.length > 0 ? [`${plural(killed.length, 'container')} killed by signal 9`] : []),
    ]);
    return {
      found: say`${nodeWords(on)} ran out of memory: ${what}${times.at(-1) === undefined ? say`` : say`, last at ${clock(times.at(-1) ?? '')}`}. ${still.length > 0 ? `MemoryPressure is still on ${listed(still)}, so no pod is placed there` : 'The pressure is over'}. The pods were not at their own limit: what filled the node may be a neighbour`,
      short: `${on.length === 1 ? 'a node' : `${on.length} nodes`} out of memory, ${plural(evicted.length + killed.length, 'pod')} ${evicted.length > 0 ? 'evicted' : 'killed'}`,
      ...(times[0] === undefined ? {} : { since: times[0] }),
      quotes: [...new Set(evicted.map((one) => one.message.trim()))].slice(0, 2),
      notKnown: say`which of the node's pods filled it`,
      byHand: `kubectl --context=${t.region} describe node ${on[0] ?? '<NODE>'}`,
    };
  },
});

function nodeWords(on: readonly string[]): Words {
  const [first = ''] = on;
  return on.length === 1 ? say`node ${code(first)}` : say`nodes ${listed(on)}`;
}

export const childKilled = check('child-killed', {
  severity: 'critical',
  ask: 'Are processes inside the container killed while it lives on?',
  rulesOut: 'child killed',
  needs: [deployment],
  also: [childKills, inside, memory],
  find: (seen, also, { t }): Answer => {
    const counted = also['kinds of memory'].known ? (also['kinds of memory'].value.killed ?? 0) : 0;
    const told = toldOf(also['killed children']);
    const container = seen.deployment.template.containers[0]?.name ?? '';
    if (told.lines === 0 && counted === 0) {
      return told.read === 0 && !also['kinds of memory'].known ? { unsure: `log: ${told.why}` } : 'clear';
    }
    const level = also.memory.known ? levelOf(also.memory.value, container) : null;
    const limit = limitOf(seen.deployment.template, container);
    const share = level === null || limit === null ? null : level.most / limit;
    const near = share !== null && share >= 0.8;
    const sure = counted > 0 || near;
    const where =
      share === null
        ? ''
        : `. The container uses ${sized(level?.most ?? 0)} of ${sized(limit ?? 0)} (limit), ${Math.round(share * 100)} %`;
    const logged =
      told.lines === 0
        ? say``
        : say`${plural(told.lines, 'line')} in ${told.pods} of ${plural(told.read, 'log')} read (${told.read} of ${plural(told.of, 'pod')})${told.lastAt === null ? say`` : say`, last at ${clock(told.lastAt)}`}`;
    const kernel = counted === 0 ? '' : `the kernel counts ${plural(counted, 'OOM kill')} in a container that runs on`;
    const joined = told.lines > 0 && kernel !== '' ? '; ' : '';
    return {
      found: say`processes inside container ${code(container)} are killed while it lives on, so there is no restart and no OOMKilled: ${logged}${joined}${kernel}${where}${sure ? '. This points to its memory limit' : ''}`,
      short: 'worker processes killed inside the container',
      ...(told.firstAt === null ? {} : { since: told.firstAt }),
      quotes: told.newest === '' ? [] : [told.newest],
      byHand:
        counted > 0 && also['kinds of memory'].known
          ? `${kubectl(t)} exec ${also['kinds of memory'].value.pod} -c ${container} -- cat /sys/fs/cgroup/memory.events`
          : `${kubectl(t)} logs deployment/${t.name} -c ${container} --since=3h --tail=5000`,
      ...(sure
        ? {}
        : {
            notKnown: say`who killed them: a server kills its own workers with signal 9 too, when they do not answer in time`,
          }),
    };
  },
});

function toldOf(log: Outcome<ChildKills>): {
  readonly lines: number;
  readonly pods: number;
  readonly read: number;
  readonly of: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly newest: string;
  readonly why: string;
} {
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

/** Ends at the container's own limit, not long ago. */
function recentOom(killed: Kills, at: string): readonly Kill[] {
  return killed.kills.filter((one) => one.how === 'container limit' && isRecent(one.at, at));
}

/** MiB at the last sample before each of these ends, where the metrics hold it. */
function peaks(all: readonly Kill[], lines: Memory): readonly number[] {
  return all.flatMap((one) => peakBefore(lines, one) ?? []);
}

export const filesInMemory = check('files-in-memory', {
  severity: 'critical',
  ask: 'Do files in memory fill the limit?',
  rulesOut: 'files in memory',
  needs: [kills, memory, workingSet, deployment],
  also: [inside],
  find: (seen, also, { at }): Answer => {
    const oom = recentOom(seen.kills, at);
    const container = oom[0]?.container ?? seen.deployment.template.containers[0]?.name ?? '';
    const limit = limitOf(seen.deployment.template, container);
    if (limit === null) return 'clear';
    const kinds = also['kinds of memory'].known ? also['kinds of memory'].value : null;
    const shared = kinds?.shared ?? 0;
    const own = Math.max(0, ...peaks(oom, seen.memory));
    const whole = Math.max(0, ...peaks(oom, seen['working set']));
    // Killed at the limit although its own memory was far from it: what counts and is neither is files that cannot be given back.
    const isTold = oom.length > 0 && own > 0 && own < limit * 0.7 && whole >= limit * 0.9;
    const isSeen = shared >= limit * 0.25 && shared + (kinds?.anon ?? 0) >= limit * 0.85;
    if (!isTold && !isSeen) return 'clear';
    const seenWords = isSeen
      ? say`${sized(shared)} of them in ${code(kinds?.pod ?? '')} now`
      : say`what they are I cannot see`;
    return {
      found: say`files kept in memory fill the limit of container ${code(container)} (${sized(limit)}): ${isTold ? `OOM-killed with ${sized(own)} resident and ${sized(whole)} in the working set; ` : ''}${seenWords}. Page cache would have been given back: this points to an \`emptyDir\` of medium Memory or to \`/dev/shm\``,
      short: `files in memory fill the limit of ${sized(limit)}`,
      ...(oom[0]?.at === undefined || oom[0].at === null
        ? {}
        : { since: oom.flatMap((one) => one.at ?? []).toSorted()[0] ?? at }),
    };
  },
});

export const oomKills = check('oom-kills', {
  severity: 'critical',
  ask: 'Were containers killed at their memory limit without growing towards it?',
  rulesOut: 'OOM kills',
  needs: [kills, memory, deployment],
  find: (seen, _also, { t, at }): Answer => {
    const oom = recentOom(seen.kills, at);
    const [first] = oom;
    if (first === undefined) return 'clear';
    const limit = limitOf(seen.deployment.template, first.container);
    const times = oom.flatMap((one) => one.at ?? []).toSorted();
    const before = peaks(oom, seen.memory);
    const peak = before.length === 0 ? null : Math.max(...before);
    const left =
      limit === null || peak === null
        ? ''
        : `. At the last sample before, at most ${sized(peak)} of ${sized(limit)} (limit) was resident: it filled up within ${seen.memory.stepS / 60} min`;
    const read =
      seen.kills.read < seen.kills.of ? `; ${seen.kills.read} of ${seen.kills.of} pods with restarts read` : '';
    return {
      found: say`container ${code(first.container)} was OOM-killed in ${oom.length} of ${plural(seen.kills.pods, 'pod')} (${plural(
        oom.reduce((sum, one) => sum + one.restarts, 0),
        'restart',
      )} in all${read}), last at ${since(times.at(-1) ?? at)}, and shows no trend${left}. This points to single requests or batches that are too large for the limit`,
      short: `${plural(oom.length, 'pod')} OOM-killed, no trend`,
      ...(times[0] === undefined ? {} : { since: times[0] }),
      notKnown: say`which requests they were`,
      byHand: endsByHand(t),
    };
  },
});

export const nearLimit = check('near-limit', {
  severity: 'warning',
  ask: 'Is memory steady, but close to the limit?',
  rulesOut: 'memory close to the limit',
  needs: [memory, deployment],
  find: (seen): Answer => {
    for (const { name } of seen.deployment.template.containers) {
      const [level, limit] = [levelOf(seen.memory, name), limitOf(seen.deployment.template, name)];
      if (level === null || limit === null || level.most < limit * 0.92) continue;
      const share = Math.round((level.most / limit) * 100);
      return {
        found: say`resident memory of container ${code(name)} does not grow, but is at ${share} % of its limit (${sized(level.most)} of ${sized(limit)} in the fullest of ${plural(level.pods, 'pod')}): a single large batch may reach it`,
        short: `memory at ${share} % of the limit`,
      };
    }
    return 'clear';
  },
});
