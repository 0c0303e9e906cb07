import type { Found } from '../../src/core/contract.ts';
import type { Revision } from '../../src/core/ports/kubernetes.ts';
import { clock, code, say } from '../../src/core/words.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { endedContainers } from '../readings/ended-containers.ts';
import { exitMeaning } from '../readings/endings.ts';
import { errorLines } from '../readings/error-lines.ts';
import { ratiosOf, oddPod } from '../readings/odd-pod.ts';
import { podRows } from '../readings/pod-rows.ts';
import { tagOf } from '../readings/pull.ts';
import { minutesBetween, plural, nodeName } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { causeCheck, counts, harmSentence, linesText } from './asking.ts';
import { errors, percent, requests } from './harm.ts';
import { podsReady } from './readings.ts';
import type { Evidence } from './evidence.ts';
import { notReady } from './settings.ts';
import { whoStandsOut } from './spot.ts';
import type { Story } from './story.ts';
import { dependencyIn } from './words-of-errors.ts';

/** Requests that fail because of what is around the model: the container, other services, how pods come and go, one pod or node, a change. */

/** "9 of 12 pods, 14 restarts, the last at 02:38; each lived 19 to 24 min". */
function endsText(story: Story, seen: Evidence) {
  const ended = seen['ended containers'];
  const of = ended.known ? `${ended.value.pods} of ${plural(ended.value.of, 'pod')}` : '';
  const restarts = ended.known ? ended.value.restarts : story.ends.length;
  const last = story.ends
    .map((one) => one.finishedAt)
    .toSorted()
    .at(-1);
  const lived = story.ends
    .flatMap((one) => (one.startedAt === null ? [] : [minutesBetween(one.startedAt, one.finishedAt)]))
    .toSorted((a, b) => a - b);
  const [from, to] = [lived[0], lived.at(-1)];
  const span =
    from === undefined
      ? ''
      : from === to
        ? `; the last ones lived ${from} min`
        : `; the last ones lived ${from} to ${to} min`;
  return say`${of}, ${plural(restarts, 'restart')}${last === undefined ? '' : say`, the last at ${clock(last)}`}${span}`;
}

export const oomUnderLoad = causeCheck('oom-under-load', {
  ask: 'Do the containers keep to their memory limit under load?',
  rulesOut: 'crash or out of memory',
  needs: [endedContainers],
  found: (story, seen, t): Found => {
    const end = story.ends.find((one) => one.reason === 'OOMKilled');
    const spec = seen.deployment.known
      ? seen.deployment.value.template.containers.find((one) => one.name === end?.container)
      : undefined;
    const limit = spec?.limits['memory'] ?? 'not known';
    return {
      found: say`containers are killed for memory while they serve (limit ${limit}), and the requests that they hold fail: ${endsText(story, seen)}. ${harmSentence(story)}`,
      short: `out of memory under load, limit ${limit}`,
      quotes: [],
      byHand: `${kubectl(t)} describe pod ${end?.pod ?? t.name}`,
    };
  },
});

export const crashUnderLoad = causeCheck('crash-under-load', {
  ask: 'Do the containers stay up under load?',
  rulesOut: 'crash or out of memory',
  needs: [endedContainers],
  found: (story, seen, t): Found => {
    const end = story.ends.find((one) => one.exitCode !== 0);
    const exit = end?.exitCode ?? 1;
    return {
      found: say`containers end while they serve, and the requests that they hold fail: exit ${exit}, ${exitMeaning(exit)}. ${endsText(story, seen)}. ${harmSentence(story)}`,
      short: `crashes under load, exit ${exit}`,
      byHand: `${kubectl(t)} logs ${end?.pod ?? `deployment/${t.name}`} -c ${end?.container ?? '<CONTAINER>'} --previous --tail=50`,
    };
  },
});

