import type { Answer, Found, Readings } from '../../src/core/contract.ts';
import { onDeployment } from '../readings/on.ts';
import { brief, plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';
import { failsWith } from './harm.ts';
import { evidence } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { openWords, storyOf } from './story.ts';
import type { Cause, Story } from './story.ts';

/** One check for each cause: it is found when the story is its, and clear when it is another's or nothing is wrong. */
export const causeCheck = <const I extends Cause, const N extends Readings<DeploymentTarget>>(
  id: I,
  of: {
    readonly ask: string;
    readonly rulesOut: string;
    readonly needs: N;
    readonly found: (story: Story, seen: Evidence, t: DeploymentTarget) => Found;
  },
) =>
  onDeployment.check(id, {
    severity: 'critical',
    ask: of.ask,
    rulesOut: of.rulesOut,
    needs: of.needs,
    also: evidence,
    find: (_seen, also, { t, at }): Answer => {
      const seen = also as Evidence;
      const story = storyOf(seen, at);
      if (story.cause !== id) return 'clear';
      const { harm, told } = story;
      const found = of.found(story, seen, t);
      const open = [...(found.keepsOpen ?? []), ...openWords(story, seen)].filter((word) => word !== of.rulesOut);
      return {
        ...(harm.is === 'bad' && harm.since !== null ? { since: harm.since } : {}),
        ...(told === null ? {} : { quotes: [brief(told.newest.text, 600)], byHand: logByHand(story, t) }),
        ...found,
        ...(story.goesOn ? {} : { byNumbers: true as const }),
        ...(open.length === 0 ? {} : { keepsOpen: open }),
      };
    },
  });

/** The log of a pod that wrote it. */
function logByHand({ told, odd }: Story, t: DeploymentTarget): string {
  const pod = told?.newest.pods[0] ?? odd?.pod;
  return `${kubectl(t)} logs ${pod ?? `deployment/${t.name}`} --since=10m --tail=200`;
}

/** "231 of 240 error lines in 10 min, in 6 of 6 pods read (12 serve). Failed requests end in 500". How many fail is said of users, first. */
export function counts(story: Story): string {
  return `${linesText(story)}${harmSentence(story)}`;
}

export function linesText({ told, odd }: Story): string {
  if (told === null) return '';
  const { lines, all, inPods, read, of, minutes } = told;
  const number = (count: number): string => count.toLocaleString('en-US');
  const share = `${lines === all ? 'All' : `${number(lines)} of`} ${number(all)} error ${all === 1 ? 'line' : 'lines'}`;
  const where =
    told.odd && odd !== null ? `in the log of pod ${odd.pod} alone` : `in ${inPods} of ${plural(read, 'pod')} read`;
  const rest = told.odd || read >= of ? '' : ` (${of} serve)`;
  return `${share} in ${minutes} min, ${where}${rest}. `;
}

export function harmSentence({ harm }: Story): string {
  const text = failsWith(harm);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** "6.28 GiB", "512 MiB". */
export function gibText(gib: number): string {
  return gib >= 1 ? `${Math.round(gib * 100) / 100} GiB` : `${Math.round(gib * 1024)} MiB`;
}
