import type { Link } from './control-api.ts';
import type { PlatformDoor } from './control.ts';
import { regionView } from './platform-view.ts';
import { startPlatform as listen } from './platform/server.ts';
import type { PlatformNeeds, StartedPlatform } from './start.ts';

/** Starts the simulated platform and gives the page its door to it. */
export async function startPlatform(_needs: PlatformNeeds): Promise<StartedPlatform> {
  const { platform, url, close } = await listen({ port: 0, clock: { nowMs: () => Date.now() }, seed: 'sandbox' });
  const links = new Map<string, Link>();
  const door: PlatformDoor = {
    catalogue: [],
    regions: () =>
      platform.regions.map((name) =>
        regionView(platform.region(name).at(platform.now()), links.get(name) ?? { kind: 'normal' }, platform.now()),
      ),
    active: () => [],
    alerts: () => [],
    inject: () => {
      throw new Error('There are no faults yet.');
    },
    heal: () => undefined,
    reset: () => {
      links.clear();
      platform.reset();
    },
    link: (region, link) => {
      links.set(region, link);
      platform.setLine(region, { latencyMs: link.kind === 'slow' ? link.addedMs : 0, hangs: link.kind === 'hangs' });
    },
  };
  return { door, rpcUrl: url, stop: close };
}
