import { percent } from '../../src/core/impact.ts';
import { say } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { median } from '../readings/measures.ts';
import { amount, quantity } from '../readings/quantity.ts';
import { changed, released, rollout, scaling } from '../readings/remarks.ts';
import { plural } from '../readings/wording.ts';
import { cores, nodesText, pictureOf, useText } from './picture.ts';
import { capital, costText, loadOf, requestsText } from './checks-load.ts';
import { nodeLoad } from './node-load.ts';
import { podUse } from './pod-use.ts';
import { traffic, yesterday } from './traffic.ts';
import { cpu, throttling, youngMinutes } from './use.ts';

const { remark } = onDeployment;

/** Whatever was found: how hard its pods work, of what. */
export const room = remark('CPU', {
  needs: [cpu, deployment],
  say: (_t, seen) => {
    const picture = pictureOf(seen, { known: true, value: null });
    const { young, note } = seen.cpu;
    if (picture.use === null && young > 0) {
      const values = seen.cpu.pods.filter((one) => one.container === picture.main).map((one) => one.value);
      return say`all ${plural(young, 'pod')} are younger than ${youngMinutes} min and may still warm up: the median uses ${cores(median(values) ?? 0)}${picture.request === null ? '' : ` of the ${amount('cpu', picture.request)} that it asked for`}`;
    }
    const left =
      young === 0
        ? ''
        : `. ${plural(young, 'pod')} younger than ${youngMinutes} min ${young === 1 ? 'is' : 'are'} left out: ${young === 1 ? 'it warms' : 'they warm'} up`;
    return say`${capital(useText(picture))}${left}${note === null ? '' : `. Perhaps not all of it: ${note}`}`;
  },
});

/** Only where a limit could hold them back. */
export const heldBack = remark('Throttling', {
  needs: [throttling, cpu, deployment],
  say: (_t, seen) => {
    const use = seen['cpu throttled'];
    const { main, throttled } = pictureOf(seen, { known: true, value: use });
    const of = use?.containers.find((one) => one.container === main);
    if (throttled === null || of === undefined) return null;
    return say`held back in ${percent(throttled)} of the CFS periods (median of ${plural(of.pods, 'pod')}, highest ${percent(of.highest)})`;
  },
});

export const nodesNow = remark('Nodes', {
  needs: [nodeLoad],
  say: (_t, seen) => {
    const { nodes, of, known } = seen['node load'];
    if (nodes.length === 0) return null;
    const steal = Math.max(0, ...nodes.map((one) => one.steal ?? 0));
    const missing = known < of ? `; ${of - known} of ${of} not measured` : '';
    return say`${nodesText({ known: true, value: seen['node load'] })}${steal < 0.01 ? '' : `, steal up to ${percent(steal)}`}${missing}`;
  },
});

export const load = remark('Traffic', {
  needs: [cpu, deployment, traffic, yesterday],
  say: (_t, seen, at) => {
    const main = seen.deployment.template.containers[0]?.name ?? '';
    const before = { known: true, value: seen['a day before'] } as const;
    if (!seen.traffic.served) return say`it counts no requests`;
    const found = loadOf(main, seen.cpu, seen.traffic, before, at);
    return found === null ? null : say`${capital(requestsText(found))}; ${costText(found)}`;
  },
});

/** Where there is no metrics store: one sample, which says nothing of how long. */
export const sample = remark('Now', {
  needs: [podUse, deployment],
  say: (_t, seen) => {
    const use = seen['pod use'];
    if (use === null || use.pods === 0) return null;
    const main = seen.deployment.template.containers[0];
    const request = quantity(main?.requests['cpu'] ?? '');
    const share = request === null || request <= 0 ? '' : ` (${percent(use.highest / request)} of its request)`;
    return say`one sample of kubectl top, as the metrics store does not tell: the hottest of ${plural(use.pods, 'pod')} uses ${cores(use.highest)}${share}, the median ${cores(use.median)}`;
  },
});

export const remarks = [changed, released, rollout, room, heldBack, nodesNow, load, scaling, sample] as const;
