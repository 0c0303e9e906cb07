import type { Answer } from '../../src/core/contract.ts';
import { clock, code, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { events } from '../readings/events.ts';
import { logs } from '../readings/logs.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import { shortImage, tagOf } from '../readings/pull.ts';
import { kindWord, references } from '../readings/references.ts';
import { repulledOf } from '../readings/repulled.ts';
import { returnedOf } from '../readings/returned.ts';
import { podsOf } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { lackSeen } from './crash.ts';

/** What somebody has mended while the pods still sit out their back-off: no cause any more, and nothing to approve. */

const { check } = onDeployment;

export const configBack = check('config-back', {
  severity: 'warning',
  ask: 'Have the pods tried again since what they lacked came back?',
  rulesOut: 'config or secret missing',
  needs: [deployment, pods, samples],
  also: [events, logs, references],
  find: (seen, also, { t }): Answer => {
    const back = returnedOf(lackSeen(seen, also));
    if (back === null) return 'clear';
    const { lack, how, at, failedAt, a, retriesWithinMin } = back;
    const what = `${kindWord[lack.kind]} ${lack.name}`;
    const is: Words =
      how === 'written' && lack.key === ''
        ? say`${kindWord[lack.kind]} ${code(lack.name)} was changed at ${clock(at)}`
        : lack.key === ''
          ? say`${kindWord[lack.kind]} ${code(lack.name)} is back since ${clock(at)}`
          : say`${kindWord[lack.kind]} ${code(lack.name)} has the key ${code(lack.key)} since ${clock(at)}`;
    const tried = failedAt === null ? say`` : say`, after the last try at ${clock(failedAt)}`;
    return {
      found: say`${is}${tried}. ${podsOf(a, seen.pods)} try again on their own within ${retriesWithinMin} min${retriesWithinMin === 5 ? ' (back-off)' : ''}`,
      short: `${what} ${how === 'written' ? 'mended' : 'is back'}, pods try again`,
      since: a.oldestAt,
      passing: true,
      byHand: `${kubectl(t)} get pods -o wide`,
    };
  },
});

export const imageBack = check('image-back', {
  severity: 'warning',
  ask: 'Have the pods tried again since their image can be pulled?',
  rulesOut: 'image missing',
  needs: [pods, samples],
  also: [events],
  find: (seen, also, { t }): Answer => {
    const back = repulledOf(seen, also.events.known ? also.events.value : null);
    if (back === null) return 'clear';
    const { a, image, at, by, failedAt } = back;
    return {
      found: say`the image ${code(shortImage(image))} can be pulled since ${clock(at)} (${by} did), after the last failure at ${clock(failedAt)}. ${podsOf(a, seen.pods)} try again on their own within 5 min (back-off)`,
      short: `image ${tagOf(image)} is there, pods try again`,
      since: a.oldestAt,
      passing: true,
      byHand: `${kubectl(t)} get pods -o wide`,
    };
  },
});
