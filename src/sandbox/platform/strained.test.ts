import { describe, expect, test } from 'vitest';
import { firingAt } from './alerts.ts';
import { heal, inject } from './control.ts';
import { faults } from './faults/catalogue.ts';
import { theModel } from './faults/fault.ts';
import { SimulatedPlatform } from './platform.ts';
import { methods } from './rpc.ts';
import { minutes, type Cluster } from './state.ts';
import { seen } from './write.ts';

const region = 'eu-west-1';
const of = { namespace: 'ml-platform', name: 'model-server' };
const strained = faults.filter((one) => one.playbook !== undefined);

interface World {
  readonly platform: SimulatedPlatform;
  readonly cluster: () => Cluster;
}

function world(): World {
  const platform = new SimulatedPlatform({ clock: { nowMs: () => Date.parse('2026-03-14T02:42:00Z') }, seed: 'test' });
  return { platform, cluster: () => platform.region(region).at(platform.now()) };
}

const firing = ({ platform, cluster }: World): readonly string[] =>
  firingAt(cluster(), platform.now()).map((alert) => alert.labels['alertname'] ?? '');

/** A rollback to the newest other revision. */
function rollBack({ platform, cluster }: World): void {
  const model = theModel(cluster());
  const [target] = model.sets.filter((set) => set.template !== model.template).sort((a, b) => b.number - a.number);
  if (target === undefined) throw new Error('there is nothing to roll back to');
  const to = { template: { replicaSet: target.uid, digest: target.digest } };
  const write = { of, to, fence: 'f', resourceVersion: seen(cluster(), of).resourceVersion };
  methods['deployment.write']?.run(platform.region(region), write, platform.now());
}

describe.each(strained)('$id', ({ id, alert, rollback }) => {
  test('its alert fires, and ends when it is healed by hand', () => {
    const one = world();
    inject(one.platform, id, region);
    // Errors of five seconds are over before any rule has waited for its five minutes.
    expect(firing(one).includes(alert ?? '')).toBe(id !== 'drain-errors' && alert !== null);
    heal(one.platform, id, region);
    one.platform.advance(minutes(20));
    expect(firing(one)).toEqual(['Watchdog']);
  });

  if (rollback !== 'helps') return;
  test('a rollback ends it', () => {
    const one = world();
    inject(one.platform, id, region);
    one.cluster();
    rollBack(one);
    one.platform.advance(minutes(20));
    expect(firing(one)).not.toContain(alert);
  });
});
