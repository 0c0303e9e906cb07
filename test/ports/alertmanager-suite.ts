import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Alertmanager, Firing } from '../../src/core/ports/alert-sources.ts';
import { until } from '../peers/until.ts';

/** What every Alertmanager must do, simulated or real. */

export interface AlertmanagerWorld {
  readonly alertmanager: Alertmanager;
  /** Makes alerts fire; returns the name of one of them. */
  readonly fire: () => Promise<string>;
  /** All of them are over. */
  readonly end: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const LIMIT_MS = 5_000;

export function alertmanagerSuite(name: string, start: () => Promise<AlertmanagerWorld>): void {
  describe(`the Alertmanager port: ${name}`, () => {
    let world: AlertmanagerWorld;
    let alertname = '';
    beforeAll(async () => {
      world = await start();
      alertname = await world.fire();
    }, 60_000);
    afterAll(() => world.stop());

    const found = async (): Promise<Firing | undefined> =>
      (await world.alertmanager.firing(LIMIT_MS)).find((one) => one.labels['alertname'] === alertname);
    const silence = (mark: string, endsInMs = 3_600_000): Promise<string> =>
      world.alertmanager.silences.create(
        {
          matchers: [{ name: 'alertname', value: alertname, isRegex: false, isEqual: true }],
          startsAt: new Date(Date.now() - 1_000).toISOString(),
          endsAt: new Date(Date.now() + endsInMs).toISOString(),
          createdBy: 'sana',
          comment: 'known, being worked on',
          mark,
        },
        LIMIT_MS,
      );

    test('what fires, with its labels and since when', async () => {
      const firing = await until('it fires', found);
      expect(firing).toMatchObject({ status: 'active', silencedBy: [] });
      expect(firing.fingerprint).toMatch(/^[0-9a-f]{16}$/);
      expect(Date.parse(firing.startsAt)).toBeLessThan(Date.now() + 1_000);
      expect(firing.startsAt).toMatch(/Z$/);
    });

    test('a silence holds it back until it is expired; asked twice, there is one', async () => {
      const id = await silence('INC-1/silence-1');
      expect(await silence('INC-1/silence-1')).toBe(id);
      const held = await until('it is held back', async () => {
        const now = await found();
        return now?.status === 'suppressed' ? now : undefined;
      });
      expect(held.silencedBy).toEqual([id]);
      const mine = (await world.alertmanager.silences.all(LIMIT_MS)).filter((one) => one.id === id);
      expect(mine).toMatchObject([
        {
          state: 'active',
          createdBy: 'sana',
          comment: 'known, being worked on [INC-1/silence-1]',
          matchers: [{ name: 'alertname', value: alertname, isRegex: false, isEqual: true }],
        },
      ]);
      await world.alertmanager.silences.expire(id, LIMIT_MS);
      await world.alertmanager.silences.expire(id, LIMIT_MS);
      const again = await until('it is told again', async () => {
        const now = await found();
        return now?.status === 'active' ? now : undefined;
      });
      expect(again.silencedBy).toEqual([]);
      const over = (await world.alertmanager.silences.all(LIMIT_MS)).find((one) => one.id === id);
      expect(over?.state).toBe('expired');
    });

    test('refusals: no such silence, one for everything, one that ends before it begins', async () => {
      const { silences } = world.alertmanager;
      await expect(silences.expire('0f9e8d7c-6b5a-4938-8271-605f4e3d2c1b', LIMIT_MS)).rejects.toMatchObject({
        kind: 'not found',
      });
      const all = { name: 'alertname', value: '.*', isRegex: true, isEqual: true };
      const now = new Date().toISOString();
      const wanted = { matchers: [all], startsAt: now, endsAt: now, createdBy: 'sana', comment: 'x', mark: 'x/1' };
      await expect(silences.create(wanted, LIMIT_MS)).rejects.toMatchObject({ kind: 'invalid' });
      await expect(silence('x/2', -60_000)).rejects.toMatchObject({ kind: 'invalid' });
    });

    test('its version, and what its routes do', async () => {
      const status = await world.alertmanager.status(LIMIT_MS);
      // A build without a stamp says nothing.
      expect(status.version).toMatch(/^(\d+\.\d+\.\d+.*)?$/);
      expect(status.config).toMatchObject({ route: { receiver: 'mlp-bot' } });
      if ('unreadable' in status.config) throw new Error(status.config.unreadable);
      const [receiver] = status.config.receivers;
      expect(receiver).toMatchObject({ name: 'mlp-bot', webhooks: [{ sendResolved: true, maxAlerts: 0 }] });
      expect(JSON.stringify(status)).not.toContain('http');
    });

    test('what is over does not fire', async () => {
      await world.end();
      const gone = await until('it is over', async () => ((await found()) === undefined ? 'gone' : undefined));
      expect(gone).toBe('gone');
    });
  });
}
