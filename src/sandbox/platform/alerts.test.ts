import { expect, test } from 'vitest';
import { firingAt } from './alerts.ts';
import { SimulatedPlatform } from './platform.ts';
import { minutes } from './state.ts';

const region = 'eu-west-1';

function platformAt(iso: string): SimulatedPlatform {
  return new SimulatedPlatform({ clock: { nowMs: () => Date.parse(iso) }, seed: 'alerts' });
}

function firing(platform: SimulatedPlatform): readonly string[] {
  const at = platform.now();
  const names = firingAt(platform.region(region).at(at), at).map((one) => one.labels['alertname'] ?? '');
  return [...new Set(names)].filter((name) => name !== 'Watchdog').toSorted();
}

/** The program of every version changes under a cluster in which nothing else happens. */
function failing(platform: SimulatedPlatform, ratio: number): void {
  const { images } = platform.region(region).at(platform.now());
  for (const [name, image] of images) {
    if (name.includes('model-server')) images.set(name, { ...image, program: { ...image.program, errorRatio: ratio } });
  }
}

test('HighErrorRate begins and ends with the errors, in a cluster where nothing else happens', () => {
  const platform = platformAt('2026-03-14T02:42:00Z');
  platform.advance(minutes(30));
  expect(firing(platform)).toEqual([]);
  failing(platform, 0.4);
  platform.advance(minutes(12));
  expect(firing(platform)).toEqual(['HighErrorRate']);
  failing(platform, 0);
  platform.advance(minutes(12));
  expect(firing(platform)).toEqual([]);
});
