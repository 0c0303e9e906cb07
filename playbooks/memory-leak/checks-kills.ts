import type { Answer } from '../../src/core/contract.ts';
import { clock, code, say, since } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { events } from '../readings/events.ts';
import { killedBy } from '../readings/endings.ts';
import { kills } from '../readings/kills.ts';
import type { Kill, Kills } from '../readings/kills.ts';
import { memory, workingSet } from '../readings/memory.ts';
import type { Memory } from '../readings/memory.ts';
import { onDeployment } from '../readings/on.ts';
import { nodes } from '../readings/room.ts';
import { listed, minutesBetween, nodeName, plural } from '../readings/wording.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';
import { kubectl } from '../targets/deployment.ts';
import { rangeText, sized } from './amounts.ts';
import { lookedAt } from './leak.ts';
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
  also: [events, memory],
  find: (seen, also, { t, at }): Answer => {
    const pressed = new Set(
      seen.nodes.filter((one) => one.pressures.includes('MemoryPressure')).map((one) => one.name),
    );
    // A leftover stays for as long as nobody deletes it.
    const evicted = seen.kills.evictions.filter(
      (one) => one.memory && (isRecent(one.at, at) || (one.at === null && pressed.has(one.node))),
    );
    const told = also.events.known ? also.events.value : [];
    const killed = seen.kills.kills.filter(
      (one) =>
        one.how === 'signal' &&
        isRecent(one.at, at) &&
        pressed.has(one.node) &&
        killedBy('liveness', one.container, told) === null,
    );
    if (evicted.length + killed.length === 0) return 'clear';
    const on = [...new Set([...evicted, ...killed].map((one) => one.node))];
    const still = on.filter((one) => pressed.has(one));
    const times = [...evicted, ...killed].flatMap((one) => one.at ?? []).toSorted();
    const what = listed([
      ...(evicted.length > 0 ? [`${plural(evicted.length, 'pod')} evicted`] : []),
      ...(killed.length > 0 ? [`${plural(killed.length, 'container')} killed by signal 9`] : []),
    ]);
    return {
      found: say`${nodeWords(on)} ran out of memory: ${what}${times.at(-1) === undefined ? say`` : say`, last at ${clock(times.at(-1) ?? '')}`}. ${still.length > 0 ? `MemoryPressure is still on ${listed(still.map(nodeName))}, so no pod is placed there` : 'The pressure is over'}${countedText(evicted)}${also.memory.known ? usedText([...evicted, ...killed], also.memory.value) : ''}`,
      short: `${on.length === 1 ? 'a node' : `${on.length} nodes`} out of memory, ${plural(evicted.length + killed.length, 'pod')} ${evicted.length > 0 ? 'evicted' : 'killed'}`,
      ...(times[0] === undefined ? {} : { since: times[0] }),
      quotes: [...new Set(evicted.map((one) => one.message.trim()))].slice(0, 2),
      notKnown: say`which of the node's pods filled it: this one's or a neighbour's`,
      byHand: `kubectl --context=${t.region} describe node ${on[0] ?? '<NODE>'}`,
    };
  },
});

/** The kubelet evicts by the working set, which holds page cache: its number is not what was resident. */
function countedText(evicted: readonly { readonly message: string }[]): string {
  const told = evicted.flatMap(({ message }) => {
    const [, used, asked] = /was using (\S+?), request is (\S+?),/.exec(message) ?? [];
    return used === undefined ? [] : [`${used} (page cache too; request ${asked})`];
  });
  return told.length === 0 ? '' : `. The kubelet counted ${listed([...new Set(told)])} in a pod when it evicted it`;
}

/** What they used themselves, at the last sample before. */
function usedText(gone: readonly { readonly pod: string; readonly at: string | null }[], lines: Memory): string {
  const names = new Set(lines.lives.map((one) => one.container));
  const used = gone.flatMap((one) => [...names].flatMap((container) => peakBefore(lines, { ...one, container }) ?? []));
  return used.length === 0
    ? ''
    : `. Resident in ${used.length === 1 ? 'it' : 'each of them'} at the last sample before: ${rangeText(Math.min(...used), Math.max(...used))}`;
}

function nodeWords(on: readonly string[]): Words {
  const [first = ''] = on;
  return on.length === 1 ? say`node ${code(nodeName(first))}` : say`nodes ${listed(on.map(nodeName))}`;
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
  find: (seen, also, { t, at }): Answer => {
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
    const seenWords =
      shared >= limit * 0.1
        ? say`${code(kinds?.pod ?? '')} holds ${sized(shared)} of them now`
        : say`what they are I cannot see`;
    return {
      found: say`files kept in memory fill the limit of container ${code(container)} (${sized(limit)}): ${isTold ? `OOM-killed with ${sized(own)} resident and ${sized(whole)} in the working set; ` : ''}${seenWords}. Page cache would have been given back: this points to an \`emptyDir\` of medium Memory or to \`/dev/shm\``,
      short: `files in memory fill the limit of ${sized(limit)}`,
      byHand: `${kubectl(t)} exec ${kinds?.pod ?? oom[0]?.pod ?? '<POD>'} -c ${container} -- df -h`,
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
  needs: [kills, deployment],
  also: [memory],
  find: (seen, also, { t, at }): Answer => {
    const oom = recentOom(seen.kills, at);
    const [first] = oom;
    if (first === undefined) return 'clear';
    const limit = limitOf(seen.deployment.template, first.container);
    const times = oom.flatMap((one) => one.at ?? []).toSorted();
    const before = also.memory.known ? peaks(oom, also.memory.value) : [];
    const peak = before.length === 0 ? null : Math.max(...before);
    const left =
      limit === null || peak === null
        ? ''
        : `. At the last sample before, at most ${sized(peak)} of ${sized(limit)} was resident: it filled up within ${(also.memory.known ? also.memory.value.stepS : 0) / 60} min`;
    const read =
      seen.kills.read < seen.kills.of ? `; ${seen.kills.read} of ${seen.kills.of} pods with restarts read` : '';
    return {
      found: say`container ${code(first.container)} was OOM-killed in ${oom.length} of ${plural(seen.kills.pods, 'pod')} (${plural(
        oom.reduce((sum, one) => sum + one.restarts, 0),
        'restart',
      )} in all${read}), last at ${since(times.at(-1) ?? at)}${also.memory.known ? `, and shows no trend${left}. This points to single requests or batches that are too large for the limit` : '. Whether it grew before that I cannot see'}`,
      short: `${plural(oom.length, 'pod')} OOM-killed${also.memory.known ? ', no trend' : ''}`,
      ...(times[0] === undefined ? {} : { since: times[0] }),
      notKnown: also.memory.known
        ? say`which requests they were`
        : say`whether it grew for hours or filled up at once: ${also.memory.why}`,
      byHand: endsByHand(t),
    };
  },
});

export const nearLimit = check('near-limit', {
  severity: 'warning',
  ask: 'Is memory steady, but close to the limit?',
  rulesOut: 'memory above 92 % of the limit',
  needs: lookedAt,
  find: (seen): Answer => {
    for (const { name } of seen.deployment.template.containers) {
      const [level, limit] = [levelOf(seen.memory, name, seen), limitOf(seen.deployment.template, name)];
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
