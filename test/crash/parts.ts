import { platformOver } from '../../src/adapters/simulated/client.ts';
import { healthOf, rulesOf } from '../../src/config.ts';
import { whyOf } from '../../src/core/failure.ts';
import type { Postmortems } from '../../src/core/ports/postmortems.ts';
import type { Store } from '../../src/core/ports/store.ts';
import type { Parts } from '../../src/engine/parts.ts';
import { withChatIds } from '../../src/engine/paged-people.ts';
import { withOncall } from '../../src/engine/oncall.ts';
import { steady } from '../../src/engine/steady.ts';
import type { World } from './harness.ts';
import { through } from './life.ts';
import type { Life } from './life.ts';
import { lineTo } from './line.ts';
import { counting, handOut } from './store-side.ts';

/** One life's ports: the world's own, through the life, so that they end with it. */

/** The real store behind a life; streams are handed out on the test's clock. */
export function storeFor(world: World, life: Life): Store {
  const inner = world.store;
  const gated = through(
    life,
    counting(inner, world.storeCalls, world.storeFails),
    'store',
    new Set(['accept', 'number', 'sending', 'sent']),
  );
  const clock = world.clock.view(life);
  return new Proxy(gated, {
    get: (target, method) => {
      if (method === 'onAccepted') return (listen: (stream: string) => void) => inner.onAccepted(listen);
      if (method === 'commit' && world.commitMs > 0)
        return async (...args: Parameters<Store['commit']>) => {
          await clock.wait(world.commitMs, new AbortController().signal);
          return gated.commit(...args);
        };
      if (method === 'distribute')
        return async (drive: (stream: string) => Promise<void>) => {
          const stop = new AbortController();
          void handOut(gated, drive, clock, stop.signal, (stream, error) => {
            if (life.state !== 'dead') world.log(life.owner, 'error', 'drive failed', { stream, err: whyOf(error) });
          });
          return { stop: async () => stop.abort() };
        };
      return Reflect.get(target, method) as unknown;
    },
  });
}

/** What a life is made of. `first`: its clock may be behind. */
export function partsFor(
  world: World,
  life: Life,
  store: Store,
  {
    first,
    paging,
    postmortems,
    playbooks,
  }: {
    readonly first: boolean;
    readonly paging: boolean;
    readonly postmortems: Postmortems | null;
    readonly playbooks: Parts['playbooks'];
  },
): Parts {
  const clock = steady(world.clock.view(life, () => (first ? world.lagMs : 0)));
  const caller = lineTo(world.platform, life, clock, {
    loses: (method) => (method === 'deployment.write' ? (world.losses.shift() ?? null) : null),
    latencyMs: (where, method) => world.latencyMs(where, method),
    onRead: (method, where) =>
      void world.reads.set(`${where} ${method}`, (world.reads.get(`${where} ${method}`) ?? 0) + 1),
    onWrite: (method) => {
      world.writes.push({ at: world.clock.now(), method, owner: life.owner });
      if (method !== 'deployment.write') return;
      // New pods need not be waited for: every second is a step more for each sweep.
      world.platform.advance(90_000);
      world.onWrite();
    },
  });
  const people = through(life, world.people, 'people', new Set());
  const way = through(life, world.paging, 'paging', new Set(['trigger', 'acknowledge', 'resolve', 'note']));
  return {
    store,
    platform: platformOver(caller, world.platform.regions, () => clock.now()),
    people: withOncall(people, paging ? world.paging : null),
    chat: through(life, world.chat, 'chat', new Set(['post'])),
    ...(paging ? { paging: withChatIds(way, people, () => clock.now()) } : {}),
    playbooks,
    rules: { ...rulesOf(world.config), ...(postmortems === null ? {} : { postmortems: true as const }) },
    ...(postmortems === null ? {} : { postmortems }),
    regions: world.config.regions.map((one) => one.name),
    health: (subject, where) => healthOf(world.config, subject, where),
    clock,
    log: (level, message, fields) => {
      if (life.state !== 'dead') world.log(life.owner, level, message, fields);
    },
    owner: life.owner,
    point: (name) => life.boundary(name),
    metrics: {
      looked: nothing,
      acted: nothing,
      decided: nothing,
      judged: nothing,
      published: nothing,
      paged: (outcome) => void world.paged.push(outcome),
    },
  };
}

const nothing = (): void => undefined;
