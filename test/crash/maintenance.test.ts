import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AlertIn } from '../../src/core/routing.ts';
import { maintenanceOver } from '../../src/engine/maintenance.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { calling } from './pages.ts';
import { find, users } from './people.ts';

/** A region that people work on: what is kept quiet, what is not, and how it ends. Engine, store and clock of the tests. */

const MINUTE = 60_000;
let world: World;
beforeEach(async () => {
  world = await World.start({ paging: true, change: calling(), alerts: false });
});
afterEach(() => world.close());

let typed = 0;
async function asks(who: string, text: string): Promise<string> {
  const id = `typed ${(typed += 1)}`;
  let answer = '';
  world.deliver(id, async (engine) => {
    const said = await engine.intake.take({
      is: 'command',
      id,
      text,
      by: who,
      channel: ids.channels.platform,
      team: ids.team,
    });
    answer = said.is === 'said' ? textOf(said.message) : said.is;
  });
  await world.until(text, () => answer !== '');
  return answer;
}

function fires(labels: Readonly<Record<string, string>> = {}): void {
  const all = {
    alertname: 'KubeDeploymentReplicasMismatch',
    namespace: 'ml-platform',
    deployment: 'model-server',
    region: 'eu-west-1',
    severity: 'warning',
    ...labels,
  };
  const alert: AlertIn = {
    fingerprint: JSON.stringify(all),
    status: 'firing',
    labels: all,
    annotations: { summary: 'made by a test' },
    startsAt: new Date(world.clock.now()).toISOString(),
    link: '',
  };
  world.deliver(JSON.stringify(alert), (engine) => engine.intake.takeAlerts([alert], null));
}
/** Posts of their own, and below others. */
const posts = (): readonly string[] =>
  world.chat.standing.filter((one) => one.to.threadTs === null).map((one) => textOf(one.message));
const below = (): readonly string[] =>
  world.chat.standing.filter((one) => one.to.threadTs !== null).map((one) => textOf(one.message));
const tick = async (): Promise<void> => {
  await maintenanceOver(world.replica.parts).run(new Date(world.clock.now()).toISOString());
};
const audit = async (): Promise<string> =>
  (await world.store.audit(1, 200)).map((one) => `${one.who}: ${one.what} (${one.why})`).join('\n');

/** Users are hurt, and the secret that new pods need is gone: P1, which calls who is on call at once. */
function hurts(): void {
  world.inject('release-fails-requests');
  world.inject('secret-deleted');
}

describe('/mlp maintenance', () => {
  test('who may, what it takes, what it lists', async () => {
    expect(await asks(users.ria, 'maintenance eu 2h nodes')).toMatch(/^Not done: .*low risk/);
    expect(await asks(users.kofi, 'maintenance eu 2h')).toMatch(/It needs a reason/);
    expect(await asks(users.kofi, 'maintenance mars 2h nodes')).toMatch(/mars/);
    expect(await asks(users.kofi, 'maintenance')).toMatch(/^No region is in maintenance/);
    expect(await asks(users.kofi, 'maintenance eu 2h the nodes are replaced')).toMatch(
      /^eu-west-1 is in maintenance until 11:00 UTC on 2026-03-03: its alerts call nobody/,
    );
    expect(await asks(users.sana, 'maintenance')).toMatch(
      /Maintenance of eu-west-1 until .* \(the nodes are replaced\): its alerts call nobody, unless it is P0/,
    );
    await world.until('told', () =>
      posts().some((one) => /Maintenance of eu-west-1.*the nodes are replaced/.test(one)),
    );
    expect(await audit()).toMatch(/began maintenance of eu-west-1 until 2026-03-03T11:00.* \(the nodes are replaced\)/);
    expect(await asks(users.kofi, 'maintenance end eu')).toMatch(/no longer in maintenance/);
    expect(await asks(users.kofi, 'maintenance end eu')).toBe('eu-west-1 is not in maintenance.');
    expect(await audit()).toMatch(/ended maintenance of eu-west-1 \(\/mlp maintenance end\)/);
    await world.until('told', () =>
      posts().some((one) => /No longer in maintenance: eu-west-1[\s\S]*Nothing is open/.test(one)),
    );
  });
});

