import { expect, test } from 'vitest';
import { parseConfig } from '../../config.ts';
import { slackRoutes } from './paging.ts';

const plain = `
slack: { channel: C1 }
regions: [{ name: eu-west-1 }, { name: staging-1 }]
approvals: { low: { groups: [S1] }, medium: { groups: [S1] }, high: { groups: [S1] } }
`;
function problems(text: string): readonly string[] {
  const read = parseConfig(`${plain}${text}`);
  return 'problems' in read ? read.problems : [];
}

test('nothing written: nobody is paged', () => {
  const read = parseConfig(plain);
  if (!('config' in read)) throw new Error(read.problems.join());
  expect(read.config.pagerduty).toBeNull();
  expect(read.config.escalation).toMatchObject({
    byPriority: { P0: [], P1: [], P2: [], P3: [] },
    unacknowledged: { page: [], afterMs: 900_000, priorities: ['P0', 'P1'] },
    perHour: 10,
  });
});

test('one route and who hears of a P0 is enough', () => {
  const read = parseConfig(`${plain}
pagerduty: { routes: [{ name: oncall }] }
escalation: { byPriority: { P0: [oncall] }, never: { regions: [staging-1] } }
`);
  if (!('config' in read)) throw new Error(read.problems.join());
  expect(read.config.pagerduty?.routes).toEqual([
    { name: 'oncall', routingKeyEnv: 'PAGERDUTY_ROUTING_KEY', service: null, policy: null, fallback: null },
  ]);
});

test('that Slack cannot be used is told to whoever P1 calls, or P0 where that is nobody; or as it is written', () => {
  const of = (escalation: string): readonly string[] => {
    const read = parseConfig(`${plain}
pagerduty: { routes: [{ name: oncall }, { name: lead }] }
escalation: ${escalation}
`);
    if (!('config' in read)) throw new Error(read.problems.join());
    return slackRoutes(read.config.escalation);
  };
  expect(of('{ byPriority: { P0: [lead], P1: [oncall] } }')).toEqual(['oncall']);
  expect(of('{ byPriority: { P0: [lead] } }')).toEqual(['lead']);
  expect(of('{ byPriority: { P0: [lead] }, slackUnusable: { page: [oncall, lead] } }')).toEqual(['oncall', 'lead']);
  expect(of('{ byPriority: { P0: [lead] }, slackUnusable: { page: [] } }')).toEqual([]);
});

test('every disagreement at once, with what to write', () => {
  const said = problems(`
pagerduty:
  routes:
    - { name: oncall, fallback: oncall }
    - { name: oncall, fallback: leed }
    - { name: lead }
escalation:
  byPriority: { P1: [oncal] }
  unacknowledged: { page: [nobody] }
  undoFailed: [leads]
  slackUnusable: { page: [oncalls] }
  never: { regions: [staging], services: [x] }
`);
  expect(said).toEqual([
    'pagerduty.routes: oncall is there twice: give each a name of its own',
    'pagerduty.routes[0].fallback: it is the route itself: write another, or null',
    expect.stringMatching(/^pagerduty\.routes\[1\]\.fallback: no route is called leed: did you mean lead\?/),
    expect.stringMatching(/^escalation\.byPriority\.P1: no route is called oncal: did you mean oncall\?/),
    expect.stringMatching(/^escalation\.unacknowledged\.page: no route is called nobody: write /),
    expect.stringMatching(/^escalation\.slackUnusable\.page: no route is called oncalls: did you mean oncall\?/),
    expect.stringMatching(/^escalation\.undoFailed: no route is called leads: did you mean lead\?/),
    'escalation.byPriority.P0: nobody would be paged when a region is gone: write at least one route',
    expect.stringMatching(/^escalation\.never\.regions: no region is called staging: /),
    'escalation.never.services: no service is called x: remove it',
  ]);
});

test('an escalation without PagerDuty is no escalation', () => {
  expect(problems('escalation: { byPriority: { P0: [oncall] } }')).toEqual([
    'escalation.byPriority.P0: no route is called oncall: remove it',
  ]);
});

test('a key instead of the name of its variable is refused without being repeated', () => {
  const key = 'a1b2c3d4e5f60718293a4b5c6d7e8f9-';
  const said = problems(
    `pagerduty: { routes: [{ name: oncall, routingKeyEnv: '${key}' }] }\nescalation: { byPriority: { P0: [oncall] } }`,
  );
  expect(said).toEqual([expect.stringContaining('pagerduty.routes[0].routingKeyEnv: ')]);
  expect(said.join()).not.toContain(key);
});
