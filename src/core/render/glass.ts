import type { Vote } from '../incident/events.ts';
import { actOf, nameOf, whoIs } from './phase.ts';
import type { View } from './phase.ts';
import type { Proposal } from '../incident/state.ts';
import type { Message } from '../message.ts';
import type { Modal } from '../ports/intake.ts';
import { GLASS_REASON } from '../policy.ts';
import type { Press } from '../message.ts';
import { bold, clock, group, join, mention, say } from '../words.ts';
import type { Words } from '../words.ts';
import { actName } from './phase.ts';
import { cut } from './small.ts';

/** One person approved where two are asked for: who is told, and what is shown to who is about to. */

/** The vote of who broke the glass; null: nobody did. */
export function glassOf({ votes }: Proposal): Vote | null {
  return votes.find((vote) => vote.reason !== null && vote.by !== 'mlp-bot') ?? null;
}

/** "@ben, @dora"; "@sana alone, who broke the glass (nobody else is awake)". */
export function approvedBy(proposal: Proposal): Words {
  const glass = glassOf(proposal);
  if (glass !== null) return say`${whoIs(glass.by)} alone, who broke the glass (${cut(glass.reason ?? '', 160)})`;
  return join(
    proposal.votes.map((vote) => [whoIs(vote.by)]),
    ', ',
  );
}

/** A post of its own to those of whom a second was asked for: an edit notifies nobody. */
export function glassCall(view: View, proposal: Proposal): Message | null {
  const glass = glassOf(proposal);
  if (glass === null) return null;
  const { may, region } = proposal;
  const called = join([...may.groups.map((one) => [group(one)]), ...may.users.map((one) => [mention(one)])], ' ');
  const what = `${actName(proposal)} of ${nameOf(view.incident)} in ${region}`;
  const brings = comesBack(view, proposal);
  return {
    lock: cut(`The glass was broken by ${glass.name ?? 'one person'}: ${what}, approved without a second person.`, 300),
    blocks: [
      {
        is: 'lines',
        lines: [
          say`${called} :rotating_light: ${bold('The glass was broken')} by ${whoIs(glass.by)}, ${clock(glass.at)}: ${what}, approved without a second person. Reason: ${glass.reason ?? ''}`,
          ...(brings === null ? [] : [brings]),
          say`Please look at it now: its card says what is changed and how it goes; Stop and Undo are in the summary`,
        ],
      },
    ],
  };
}

function comesBack({ incident }: View, proposal: Proposal): Words | null {
  const cause = actOf(incident, proposal)?.cause ?? null;
  return cause === null ? null : say`*It brings back* ${cause}, as far as I know`;
}

export function breakGlassForm(press: Press, view: View, proposal: Proposal): Modal {
  const { offer, region, may } = proposal;
  const brings = comesBack(view, proposal);
  return {
    title: 'Break the glass',
    submit: 'Approve alone',
    intro: join(
      [
        say`${bold(`${actName(proposal)} of ${nameOf(view.incident)} in ${region}`)}: ${offer.says}. Risk ${offer.risk}`,
        ...(brings === null ? [] : [brings]),
        say`${may.need} people are asked for here. You approve alone, as the person on call. Your reason goes into the thread and the audit log, and the others who may approve are called`,
      ],
      '. ',
    ),
    fields: [
      {
        id: 'reason',
        label: 'Why can it not wait for a second person?',
        multiline: true,
        required: true,
        least: GLASS_REASON,
      },
    ],
    means: press,
  };
}
