import type { Answer } from '../../src/core/contract.ts';
import { percent } from '../../src/core/impact.ts';
import { say } from '../../src/core/words.ts';
import { autoscaler, deployment } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { brief, plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { capital, costText, grown, loadOf, requestsText, uncounted } from './checks-load.ts';
import type { Load } from './checks-load.ts';
import { nodeLoad } from './node-load.ts';
import { gate, leftOpen, nodesText, pictureOf, scalerOf, shareText } from './picture.ts';
import { retries } from './retries.ts';
import { traffic, yesterday } from './traffic.ts';
import { cpu, throttling } from './use.ts';
import { bare } from './words.ts';

/** More is asked for, and who should add pods does not, may not, or is not there. */

const { check } = onDeployment;

const ownerOf = (of: { readonly name: string; readonly scaledObject: string | null }): string =>
  of.scaledObject === null
    ? `autoscaler ${of.name}`
    : `autoscaler ${of.name} (made by KEDA's ScaledObject ${of.scaledObject})`;

const loadText = (load: Load | null): string =>
  load === null ? '' : `. ${capital(requestsText(load))}; ${costText(load)}`;

export const hpaBlind = check('hpa-blind', {
  severity: 'critical',
  ask: 'Does the autoscaler see what it goes by?',
  rulesOut: 'a blind autoscaler',
  needs: [autoscaler],
  also: [cpu, deployment, throttling, traffic, yesterday],
  find: (seen, also, { t, at }): Answer => {
    const scaler = scalerOf(seen.autoscaler, null);
    if (seen.autoscaler === null || scaler.is !== 'blind') return 'clear';
    const picture =
      also.cpu.known && also.deployment.known
        ? pictureOf({ cpu: also.cpu.value, deployment: also.deployment.value }, also['cpu throttled'])
        : null;
    const load =
      picture !== null && also.cpu.known && also.traffic.known
        ? loadOf(picture.main, also.cpu.value, also.traffic.value, also['a day before'], at)
        : null;
    const { name, current, min, max } = seen.autoscaler;
    return {
      found: say`${ownerOf(seen.autoscaler)} cannot read its metrics and leaves the number at ${plural(current, 'pod')} (may be ${min} to ${max})${picture === null ? '' : `. ${capital(shareText(picture))}`}${loadText(load)}`,
      short: 'autoscaler is blind, pods are not added',
      ...(scaler.since === null ? {} : { since: scaler.since }),
      ...(picture === null ? {} : leftOpen(picture)),
      quotes: [brief(scaler.because, 400)],
      byHand: `${kubectl(t)} describe hpa ${name}`,
    };
  },
});

export const hpaAtMaximum = check('hpa-at-maximum', {
  severity: 'critical',
  ask: 'May the autoscaler add pods?',
  rulesOut: 'an autoscaler at its maximum',
  needs: [autoscaler, cpu, deployment],
  also: [throttling, traffic, yesterday],
  find: (seen, also, { t, at }): Answer => {
    const picture = pictureOf(seen, also['cpu throttled']);
    const scaler = scalerOf(seen.autoscaler, picture.ofRequest);
    if (seen.autoscaler === null || scaler.is !== 'at maximum') return 'clear';
    const load = also.traffic.known
      ? loadOf(picture.main, seen.cpu, also.traffic.value, also['a day before'], at)
      : null;
    const aims =
      scaler.used === null || scaler.target === null
        ? ''
        : `: CPU is at ${percent(scaler.used)} of the request, it aims at ${percent(scaler.target)}`;
    const since = load?.requests.since ?? load?.cores?.since ?? null;
    return {
      found: say`${ownerOf(seen.autoscaler)} has all ${plural(seen.autoscaler.max, 'pod')} that it may have and wants more${aims}${loadText(load)}`,
      short: `autoscaler at its maximum (${seen.autoscaler.max}), wants more`,
      ...(since === null ? {} : { since }),
      ...leftOpen(picture),
      ...(load === null
        ? {
            notKnown: say`whether more is asked for or each request costs more: ${also.traffic.known ? 'its requests are not counted' : bare(also.traffic.why)}`,
          }
        : {}),
      byHand: `${kubectl(t)} get hpa ${seen.autoscaler.name}`,
    };
  },
});

export const growth = check('growth', {
  severity: 'warning',
  ask: 'Are there no more requests than usual?',
  rulesOut: 'more requests',
  needs: [cpu, deployment],
  also: [throttling, traffic, yesterday, autoscaler, retries],
  find: (seen, also, { t, at }): Answer => {
    const picture = pictureOf(seen, also['cpu throttled']);
    const shut = gate(picture, seen.cpu);
    if (shut !== null) return shut;
    const load = also.traffic.known
      ? loadOf(picture.main, seen.cpu, also.traffic.value, also['a day before'], at)
      : null;
    if (load === null) return uncounted(picture, also.traffic);
    if (load.requests.ratio < grown) return 'clear';
    const owner = also.autoscaler.known ? also.autoscaler.value : null;
    const scaler = scalerOf(owner, picture.ofRequest);
    // So it is meant to be.
    if (scaler.is === 'at target') return 'clear';
    const { since } = load.requests;
    const told = !also.autoscaler.known
      ? ''
      : owner === null
        ? `. No autoscaler adds pods: there are ${seen.deployment.replicas.wanted}`
        : `. ${capital(ownerOf(owner))} wants ${owner.desired} (may have ${owner.min} to ${owner.max})${scaler.is === 'has room' && scaler.target === null ? '; it does not go by CPU' : ''}`;
    const isGrowing = owner !== null && scaler.is === 'has room' && owner.desired > owner.current;
    return {
      found: say`${requestsText(load)}; ${costText(load)}. ${capital(shareText(picture))}${told}`,
      short: `requests ${load.requests.ratio.toFixed(1)} times the usual`,
      ...(since === null ? {} : { since }),
      ...leftOpen(picture),
      ...(isGrowing ? { passing: true as const } : {}),
      ...(also.autoscaler.known && also.retries.known
        ? {}
        : {
            notKnown: also.autoscaler.known
              ? say`whether they are new or the same again: ${also.retries.known ? '' : also.retries.why}`
              : say`whether an autoscaler adds pods: ${also.autoscaler.why}`,
          }),
      byHand: `${kubectl(t)} top pods --sort-by=cpu`,
    };
  },
});

/** Of what it asked for: then the scheduler packs the nodes by a number that is wrong. */
const farAbove = 1.2;

export const unexplainedCpu = check('high-without-cause', {
  severity: 'warning',
  ask: 'Does any high CPU have a cause that I know?',
  rulesOut: 'all pods hot',
  needs: [cpu, deployment],
  also: [throttling, traffic, yesterday, autoscaler, nodeLoad],
  find: (seen, also, { t, at }): Answer => {
    const picture = pictureOf(seen, also['cpu throttled']);
    const shut = gate(picture, seen.cpu);
    if (shut !== null) return shut;
    if (!also.autoscaler.known && !picture.held) return { unsure: `autoscaler: ${also.autoscaler.why}` };
    const scaler = scalerOf(also.autoscaler.known ? also.autoscaler.value : null, picture.ofRequest);
    if (scaler.is === 'at target' && !picture.held) return 'clear';
    const load = also.traffic.known
      ? loadOf(picture.main, seen.cpu, also.traffic.value, also['a day before'], at)
      : null;
    // What nobody waits for may use what is left on the node.
    if (!picture.held && also.traffic.known && !also.traffic.value.served) return 'clear';
    const since = load?.cores?.since ?? null;
    // What is so every day, within reach of what was asked for, is how it was laid out.
    const isFar = !picture.held && (picture.ofRequest ?? 0) >= farAbove;
    const isUsual = load?.cores != null && load.cores.ratio < 1.2 && (picture.ofRequest ?? 0) < farAbove;
    if (!picture.held && isUsual) return 'clear';
    const nodesNow = nodesText(also['node load']);
    return {
      found: say`${shareText(picture)}${loadText(load)}${nodesNow === '' ? '' : `. ${nodesNow}`}. ${since !== null ? `I found no single cause: ${(load?.cost?.ratio ?? 1) >= 1.15 ? 'each request costs somewhat more, which alone does not explain it, and nothing else changed with it' : 'nothing that I can see changed with it'}` : isFar ? 'It has been so for more than 2 h: its request is too low, so that the scheduler packs the nodes by a number that is wrong' : 'I found no single cause: it has been so for more than 2 h'}`,
      short: isFar && since === null ? 'CPU far above its request' : 'CPU high, no cause found',
      ...(since === null ? {} : { since }),
      byHand: `${kubectl(t)} top pods --containers --sort-by=cpu`,
    };
  },
});
