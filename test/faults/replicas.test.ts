import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf, type RawTemplate } from '../../src/adapters/kubernetes/template.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { judge } from '../blockkit/validate.ts';
import { ownerOf, type BotProcess } from '../peers/bot.ts';
import { botWrites, changesTemplate } from '../peers/bot-writes.ts';
import { need } from '../peers/need.ts';
import { channel, deployments, images, namespace, startRealWorld, type RealWorld } from '../peers/real-world.ts';

const region = 'eu-west-1';

interface Deployment {
  readonly spec: { readonly template: RawTemplate };
}

need(
  'control-plane',
  'prometheus',
  'alertmanager',
  'postgres',
)(
  'a replica is frozen while its write is on the way, and wakes when another has taken over',
  { timeout: 80_000 },
  () => {
    let world: RealWorld;
    beforeAll(async () => {
      const faults = { [images.missing]: { kind: 'image-not-found' } } as const;
      world = await startRealWorld({ regions: [region], replicas: 2, mode: 'socket', faults });
    }, 60_000);
    afterAll(async () => {
      await world?.stop();
      if (world !== undefined) judge(world.slack.sent);
    }, 30_000);

    const template = async (): Promise<RawTemplate> =>
      (await world.plane.region(region).admin.get<Deployment>(`${deployments}/model-server`)).spec.template;

    it('the late write is refused, the frozen replica changes nothing, and the thread tells it once', async () => {
      const good = digestOf(await template());
      const set = ['set', 'image', 'deployment/model-server', `serve=${images.missing}`, '-n', namespace];
      await world.plane.kubectl(set, { region });
      // The root's buttons and the question below it are two messages: both, in whichever order Slack takes them.
      await world.threadWith(/\[Approve rollback\][^]*\n---\n[^]*\[Deny…\]/, 30_000);

      const frozen = Promise.withResolvers<BotProcess>();
      const release = Promise.withResolvers<void>();
      world.gates.get(region)?.holdNext(async () => {
        const owner = await ownerOf(world.replicas);
        owner.pause();
        frozen.resolve(owner);
        await release.promise;
      });
      const approvedAt = new Date();
      await world.slack.as(ids.users.sana).press({ channel, ts: world.rootTs() }, 'Approve rollback');
      const owner = await frozen.promise;
      // Another takes over, fences, sees that nothing happened, and does it itself.
      await world.threadWith(/ Written$/m, 40_000);
      release.resolve();
      owner.resume();
      const closed = await world.threadWith(/Closed/, 40_000);

      expect(digestOf(await template())).toBe(good);
      const changes = botWrites(world.plane, approvedAt).filter(changesTemplate);
      expect(changes.map((one) => one.status)).toEqual([200, 409]);
      expect(closed.match(/ Written$/gm)).toHaveLength(1);
      expect(closed).toMatch(/Rollback of model-server in eu-west-1\*: verified/);
      expect(closed).toMatch(/Rollback begins, attempt 2\n.* Written$/m);
      expect(closed).not.toMatch(/not verified|superseded|was not done/);
      expect(world.slack.roots(channel)).toHaveLength(1);
      // It is a good replica again.
      expect((await fetch(`${owner.url}/readyz`)).status).toBe(200);
      expect(owner.output()).toContain('lease lost: this replica stops driving the stream');
    });
  },
);