export const dependency = causeCheck('dependency', {
  ask: 'Do the services that it calls answer?',
  rulesOut: 'errors of a dependency',
  needs: [errorLines],
  found: (story, _seen, t): Found => {
    const who = dependencyIn(story.told?.newest.text ?? '');
    return {
      found: say`${who === null ? 'a service that it calls' : code(who)} does not answer as it should; ${t.name} passes that on. ${counts(story)}`,
      short: `${who ?? 'a dependency'} fails`,
      notKnown: say`why: I looked only at ${t.name}. Restarting or rolling back ${t.name} would not mend it`,
    };
  },
});

export const noDrain = causeCheck('no-drain', {
  ask: 'Do pods finish their requests before they go?',
  rulesOut: 'dropped connections',
  needs: [errors, requests, podsReady],
  found: (story): Found => {
    const { harm, drains } = story;
    const all = harm.is === 'bad' || harm.is === 'fine' ? harm.episodes.length : 0;
    const [first, last] = [drains[0], drains.at(-1)];
    const times =
      drains.length === 0
        ? 'pods that are told to end drop what they hold'
        : `${drains.length} of ${plural(all, 'burst')} of errors in 90 min came as pods went`;
    return {
      found: say`requests are cut off when pods go: ${times}${last === undefined ? '' : say`, the last at ${clock(new Date(last * 1000).toISOString())}`}. ${linesText(story)}${harmSentence(story)}`,
      short: 'errors each time pods go (no drain)',
      // The first burst that is seen, not the one that goes on: that is only the newest of them.
      ...(first === undefined ? {} : { since: new Date(first * 1000).toISOString() }),
    };
  },
});

export const keepAlive = causeCheck('keep-alive', {
  ask: 'Do idle connections live as long as the load balancer expects?',
  rulesOut: 'dropped connections',
  needs: [errorLines],
  found: (story): Found => ({
    found: say`sporadic errors of connections that the server closes while the load balancer still uses them: it looks as if its keep-alive is shorter than the balancer's (60 s by default at AWS). ${counts(story)}`,
    short: 'sporadic 502, keep-alive probably too short',
    notKnown: say`the balancer's own idle timeout: I cannot read it`,
  }),
});

function oddText({ odd }: Story, seen: Evidence) {
  if (odd === null) return say``;
  const [fail, its] = odd.node ? ['fail', 'their'] : ['fails', 'its'];
  return say`only ${whoStandsOut(odd, seen)} ${fail}: ${percent(odd.ratio)} of ${its} requests, ${percent(odd.others)} of the others'`;
}

export const oneNode = causeCheck('one-node', {
  ask: 'Do all nodes fare alike?',
  rulesOut: 'one pod or node',
  needs: [oddPod],
  found: (story, seen): Found => ({
    found: say`${oddText(story, seen)}. ${counts(story)}`,
    short: `only node ${story.odd === null ? '' : nodeName(story.odd.nodeName)} fails`,
    notKnown: say`what is wrong with the node: ${seen['GPU errors (XID)'].known ? 'its GPUs report no error' : `errors of its GPUs could not be read (${seen['GPU errors (XID)'].why.replace(/^not found: /, '')})`}`,
  }),
});

export const onePod = causeCheck('one-pod', {
  ask: 'Do all pods fare alike?',
  rulesOut: 'one pod or node',
  needs: [oddPod],
  found: (story, seen): Found => ({
    found: say`${oddText(story, seen)}. ${counts(story)}`,
    short: 'one pod fails, the others are well',
    ...(story.told === null ? { notKnown: say`why: its log holds no error line` } : {}),
  }),
});

export const podsNotReady = causeCheck('pods-not-ready', {
  ask: 'Are all pods there to share the load?',
  rulesOut: 'pods not ready',
  needs: [podRows, deployment],
  found: (story, seen, t): Found => ({
    found: say`${notReady(seen)} of ${plural(seen.deployment.known ? seen.deployment.value.replicas.wanted : 0, 'pod')} are not ready, and nothing else explains the errors. ${counts(story)}`,
    short: `${plural(notReady(seen), 'pod')} not ready`,
    byHand: `${kubectl(t)} get pods -o wide`,
    handOver: { playbook: 'rollout-stuck', target: { namespace: t.namespace, name: t.name } },
  }),
});

