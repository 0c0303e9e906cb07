import { afterAll, beforeAll, expect, test } from 'vitest';
import { heal, inject } from './control.ts';
import { startPlatform } from './server.ts';
import type { RunningPlatform } from './server.ts';

/** The platform as its users reach it, over HTTP. */

let running: RunningPlatform;
beforeAll(async () => {
  running = await startPlatform({ port: 0, clock: { nowMs: () => Date.now() }, seed: 'public' });
});
afterAll(() => running.close());

async function get(address: string): Promise<number> {
  return (await fetch(`${running.url}/public?url=${encodeURIComponent(address)}`)).status;
}
const page = 'https://model-server.eu-west-1.mlp.example/health';

test('it answers while all is well, and while only the line to the API hangs', async () => {
  expect(await get(page)).toBe(200);
  inject(running.platform, 'region-unreachable', 'eu-west-1');
  expect(await get(page)).toBe(200);
  heal(running.platform, 'region-unreachable', 'eu-west-1');
});

test('without nodes nobody is left behind the load balancer; another region goes on', async () => {
  inject(running.platform, 'all-nodes-gone', 'eu-west-1');
  expect(await get(page)).toBe(503);
  expect(await get(page.replace('eu-west-1', 'us-east-1'))).toBe(200);
});

test('there is no other address', async () => {
  const strange = [
    page.replace('model-server', 'nobody'),
    page.replace('eu-west-1', 'mars'),
    page.replace('/health', '/admin'),
    'http://169.254.169.254/latest/meta-data',
    'nonsense',
    '',
  ];
  expect(await Promise.all(strange.map(get))).toEqual(strange.map(() => 404));
});
