import type { Answer } from '../../src/core/contract.ts';
import { percent } from '../../src/core/impact.ts';
import { code, say } from '../../src/core/words.ts';
import { facts } from '../readings/facts.ts';
import { newest } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { requestLogs } from '../readings/request-logs.ts';
import type { RequestLogs } from '../readings/request-logs.ts';
import { plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { duration, ifSlow, p95Text, sinceOf } from './judge.ts';
import { latency, p95ByPod } from './latency.ts';

/** What requests wait for elsewhere: another region, a name that is looked up twice. */

const { check } = onDeployment;

const fewestCalls = 3;
/** "us-east-1" as a part of a host name. */
const regionIn =
  /(?:^|[.-])((?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?-(?:central|north|south|east|west|northeast|northwest|southeast|southwest)-\d)(?:[.-]|$)/;

export const logsText = (logs: RequestLogs): string =>
  `in the logs of ${logs.pods.length} of ${plural(logs.of, 'pod')}, ${logs.minutes} min`;

export const crossRegion = check('cross-region', {
  severity: 'critical',
  ask: 'Do the calls that requests wait for stay in this region?',
  rulesOut: 'calls to another region',
  needs: [latency, facts, podRows],
  also: [p95ByPod, requestLogs],
  find: (seen, also, { t, at }): Answer =>
    ifSlow(seen, also, at, (slow) => {
      if (!also['request logs'].known) return { unsure: `request logs: ${also['request logs'].why}` };
      const logs = also['request logs'].value;
      const calls = logs.pods
        .flatMap((pod) => pod.calls)
        .filter((one) => (regionIn.exec(one.host)?.[1] ?? t.region) !== t.region);
      const host = calls[0]?.host;
      const mine = calls.filter((one) => one.host === host);
      const count = mine.reduce((sum, one) => sum + one.count, 0);
      if (host === undefined || count < fewestCalls) return 'clear';
      const ms = mine.reduce((sum, one) => sum + one.meanMs * one.count, 0) / count;
      const usual =
        slow.usual === null
          ? ''
          : `, and p95 is ${duration(slow.p95 - slow.usual)} above its usual ${duration(slow.usual)}`;
      return {
        found: say`requests call another region: ${code(host)} takes ${Math.round(ms)} ms (mean of ${plural(count, 'line')} ${logsText(logs)})${usual}. ${p95Text(slow)}`,
        short: `calls to ${regionIn.exec(host)?.[1] ?? 'another region'} from ${t.region}`,
        ...sinceOf(slow),
        notKnown: say`how many requests make such a call: only some are written to the log`,
        byHand: `${kubectl(t)} logs deployment/${t.name} --since=${logs.minutes}m --tail=600`,
      };
    }),
});

/** Resolvers try again after five seconds (resolv.conf(5), `timeout`). */
const wait = 5;

export const dnsTail = check('dns-tail', {
  severity: 'critical',
  ask: 'Are the slowest requests free of waits of exactly five seconds?',
  rulesOut: 'waits of five seconds (DNS)',
  needs: [latency, facts, podRows],
  also: [requestLogs],
  find: (seen, also, { t }): Answer => {
    const { latency: taken } = seen;
    const [p95, p99] =
      taken.from === 'histogram' ? [newest(taken.p95), newest(taken.p99)] : [taken.logs.all.p95, taken.logs.all.p99];
    // A histogram's buckets are too coarse to say "exactly"; that they are so far apart is what it can say.
    if (p95 === null || p99 === null || p99 < wait / 2 || p95 > p99 / 2) return 'clear';
    if (!also['request logs'].known) {
      return {
        unsure: `p99 is ${duration(p99)} and p95 ${duration(p95)}: whether the slow ones take just five seconds only the logs tell (${also['request logs'].why})`,
      };
    }
    const logs = also['request logs'].value;
    const five = logs.pods.reduce((sum, one) => sum + one.fiveSeconds, 0);
    const between = logs.pods.reduce((sum, one) => sum + one.between, 0);
    if (logs.all.requests < seen.config.minRequests)
      return { unsure: `only ${plural(logs.all.requests, 'request')} ${logsText(logs)}` };
    if (five < 3 || between * 2 > five) return 'clear';
    return {
      found: say`${plural(five, 'request')} of ${logs.all.requests.toLocaleString('en-US')} (${percent(five / logs.all.requests)}) took five seconds and little more, ${between === 0 ? 'none' : between} took anything else above one second (${logsText(logs)}). p95 ${duration(p95)}, p99 ${duration(p99)}: p95 does not show what fewer than one in twenty meet. That points to names that are looked up twice: a resolver tries again after exactly ${wait} s`,
      short: `${percent(five / logs.all.requests)} of requests wait 5 s (DNS?)`,
      notKnown: say`which name: the resolver's own numbers (CoreDNS) tell`,
      byHand: `${kubectl(t)} logs deployment/${t.name} --since=${logs.minutes}m --tail=600`,
    };
  },
});