describe('what fires meanwhile', () => {
  test('has a line below the announcement, calls nobody; at the end it gets its message, and people', async () => {
    await asks(users.kofi, 'maintenance eu 1h the nodes are replaced');
    hurts();
    fires();
    await world.until('a line', () => below().some((one) => /INC-1 · P1 · model-server/.test(one)));
    await world.pass(30 * MINUTE);
    expect(posts()).toHaveLength(1);
    expect(below()).toEqual([
      expect.stringMatching(/INC-1 · P1 · model-server.*Kept quiet\. \/mlp show INC-1 shows it/),
    ]);
    expect(world.paging.sent).toEqual([]);
    const listed = await asks(users.sana, 'incidents');
    expect(listed).toMatch(/Maintenance of eu-west-1/);
    expect(listed).toMatch(/INC-1 · P1 .*maintenance until .*, kept quiet/);
    expect(await asks(users.sana, 'handover')).toMatch(
      /1 in maintenance[\s\S]*In a region that is in maintenance \/ INC-1 · P1/,
    );
    expect(await asks(users.sana, 'show INC-1')).toMatch(/model-server/);

    await world.pass(30 * MINUTE);
    await world.until('a message', () => posts().some((one) => /INC-1/.test(one) && /model-server/.test(one)));
    await tick();
    await world.until('the end', () =>
      posts().some((one) =>
        /No longer in maintenance: eu-west-1 \(the nodes are replaced\), its time is over/.test(one),
      ),
    );
    expect(posts().find((one) => one.includes('No longer'))).toMatch(/Still open there[\s\S]*INC-1 · P1/);
    expect(below().find((one) => one.includes(':construction:'))).toMatch(/has a message of its own now/);
    await world.until('called', () => world.paging.incidents.length > 0);
    expect(world.paging.lines()[0]).toMatch(/^oncall triggered: P1 INC-1/);
    // Once more by the clock, or by another replica: nothing is said twice.
    const before = posts().length;
    await tick();
    await world.pass(MINUTE);
    expect(posts()).toHaveLength(before);
  });

  test('P0 of users is told and called for at once', async () => {
    await asks(users.kofi, 'maintenance eu 1h the nodes are replaced');
    fires({ severity: 'P0' });
    await world.until('called', () => world.paging.incidents.length === 2, 5_000);
    await world.until('a message', () => posts().some((one) => /model-server/.test(one)));
    expect(posts().find((one) => one.includes('model-server'))).not.toMatch(/Kept quiet/);
  });

  test('another region is as ever', async () => {
    await asks(users.kofi, 'maintenance us 1h the nodes are replaced');
    hurts();
    fires();
    await world.until('called', () => world.paging.incidents.length > 0);
    await world.until('a message', () => posts().some((one) => one.includes('INC-1')));
    expect(posts().find((one) => one.includes('INC-1'))).not.toMatch(/Maintenance/);
  });

  test('who asks is answered in a thread of its own', async () => {
    await asks(users.kofi, 'maintenance eu 1h the nodes are replaced');
    world.inject('image-missing');
    fires();
    await world.until('a line', () => below().some((one) => one.includes('Kept quiet')));
    await asks(users.sana, 'severity P2 INC-1');
    await world.until('a message', () => posts().some((one) => /INC-1/.test(one)));
    const root = posts().find((one) => one.includes('INC-1'));
    expect(root).toMatch(
      /Maintenance of eu-west-1 until .*the nodes are replaced.*nobody is called, unless it becomes P0/,
    );
    // What writes there needs an approval, as ever.
    await world.until('a proposal', () => find(world, 'approve') !== undefined);
  });

  test('what was open before says so, and its pages wait; ended early they go', async () => {
    hurts();
    await asks(users.kofi, 'maintenance eu 1h the nodes are replaced');
    await asks(users.kofi, 'diagnose model-server eu');
    await world.until('a message', () => posts().some((one) => /INC-1.*/.test(one)));
    await world.pass(20 * MINUTE);
    expect(world.paging.sent).toEqual([]);
    expect(posts().find((one) => one.includes('INC-1'))).toMatch(/Maintenance of eu-west-1/);
    await asks(users.kofi, 'maintenance end eu');
    await world.until('called', () => world.paging.incidents.length > 0);
    await world.until('said', () => !/Maintenance of/.test(posts().find((one) => one.includes('INC-1')) ?? ''));
  });
});

test('it is stored: a process that dies between two steps begins again where it was', async () => {
  await world.close();
  for (const at of [3, 6, 9, 12]) {
    world = await World.start({
      paging: true,
      change: calling(),
      alerts: false,
      breakAt: (life, number) => (life === 1 && number === at ? 'kill' : null),
      after: 'restart',
    });
    const asked = asks(users.kofi, 'maintenance eu 1h the nodes are replaced');
    fires();
    await asked;
    await world.pass(5 * MINUTE);
    await tick();
    await world.pass(MINUTE);
    expect(posts().filter((one) => /Maintenance of eu-west-1/.test(one) && /look on/.test(one))).toHaveLength(1);
    expect(await asks(users.sana, 'maintenance')).toMatch(/Maintenance of eu-west-1/);
    if (at !== 12) await world.close();
  }
}, 30_000);
