import type { Rules } from '../../src/core/incident/commands.ts';
import type { Policy, Who } from '../../src/core/policy.ts';

/** Who is who in the tests of the core, and what they may. */

const person = (id: string, groups: readonly string[], more: Partial<Who> = {}): Who => ({
  id,
  name: id[0]?.toUpperCase() + id.slice(1),
  active: true,
  guest: false,
  external: false,
  bot: false,
  groups,
  ...more,
});

export const people: Readonly<Record<string, Who>> = {
  sana: person('sana', ['S-oncall']),
  ben: person('ben', ['S-approve']),
  carla: person('carla', ['S-approve']),
  dora: person('dora', ['S-leads']),
  noah: person('noah', []),
  guest: person('guest', ['S-oncall', 'S-approve', 'S-leads'], { guest: true }),
  partner: person('partner', ['S-oncall', 'S-approve', 'S-leads'], { external: true }),
  left: person('left', ['S-oncall', 'S-approve', 'S-leads'], { active: false }),
  robot: person('robot', ['S-oncall', 'S-approve', 'S-leads'], { bot: true }),
};

const policy: Policy = {
  approvers: {
    low: { groups: ['S-oncall', 'S-approve'], users: [], need: 1 },
    medium: { groups: ['S-approve'], users: [], need: 1 },
    high: { groups: ['S-leads', 'S-approve'], users: [], need: 2 },
  },
  oncall: { groups: ['S-oncall'], users: [] },
  modes: { default: 'propose', byRegion: {}, byService: [], preApproved: [] },
  freezes: [],
  groupNames: { 'S-oncall': '@ml-oncall', 'S-approve': '@ml-approvers', 'S-leads': '@ml-leads' },
};

export const rules: Rules = {
  policy,
  timing: {
    approvalMs: 30 * 60_000,
    quietMs: 15 * 60_000,
    drainMs: 10 * 60_000,
    watchMs: 60_000,
    undoMs: 60 * 60_000,
    undoAloneMs: 10 * 60_000,
    actMs: 10_000,
    skewMs: 5_000,
    observeMs: 3_000,
    settleMs: null,
  },
};