/** New and old pods side by side, where both serve enough to compare. */
function besideOld(story: Story, seen: Evidence) {
  const [asked, failing, rows] = [seen['requests by pod'], seen['errors by pod'], seen['pod rows']];
  if (!asked.known || !failing.known || !rows.known || story.change === null) return null;
  const by = ratiosOf(asked.value, failing.value);
  const sum = (isNew: boolean) => {
    const mine = rows.value.rows.filter((one) => (one.hash === story.change?.hash) === isNew);
    const known = mine.flatMap((one) => by.get(one.name) ?? []);
    const total = known.reduce((all, one) => all + one.requests, 0);
    return total < 100 ? null : known.reduce((all, one) => all + one.ratio * one.requests, 0) / total;
  };
  const [fresh, old] = [sum(true), sum(false)];
  return fresh === null || old === null ? null : { fresh, old };
}

/** By its image where that is what changed: "v2.4.1 (revision 17)"; else "revision 17". */
function versionIn(to: Revision, all: readonly Revision[]): string {
  const imageOf = (one: Revision | undefined): string => one?.template.containers[0]?.image ?? '';
  const before = all.filter((one) => one.number < to.number).toSorted((a, b) => a.number - b.number);
  return imageOf(before.at(-1)) === imageOf(to)
    ? `revision ${to.number}`
    : `${tagOf(imageOf(to))} (revision ${to.number})`;
}

export const sinceChange = causeCheck('since-change', {
  ask: 'Did the errors begin apart from any change?',
  rulesOut: 'a change',
  needs: [errors, requests, deployment, revisions],
  found: (story, seen): Found => {
    const to = story.change;
    const version = to === null ? 'a change' : versionIn(to, seen.revisions.known ? seen.revisions.value : []);
    const since = story.harm.is === 'bad' ? story.harm.since : null;
    const after = to === null || since === null ? 0 : minutesBetween(to.createdAt, since);
    const beside = besideOld(story, seen);
    const compared =
      beside === null
        ? ''
        : `. Old pods beside the new ones: ${percent(beside.old)} of their requests fail, ${percent(beside.fresh)} of the new ones'`;
    return {
      found: say`the errors began ${after === 0 ? 'as' : `${after} min after`} ${version} came${to === null ? '' : say` at ${clock(to.createdAt)}`}: that points to the change${compared}. ${counts(story)}`,
      short: `errors since ${version} came`,
      ...(beside === null
        ? { notKnown: say`whether it is the change: no old pods serve beside the new ones to compare` }
        : {}),
      ...(story.log === null ? { keepsOpen: [...ofTheLines] } : {}),
    };
  },
});

/** What only the pods' own words could rule out. */
export const ofTheLines = [
  'broken GPU or driver',
  'GPU memory full',
  'model not loaded',
  'model version',
  'shared memory',
  'errors of a dependency',
  'NaN outputs',
  'dropped connections',
] as const;

export const unexplained = causeCheck('errors-unexplained', {
  ask: 'Are there no errors that I cannot explain?',
  rulesOut: 'errors of unknown cause',
  needs: [errors, requests],
  found: (story, seen): Found => {
    const lines = seen['error lines'];
    const heard = !lines.known
      ? `The pods' logs could not be read (${lines.why})`
      : story.told === null
        ? `${lines.value.read} of ${plural(lines.value.of, 'pod')} read, and no error line in 10 min`
        : `Their words are of no kind that I know: ${lower(linesText(story)).replace(/\. $/, '')}`;
    return {
      found: say`${harmSentence(story)}, and none of the causes that I know fits. ${heard}`,
      short: 'requests fail, cause not known',
      notKnown:
        story.told === null
          ? say`why. The load balancer, the mesh or a sidecar may answer in their place`
          : say`what those lines mean`,
      ...(story.told === null ? { keepsOpen: [...ofTheLines] } : {}),
    };
  },
});

const lower = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
