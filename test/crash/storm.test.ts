import { afterEach, describe, expect, test } from 'vitest';
import type { AlertIn } from '../../src/core/routing.ts';
import { postmortem } from '../../src/core/render/postmortem.ts';
import { renderRoot } from '../../src/core/render/root.ts';
import { rulesOf } from '../../src/config.ts';
import { heal } from '../../src/sandbox/platform/control.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { calling } from './pages.ts';
import { types, users } from './people.ts';

/** Many workloads of one region alert at once: one message, with the engine, the store and the simulated platform. */

let world: World;
afterEach(() => world.close());

const posted = (): readonly string[] =>
  world.chat.standing.filter((one) => one.mark.key.endsWith('/root')).map((one) => textOf(one.message));
const storm = (): string =>
  posted().find((one) => one.includes('held in this message') || one.includes('storm over')) ?? '';

function alertOf(name: string, workload: string, more: Partial<AlertIn> & { readonly region?: string } = {}): AlertIn {
  const { region = 'eu-west-1', ...rest } = more;
  const labels = { alertname: name, namespace: 'ml-platform', deployment: workload, region, severity: 'warning' };
  return {
    fingerprint: JSON.stringify(labels),
    status: 'firing',
    labels,
    annotations: { summary: `${name} of ${workload}` },
    startsAt: new Date(world.clock.now()).toISOString(),
    link: '',
    ...rest,
  };
}
const many = (count: number, more: Parameters<typeof alertOf>[2] = {}): readonly AlertIn[] =>
  Array.from({ length: count }, (_, index) =>
    alertOf('KubeDeploymentReplicasMismatch', `svc-${index % 100}-${Math.floor(index / 100)}`, more),
  );
const calledOver = (all: readonly AlertIn[]): readonly AlertIn[] => all.map((one) => ({ ...one, status: 'resolved' }));
const send = (id: string, alerts: readonly AlertIn[]): void =>
  world.deliver(id, (engine) => engine.intake.takeAlerts(alerts, null));

