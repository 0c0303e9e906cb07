import type { Press } from '../core/message.ts';
import { judgeBreakGlass } from '../core/policy.ts';
import type { Answer } from '../core/ports/intake.ts';
import { breakGlassForm } from '../core/render/glass.ts';
import { sentence } from '../core/render/help.ts';
import { plain } from '../core/words.ts';
import { askOf, standingOf } from '../core/incident/standing.ts';
import { loadIncident } from './answers.ts';
import { killedBy, whoIs } from './facts.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';

/** A form must be open within Slack's three seconds: who is not looked up by then is judged when he sends it. */
const LOOK_UP_MS = 1_500;
const LONG_ENOUGH = 'long enough for any rule';

/** The form in which somebody says why; or at once why he may not. Nothing is decided here: what is sent is judged again. */
export async function askWhy(parts: Parts, press: Press, by: string): Promise<Answer> {
  const [incident, killSwitch] = await Promise.all([loadIncident(parts, press.thread), killedBy(parts)]);
  const proposal = incident.proposals.find((one) => one.id === press.proposal);
  if (proposal === undefined) return said('This plan is not known any more. Nothing was done.');
  const at = iso(parts.clock.now());
  const over = standingOf(incident, proposal, { killSwitch, by });
  if (over !== null) return said(plain(over));
  const enough = new AbortController();
  const who = await Promise.race([
    whoIs(parts, by, true),
    parts.clock.wait(LOOK_UP_MS, enough.signal).then((): null => null),
  ]);
  enough.abort();
  if (who !== null) {
    const ask = askOf(incident, proposal, { at });
    const judgement = judgeBreakGlass(parts.rules.policy, ask, who, LONG_ENOUGH);
    if (judgement.is === 'refused') return said(`Not counted: ${judgement.because}.`);
  }
  const { rules, playbooks } = parts;
  const view = { stream: press.thread, incident, rules, playbooks, killSwitch, at };
  return { is: 'ask', modal: breakGlassForm(press, view, proposal) };
}

function said(text: string): Answer {
  return { is: 'said', message: sentence(text) };
}
