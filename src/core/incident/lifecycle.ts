import type { Ended, Event } from './events.ts';
import type { Incident } from './state.ts';
import type { Proposal } from './proposal.ts';

/** The life of a proposal and of an incident as a table: what the diagram is printed from, and what tests hold every step against. */

export type ProposalStage = 'new' | Exclude<Proposal['stage'], 'over'> | Ended;
export type IncidentStage = 'new' | 'open' | 'stopped' | 'closed';

export interface LifeStep<S> {
  readonly from: S;
  readonly on: Event['is'];
  readonly to: S;
  /** When it happens, for people. */
  readonly when: string;
}

const end = (from: ProposalStage, to: Ended, when: string): LifeStep<ProposalStage> => ({
  from,
  on: 'ended',
  to,
  when,
});

export const PROPOSAL_LIFE: readonly LifeStep<ProposalStage>[] = [
  { from: 'new', on: 'proposed', to: 'open', when: 'a remedy fits what was found, and the server rehearsed it' },
  { from: 'open', on: 'voted', to: 'open', when: 'one of several people approves exactly this plan' },
  { from: 'open', on: 'granted', to: 'granted', when: 'enough people approved, and the target is as it was shown' },
  end('open', 'denied', 'Deny or Not now, by who may approve it'),
  end('open', 'expired', 'nobody decided in time'),
  end('open', 'withdrawn', 'what it was for is over, or another incident offers it'),
  end('open', 'superseded', 'the plan or its target changed; approvals lapse'),
  end('open', 'stopped', '/mlp stop INC'),
  { from: 'granted', on: 'acting', to: 'acting', when: 'its turn, read once more, unchanged: the intent is stored' },
  { from: 'granted', on: 'waits', to: 'granted', when: 'another incident changes the same target first' },
  end('granted', 'superseded', 'the target changed after the approval'),
  end('granted', 'failed', 'the target could not be read'),
  end('granted', 'stopped', '/mlp stop INC or all, before it began'),
  { from: 'acting', on: 'acting', to: 'acting', when: 'fenced, looked up, did not arrive: another attempt' },
  { from: 'acting', on: 'acted', to: 'watching', when: 'done, or found done' },
  { from: 'acting', on: 'acted', to: 'acting', when: 'refused, or somebody else was first' },
  end('acting', 'failed', 'refused, or three attempts without a known outcome'),
  end('acting', 'superseded', 'somebody else changed the target first'),
  end('acting', 'stopped', 'stopped, and known not to have arrived'),
  { from: 'watching', on: 'observed', to: 'watching', when: 'not yet, or not for long enough' },
  end('watching', 'verified', 'yes, for as long as the remedy says'),
  end('watching', 'not verified', 'no, or not before the deadline, or its undo was approved'),
  end('watching', 'made worse', 'worse, seen twice: its undo follows, or is asked for'),
];

export const INCIDENT_LIFE: readonly LifeStep<IncidentStage>[] = [
  { from: 'new', on: 'opened', to: 'open', when: 'an alert fires or a person asks' },
  {
    from: 'open',
    on: 'round-began',
    to: 'open',
    when: 'it looks: at first, again and again, and when something happens',
  },
  { from: 'open', on: 'quiet', to: 'open', when: 'seen over, or not over after all' },
  { from: 'open', on: 'stopped', to: 'stopped', when: '/mlp stop INC' },
  { from: 'stopped', on: 'stopped', to: 'stopped', when: '/mlp stop INC once more' },
  { from: 'stopped', on: 'round-began', to: 'open', when: 'Go on, or a new alert' },
  { from: 'open', on: 'closed', to: 'closed', when: 'seen over for long enough, or nothing was found' },
  { from: 'closed', on: 'reopened', to: 'open', when: 'it fires again, a person asks, or an undo is approved' },
];

export function proposalStage(proposal: Proposal | undefined): ProposalStage {
  if (proposal === undefined) return 'new';
  if (proposal.stage !== 'over') return proposal.stage;
  return proposal.ended?.how ?? 'failed';
}

export function incidentStage(incident: Incident): IncidentStage {
  if (incident.openedAt === null) return 'new';
  if (incident.closed !== null) return 'closed';
  return incident.stopped === null ? 'open' : 'stopped';
}

/** `docs/lifecycle.md`. */
export function lifecycleMarkdown(): string {
  return [
    '# The life of a proposal and of an incident',
    '',
    'Printed by `npm run lifecycle` from `src/core/incident/lifecycle.ts`, the table that tests hold every step against. Do not edit.',
    '',
    '## A proposal',
    '',
    ...diagram(PROPOSAL_LIFE),
    '',
    ...table(PROPOSAL_LIFE),
    '',
    '## An incident',
    '',
    ...diagram(INCIDENT_LIFE),
    '',
    ...table(INCIDENT_LIFE),
    '',
  ].join('\n');
}

/** Mermaid's state diagram. Ids have no spaces, labels no `:` or `;` (they would end there); `[*]` is the beginning and each end. */
function diagram(life: readonly LifeStep<string>[]): readonly string[] {
  const id = (stage: string): string => (stage === 'new' ? '[*]' : stage.replaceAll(' ', '_'));
  const from = new Set(life.map((step) => step.from));
  const ends = [...new Set(life.map((step) => step.to))].filter((stage) => !from.has(stage));
  const named = [...new Set(life.flatMap((step) => [step.from, step.to]))].filter((stage) => stage.includes(' '));
  return [
    '```mermaid',
    'stateDiagram-v2',
    ...named.map((stage) => `  state "${stage}" as ${id(stage)}`),
    ...life.map((step) => `  ${id(step.from)} --> ${id(step.to)}: ${label(step)}`),
    ...ends.map((stage) => `  ${id(stage)} --> [*]`),
    '```',
  ];
}

function label({ on, when }: LifeStep<string>): string {
  return (on === 'ended' ? when : on).replaceAll(/[:;]/g, ',');
}

function table(life: readonly LifeStep<string>[]): readonly string[] {
  return ['| from | event | to | when |', '|---|---|---|---|', ...life.map(rowOf)];
}

function rowOf({ from, on, to, when }: LifeStep<string>): string {
  return `| ${from} | ${on} | ${to} | ${when} |`;
}
