import { readinessText } from '../impact.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';
import type { Blind } from '../incident/belonging.ts';
import { nextRoundAt } from '../incident/looking.ts';
import type { Message } from '../message.ts';
import { servedBy, servedShort, servedWords } from '../probed.ts';
import type { Served } from '../probed.ts';
import { bold, clock, code, join, say, since } from '../words.ts';
import type { Words } from '../words.ts';
import { oncallOf } from './callees.ts';
import { actName, darkRegions, nameOf, waitingProposals } from './phase.ts';
import type { View } from './phase.ts';
import { duration, list } from './small.ts';
import { reasonsText } from './unread.ts';
import { plural } from '../plural.ts';

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
  const served = servedIn(view, region);
  const lines: Words[] = [usersLine(view, region)];
  lines.push(whatFails(view, region, blind), notKnown(view, region));
  const silent = fallenSilent(view, region, blind);
  if (silent > 0)
    lines.push(
      say`*Do not trust:* ${plural(silent, 'alert')} from there went "resolved" since: whoever watches it may have fallen silent too. I keep this open`,
    );
  for (const one of waitingProposals(incident).filter((p) => p.region === region))
    lines.push(
      say`*Waits:* the ${actName(one)}. Nobody can approve it while I cannot see ${region}; it comes back after a fresh look`,
    );
  lines.push(
    say`*Cause:* not known. ${whatItSays(view, region, served)}`,
    say`*Do:* try ${code(`kubectl --context=${region} get --raw /readyz`)}. It answers: my path or my credentials are at fault. It does not: the region's network or control plane is. I change nothing that I cannot see`,
  );
  const next = nextRoundAt(incident, view.rules);
  const watched = served === 'yes' && incident.onIt === null;
  const call = watched ? ', and call somebody at once when its public address fails' : '';
  lines.push(
    next === null ? say`*Next:* I am trying right now${call}` : say`*Next:* I try again at ${clock(next)}${call}`,
  );
  return lines;
}

function servedIn({ incident }: View, region: string): Served {
  return servedBy(incident.diagnoses[region]?.impact.probed);
}

/** Where nothing inside the region answers, its public page may. */
function usersLine({ incident }: View, region: string): Words {
  const words = servedWords(incident.diagnoses[region]?.impact.probed);
  return words === null
    ? say`*Users:* not known. I get no numbers from there either, and no public address of it is configured that I could try`
    : say`*Users:* ${words}`;
}

/** What the public pages, here and elsewhere, say of where the fault lies. */
function whatItSays(view: View, region: string, served: Served): string {
  if (served === 'yes')
    return 'Its public address answers: the region is not gone. My path to it is at fault, or its API and its Prometheus';
  const same = 'My path to the region and the region itself look the same from here';
  if (served !== 'no') return same;
  const well = Object.keys(view.incident.diagnoses).filter((one) => one !== region && servedIn(view, one) === 'yes');
  return well.length === 0
    ? `${same}; its public address gives no good answer either`
    : `Its public address gives no good answer either, and ${well.length === 1 ? 'that' : 'those'} of ${list(well)} ${well.length === 1 ? 'does' : 'do'}: that speaks for the region, not for my path`;
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
  const users = servedShort(incident.diagnoses[region ?? '']?.impact.probed) ?? 'Users not known.';
  return `${nameOf(incident)}: I cannot see ${list(darkRegions(incident))}${from === undefined ? '' : ` since ${from.slice(11, 16)} UTC`}. ${users} Approve nothing there.`;
}

/**
 * One post per time in the dark, since an edit calls nobody; a second one where its public address stops answering after that. Null: not
 * yet, or somebody is on it.
 */
export function darkCall(view: View): { readonly key: string; readonly message: Message } | null {
  const { incident, rules } = view;
  const [region] = darkRegions(incident);
  const blind = region === undefined ? undefined : incident.blind[region];
  if (region === undefined || blind === undefined || incident.onIt !== null) return null;
  const served = servedIn(view, region);
  // A pause in my line does not stop users' requests: that waits for no third try.
  if (blind.tries < CALL_AFTER && served !== 'no') return null;
  const mentions = join(oncallOf({ rules }), ' ');
  const plea = `I cannot see ${region} since ${blind.since.slice(11, 16)} UTC`;
  const rest = `${callFor(nameOf(incident), served)}. A person has to look`;
  return {
    key: `${served === 'no' ? 'not-served' : 'cannot-see'}/${region}/${blind.since}`,
    message: { lock: `${plea}. ${rest}.`, blocks: [{ is: 'lines', lines: [say`${mentions} ${plea}. ${rest}.`] }] },
  };
}

function callFor(name: string, served: Served): string {
  switch (served) {
    case 'yes':
      return `Users of ${name} there are probably served: its public address answers`;
    case 'no':
      return `Users of ${name} there are probably not served: its public address gives no good answer either`;
    case 'in part':
      return `The public address of ${name} there answers from some places only`;
    case 'not known':
      return `Whether users of ${name} are affected there is not known`;
  }
}

/** In place of the region's evidence: the last look that had answers stays, with its time. */
export function darkHead(region: string, blind: Blind, picture: RegionDiagnosis | undefined): Words {
  return picture === undefined
    ? say`${bold(region)} · no answer since ${since(blind.since)}, and none before in this thread`
    : say`${bold(region)} · no answer since ${since(blind.since)}. What follows is the last full picture, as of ${clock(picture.at)}`;
}
