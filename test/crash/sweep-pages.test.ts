import { expect, test } from 'vitest';
import { calling } from './pages.ts';
import { sweep } from './sweep.ts';
import type { Story } from './sweep.ts';

/** An alert that says P0 calls two people, broken off at every boundary: each of them is called once, whoever goes on. */
const story: Story = {
  options: { paging: true, alerts: false, change: calling() },
  setup: (world) => {
    const labels = {
      alertname: 'ModelInferenceErrors',
      namespace: 'ml-platform',
      deployment: 'model-server',
      region: 'eu-west-1',
      severity: 'P0',
    };
    const startsAt = new Date(world.clock.now()).toISOString();
    const alert = { fingerprint: 'f1', status: 'firing', labels, annotations: {}, startsAt, link: '' } as const;
    world.deliver('p0', (engine) => engine.intake.takeAlerts([alert], null));
  },
  done: async (world) => {
    const { pages } = await world.incident();
    return pages.length === 2 && pages.every((one) => one.reached !== null);
  },
  ending: async (world) => {
    const { pages } = await world.incident();
    const keys = new Set(world.paging.incidents.map((one) => one.key)).size;
    return `${world.paging.incidents
      .map((one) => `${one.to} ${one.status}`)
      .toSorted()
      .join(', ')}; ${keys} key; ${pages
      .map((one) => `${one.id} ${one.reached?.is}`)
      .toSorted()
      .join(', ')}`;
  },
};

test.each(['restart', 'take-over'] as const)(
  'called once: killed anywhere, then a %s',
  { timeout: 120_000 },
  async (after) => {
    const { ending, boundaries } = await sweep(story, after, { part: (n) => n % 3 === (after === 'restart' ? 0 : 1) });
    expect(ending).toBe('lead triggered, oncall triggered; 1 key; P0/lead notified, P0/oncall notified');
    expect(boundaries).toBeGreaterThan(20);
  },
);
