import { expect, test } from 'vitest';
import type { AlertIn } from '../../src/core/routing.ts';
import { World } from './harness.ts';
import type { WorldOptions } from './harness.ts';

/** A storm, broken off at every fifth of its boundaries, with a restart and a take-over in turn. */

function alertOf(world: World, workload: string): AlertIn {
  const labels = {
    alertname: 'KubeDeploymentReplicasMismatch',
    namespace: 'ml-platform',
    deployment: workload,
    region: 'eu-west-1',
    severity: 'warning',
  };
  return {
    fingerprint: workload,
    status: 'firing',
    labels,
    annotations: {},
    startsAt: new Date(world.clock.now()).toISOString(),
    link: '',
  };
}

const before = ['api-gateway', 'feature-store'];
const storm = Array.from({ length: 24 }, (_, index) => `svc-${index}`);

interface Told {
  readonly met: readonly string[];
  readonly ending: string;
}

/** Two threads of before, then many alerts in four deliveries: all of it is one storm. */
async function tell(options: WorldOptions = {}): Promise<Told> {
  const world = await World.start({ ...options, alerts: false });
  try {
    world.inject('all-nodes-gone');
    const ids: string[] = [];
    const send = (id: string, names: readonly string[]): void => {
      const alerts = names.map((name) => alertOf(world, name));
      ids.push(id);
      world.deliver(id, (engine) => engine.intake.takeAlerts(alerts, null));
    };
    for (const name of before) send(name, [name]);
    await world.pass(3_000);
    for (let part = 0; part < 4; part += 1) send(`part ${part}`, storm.slice(part * 6, part * 6 + 6));
    await world.until('all is taken', () => ids.every((id) => world.delivered(id)));
    // A dead owner's lease runs for fifteen seconds.
    await world.pass(options.after === 'take-over' ? 60_000 : 40_000);
    // A look that ends just then has something to edit: what is owed must be done soon.
    await world.until(
      'nothing is owed',
      async () => {
        const { inbox, outbox } = await world.store.stats();
        return inbox + outbox === 0;
      },
      30_000,
    );
    return { met: world.replicas[0]?.life.met ?? [], ending: await endingOf(world) };
  } finally {
    await world.close();
  }
}

async function endingOf(world: World): Promise<string> {
  const problems: string[] = [];
  const posts = Map.groupBy(world.chat.standing, (one) => one.mark.key);
  for (const [key, all] of posts) if (all.length > 1) problems.push(`${key} was posted ${all.length} times`);
  const { inbox, outbox, dead, alerts } = await world.store.stats();
  if (inbox + outbox + dead > 0) problems.push(`left over: ${inbox} rows, ${outbox} unsent, ${dead} given up`);
  problems.push(...world.logs.filter((one) => one.level === 'error').map((one) => `logged: ${one.message}`));
  const open = await world.store.streams({ open: true, limit: 50 });
  const holds: string[] = [];
  const joined: string[] = [];
  for (const { stream } of open) {
    const incident = await world.incident(stream);
    holds.push(...Object.keys(incident.alerts));
    joined.push(...(incident.storm?.joined ?? []).map((one) => one.title));
    if (incident.storm !== null && incident.storm.taken !== Object.keys(incident.alerts).length)
      problems.push(`it says ${incident.storm.taken} alerts and holds ${Object.keys(incident.alerts).length}`);
  }
  if (problems.length > 0) throw new Error(`${problems.join('\n')}\n${world.tell()}`);
  return `${open.length} open, ${alerts} stored, held ${holds.length}: ${holds.toSorted().join(' ')}; joined ${joined.toSorted().join(', ')}`;
}

test('wherever it is killed: no alert is lost or held twice, who joins joins once', { timeout: 240_000 }, async () => {
  const whole = await tell();
  expect(whole.ending).toMatch(/^1 open, 26 stored, held 26: api-gateway feature-store svc-0 /);
  expect(whole.ending.match(/joined (.*)/)?.[1]?.split(', ')).toHaveLength(before.length);
  const wrong: string[] = [];
  let tried = 0;
  // What two threads do that are no storm yet is swept elsewhere.
  const from = whole.met.findIndex((name, index) => index > 20 && name.startsWith('inbox row taken'));
  for (let n = Math.max(1, from); n <= whole.met.length && wrong.length < 3; n += 5) {
    tried += 1;
    const after = tried % 2 === 0 ? 'take-over' : 'restart';
    try {
      const { ending } = await tell({
        after,
        breakAt: (life, number) => (life === 1 && number === n ? 'kill' : null),
      });
      if (ending !== whole.ending) throw new Error(`it ended otherwise:\n  ${ending}\ninstead of\n  ${whole.ending}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      wrong.push(`killed at boundary ${n} of ${whole.met.length} (${whole.met[n - 1] ?? ''}, ${after}): ${why}`);
    }
  }
  expect(wrong.join('\n\n')).toBe('');
  expect(tried).toBeGreaterThan(10);
});