describe('a region loses all its nodes', () => {
  test('a thousand alerts in ten seconds are one message, which names what they share', async () => {
    world = await World.start({ alerts: false, paging: true, change: calling() });
    world.inject('all-nodes-gone');
    const all = many(1_000);
    for (let second = 0; second < 10; second += 1) {
      for (let part = 0; part < 10; part += 1)
        send(`${second}-${part}`, all.slice(second * 100 + part * 10, second * 100 + part * 10 + 10));
      await world.pass(1_000);
    }
    await world.pass(20_000);
    expect(posted().length).toBeLessThanOrEqual(5);
    expect(storm()).toMatch(/Users: .*Elsewhere: no effect seen in us-east-1 and ap-southeast-1 \/ What: 6 of 6 nodes/);
    expect(world.paging.lines().join('\n')).toMatch(/: P0 INC-\d+ eu-west-1 lost all its nodes\. /);
    expect(storm()).toMatch(/Do not trust: \d+ pods listed "Running"/);
    const call = world.chat.standing.find((one) => one.mark.key.endsWith('/needs-person'));
    expect(call === undefined ? '' : textOf(call.message)).toMatch(
      / P0 eu-west-1 lost all its nodes\. Users get errors/,
    );
    expect(storm()).toMatch(/eu-west-1 lost all its nodes · P0 · INC-\d+ · 1,000 alerts held in this message/);
  });

  test('what was open when it began becomes part of it; what had a cause of its own, or somebody on it, stays apart', async () => {
    world = await World.start({ alerts: false });
    // An incident of before, with a cause of its own.
    world.inject('image-missing');
    send('before', [alertOf('KubeDeploymentRolloutStuck', 'model-server')]);
    await world.until('the cause', () =>
      posted().some((one) => one.includes('model-server rollout stuck · eu-west-1')),
    );
    // A slow beginning: each workload has its thread before it is a storm.
    for (const name of ['api-gateway', 'feature-store', 'replication-service']) {
      send(name, [alertOf('KubeDeploymentReplicasMismatch', name)]);
      await world.pass(4_000);
    }
    expect(posted()).toHaveLength(4);
    world.inject('all-nodes-gone');
    send('storm', many(30));
    await world.pass(30_000);
    expect(posted()).toHaveLength(5);
    expect(storm()).toMatch(/33 alerts held in this message/);
    expect(storm()).toMatch(/Kept apart: INC-1 model-server: image v2\.4\.1 not found/);
    const parts = posted().filter((one) => one.includes('part of INC-'));
    expect(parts).toHaveLength(3);
    expect(parts[0]).toMatch(/Its 1 alert are|Its 1 alert is|handled there/);
    // The one with a cause of its own still asks for its approval.
    expect(world.chat.buttons().some((one) => one.press.does === 'approve')).toBe(true);
  });

  test('it ends by itself: what is over is closed with it, what still fires gets a thread of its own', async () => {
    world = await World.start({ alerts: false });
    world.inject('all-nodes-gone');
    const all = many(40);
    send('all', all);
    await world.pass(20_000);
    expect(storm()).toMatch(/40 alerts held/);
    heal(world.platform, 'all-nodes-gone', 'eu-west-1');
    const over = all.slice(2).map((one) => ({ ...one, status: 'resolved' as const }));
    send('over', over);
    await world.pass(40 * 60_000);
    const root = posted().find((one) => one.includes('storm over')) ?? '';
    expect(root).toMatch(/storm over, 40 alerts/);
    const thread = world.chat.standing.map((one) => textOf(one.message));
    expect(thread.filter((one) => one.includes('Storm over: 40 alerts, 38 over'))).toHaveLength(1);
    expect(root).toMatch(/38 over and looked at by me; 2 still fire, in threads of their own/);
    expect(posted().length).toBe(3);
  });

  test('a storm that is over looks so, and its post-mortem tells what it was, whoever answers for its region at the end', async () => {
    world = await World.start({ alerts: false });
    world.inject('all-nodes-gone');
    const all = many(12);
    send('all', all);
    await world.pass(20_000);
    heal(world.platform, 'all-nodes-gone', 'eu-west-1');
    send('over', calledOver(all));
    await world.pass(10 * 60_000);
    const [over] = await world.store.streams({ open: false, limit: 5 });
    const incident = { ...(await world.incident(over?.stream)), worst: {} };
    const rules = rulesOf(world.config);
    const view = {
      stream: 'incident/1',
      incident,
      rules,
      killSwitch: null,
      playbooks: [],
      at: incident.closed?.at ?? '',
    };
    expect(textOf(renderRoot(view))).toMatch(
      /^:white_check_mark: eu-west-1 lost all its nodes · INC-1 · storm over, 12 alerts/,
    );
    const text = postmortem(view);
    expect(text).toMatch(/^# INC-1: eu-west-1 lost all its nodes$/m);
    expect(text).toMatch(/Users:\*\* got errors and were slower at worst: errors 100 %/);
    expect(text).toMatch(/Severity:\*\* P0$/m);
    expect(text).toMatch(/Regions:\*\* eu-west-1$/m);
    expect(text).toMatch(/## Cause\n\n- eu-west-1: 6 of 6 nodes/);
    expect(text).toMatch(/## Evidence\n\n- eu-west-1: 6 of 6 nodes/);
  });

  test('before the numbers can tell, users are not called well; that it became P0 is said by a post', async () => {
    world = await World.start({ alerts: false });
    send('all', many(12));
    await world.pass(5_000);
    const root = world.chat.standing.find((one) => one.mark.key.endsWith('/root'));
    expect(root?.message.lock).toBe(
      'P3 eu-west-1: many workloads alert at once. Users: too early to tell. 12 alerts held in one message.',
    );
    expect(storm()).toMatch(
      /Users: no effect seen: .* Too early to tell: the alerts are newer than these 5 min\. Else/,
    );
    world.inject('all-nodes-gone');
    await world.pass(30_000);
    expect(storm()).toMatch(/ · P0 · /);
    const call = world.chat.standing.find((one) => one.mark.key.endsWith('/needs-person'));
    expect(call === undefined ? '' : textOf(call.message)).toMatch(
      /^@\S+ P0 eu-west-1 lost all its nodes\. Users get errors/,
    );
  });

  test('a digest every ten minutes, while anything comes', async () => {
    world = await World.start({ alerts: false });
    world.inject('all-nodes-gone');
    send('all', many(20));
    await world.pass(9 * 60_000);
    send('more', many(50).slice(20));
    await world.pass(2 * 60_000);
    const digests = (): readonly string[] =>
      world.chat.standing.map((one) => textOf(one.message)).filter((one) => one.includes('Digest'));
    expect(digests()).toHaveLength(1);
    expect(digests()[0]).toMatch(/Digest \(every 10 min\): 50 alerts, \+50, 50 still firing/);
    await world.pass(30 * 60_000);
    expect(digests()).toHaveLength(1);
  });
});

describe('many workloads, no common cause', () => {
  test('one in which nothing was found ends as a storm as well: no lead to take, no cause to call right', async () => {
    world = await World.start({ alerts: false });
    const all = many(12);
    send('all', all);
    await world.pass(20_000);
    expect(storm()).toMatch(/12 alerts held in this message/);
    send('over', calledOver(all));
    await world.pass(10 * 60_000);
    expect(storm()).toMatch(
      /^:white_check_mark: eu-west-1: many workloads alert at once · INC-1 · storm over, 12 alerts/,
    );
    expect(storm()).toMatch(
      /What: nothing that they share was found .* \| \[Say the cause\] \[List alerts\] \[Timeline\]/,
    );
  });

  test('a second fault in the storm gets its own thread; the storm lets go of its alerts', async () => {
    world = await World.start({ alerts: false });
    world.inject('image-missing');
    await world.pass(2_000);
    send('all', [...many(12), alertOf('KubeDeploymentRolloutStuck', 'model-server')]);
    await world.pass(30_000);
    expect(storm()).toMatch(/12 alerts|13 alerts/);
    const own = posted().find((one) => one.includes('has no image')) ?? '';
    expect(own).toMatch(/model-server rollout stuck · eu-west-1/);
    expect(storm()).toMatch(/Kept apart: (INC-\d+ )?model-server/);
  });

  test('a person splits one off, and what was split stays so', async () => {
    world = await World.start({ alerts: false });
    world.inject('all-nodes-gone');
    send('all', [...many(12), alertOf('HighErrorRate', 'api-gateway')]);
    await world.pass(20_000);
    const name = (await world.store.streams({ open: true, limit: 5 }))[0]?.stream ?? '';
    world.deliver('split', (engine) =>
      engine.intake.take({
        is: 'pressed',
        id: 'split',
        press: { does: 'split', thread: name },
        by: users.sana,
        channel: 'C',
        messageTs: '1',
        threadTs: null,
        reason: 'ml-platform/api-gateway',
        team: 'T',
      }),
    );
    await world.pass(20_000);
    expect(posted()).toHaveLength(2);
    expect(storm()).toMatch(/13 alerts held/);
    send('again', [alertOf('KubeDeploymentReplicasMismatch', 'api-gateway')]);
    await world.pass(10_000);
    expect(posted()).toHaveLength(2);
    expect(Object.keys((await world.incident(name)).alerts)).toHaveLength(12);
  });

  test('by command: one is split off, and merged back in; the members say where they are', async () => {
    world = await World.start({ alerts: false });
    world.inject('all-nodes-gone');
    send('all', [...many(12), alertOf('HighErrorRate', 'api-gateway')]);
    await world.pass(20_000);
    types(world, users.sana, 'split ml-platform/api-gateway INC-1');
    await world.pass(20_000);
    expect(posted()).toHaveLength(2);
    expect(posted().find((one) => one.includes('api-gateway'))).toMatch(/INC-2/);
    // It would find the lost nodes: a person decides that it belongs there all the same.
    types(world, users.sana, 'merge INC-2 into INC-1');
    await world.pass(20_000);
    expect(posted().find((one) => one.includes('INC-2'))).toMatch(
      /^:link: api-gateway.* · eu-west-1 · INC-2 · part of INC-1 since .*, by @?\S+ \/ Why: merged by a person/,
    );
    const [open, ...others] = await world.store.streams({ open: true, limit: 5 });
    expect(others).toEqual([]);
    expect(Object.keys((await world.incident(open?.stream)).alerts)).toHaveLength(13);
  });

  test('alerts of one workload, or of several regions, are no storm', async () => {
    world = await World.start({ alerts: false });
    send(
      'one',
      Array.from({ length: 30 }, (_, index) => alertOf(`Alert${index}`, 'model-server')),
    );
    await world.pass(5_000);
    for (const region of ['us-east-1', 'ap-southeast-1']) send(region, many(3, { region }));
    await world.pass(20_000);
    expect(posted().some((one) => one.includes('held in this message'))).toBe(false);
  });
});
