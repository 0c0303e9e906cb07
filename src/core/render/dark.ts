import { readinessText } from '../impact.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';
import type { Blind } from '../incident/belonging.ts';
import { nextRoundAt } from '../incident/looking.ts';
import type { Message } from '../message.ts';
import { bold, clock, code, join, say, since } from '../words.ts';
import type { Words } from '../words.ts';
import { oncallOf } from './callees.ts';
import { actName, darkRegions, nameOf, waitingProposals } from './phase.ts';
import type { View } from './phase.ts';
import { duration, list } from './small.ts';
import { reasonsText } from './unread.ts';

/** A region that gives no answer: since when, how often tried, what was seen last, what must not be believed, what a person can do. */

/** So many tries without an answer before anybody is called: a pause in the line calls nobody. */
const CALL_AFTER = 3;

export function darkTitle(view: View): string {
  return `${nameOf(view.incident)} · ${list(darkRegions(view.incident))}: I cannot see it`;
}

/** "retrying every 20 s". */
export function retrying(view: View): string {
  return `retrying every ${duration(view.rules.timing.watchMs)}`;
}

export function darkLines(view: View): readonly Words[] {
  const { incident } = view;
  const [region] = darkRegions(incident);
  const blind = region === undefined ? undefined : incident.blind[region];
  if (region === undefined || blind === undefined) return [];
  const lines: Words[] = [say`*Users:* not known. I get no numbers from there either`];
  lines.push(whatFails(view, region, blind), notKnown(view, region));
  const silent = fallenSilent(view, region, blind);
  if (silent > 0)
    lines.push(
      say`*Do not trust:* ${silent} ${silent === 1 ? 'alert' : 'alerts'} from there went "resolved" since: whoever watches it may have fallen silent too. I keep this open`,
    );
  for (const one of waitingProposals(incident).filter((p) => p.region === region))
    lines.push(
      say`*Waits:* the ${actName(one)}. Nobody can approve it while I cannot see ${region}; it comes back after a fresh look`,
    );
  lines.push(
    say`*Cause:* not known. My path to the region and the region itself look the same from here`,
    say`*Do:* try ${code(`kubectl --context=${region} get --raw /readyz`)}. It answers: my path or my credentials are at fault. It does not: the region's network or control plane is. I change nothing that I cannot see`,
  );
  const next = nextRoundAt(incident, view.rules);
  lines.push(next === null ? say`*Next:* I am trying right now` : say`*Next:* I try again at ${clock(next)}`);
  return lines;
}

function whatFails({ incident }: View, region: string, blind: Blind): Words {
  const whys = incident.diagnoses[region]?.unread.map((one) => one.why) ?? [];
  const tries = `${blind.tries} of ${blind.tries} tries`;
  return say`*What fails:* everything I ask there, ${tries} since ${since(blind.since)} (${reasonsText(whys, 200, 1)})`;
}

function notKnown({ incident }: View, region: string): Words {
  const picture = incident.pictures[region];
  const last =
    picture === undefined
      ? say`I never saw it since this began`
      : say`Last full picture as of ${clock(picture.at)}: ${pictureText(picture)}`;
  return say`*So not known there:* pods, rollouts, errors, logs. ${last}`;
}

function pictureText({ findings, impact }: RegionDiagnosis): string {
  const ready = readinessText(impact.readiness);
  const found = findings[0]?.short ?? 'nothing wrong found';
  return ready === '' ? found : `${found}, ${ready}`;
}

/** Alerts of the region that were reported as over after it went dark. */
function fallenSilent({ incident }: View, region: string, { since: from }: Blind): number {
  return Object.values(incident.alerts).filter(
    (one) => one.region === region && one.status === 'resolved' && (incident.resolvedAt[one.fingerprint] ?? '') >= from,
  ).length;
}

export function darkLock(view: View): string {
  const { incident } = view;
  const [region] = darkRegions(incident);
  const from = region === undefined ? undefined : incident.blind[region]?.since;
  return `${nameOf(incident)}: I cannot see ${list(darkRegions(incident))}${from === undefined ? '' : ` since ${from.slice(11, 16)} UTC`}. Users not known. Approve nothing there.`;
}

/** One post per time in the dark, since an edit calls nobody. Null: not yet, or somebody is on it. */
export function darkCall(view: View): { readonly key: string; readonly message: Message } | null {
  const { incident, rules } = view;
  const [region] = darkRegions(incident);
  const blind = region === undefined ? undefined : incident.blind[region];
  if (region === undefined || blind === undefined || blind.tries < CALL_AFTER || incident.onIt !== null) return null;
  const mentions = join(oncallOf({ rules }), ' ');
  const plea = `I cannot see ${region} since ${blind.since.slice(11, 16)} UTC`;
  const rest = `Whether users of ${nameOf(incident)} are affected there is not known. A person has to look`;
  return {
    key: `cannot-see/${region}/${blind.since}`,
    message: { lock: `${plea}. ${rest}.`, blocks: [{ is: 'lines', lines: [say`${mentions} ${plea}. ${rest}.`] }] },
  };
}

/** In place of the region's evidence: the last look that had answers stays, with its time. */
export function darkHead(region: string, blind: Blind, picture: RegionDiagnosis | undefined): Words {
  return picture === undefined
    ? say`${bold(region)} · no answer since ${since(blind.since)}, and none before in this thread`
    : say`${bold(region)} · no answer since ${since(blind.since)}. What follows is the last full picture, as of ${clock(picture.at)}`;
}
