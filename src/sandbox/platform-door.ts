import type { SentAlerts } from './control-api.ts';
import type { PlatformDoor } from './control.ts';
import { Alertmanager } from './platform/alertmanager.ts';
import { activeFaults, catalogue, heal, inject, regionViews, setLink } from './platform/control.ts';
import { startPlatform as listen } from './platform/server.ts';
import type { PlatformNeeds, StartedPlatform } from './start.ts';

const rememberedAlerts = 20;

/** Starts the simulated platform with its Alertmanager, and gives the page its door to them. */
export async function startPlatform({ alertUrl, alertToken }: PlatformNeeds): Promise<StartedPlatform> {
  let sent: readonly SentAlerts[] = [];
  const running = await listen({
    port: 0,
    clock: { nowMs: () => Date.now() },
    seed: 'sandbox',
    alertmanager: (over) =>
      new Alertmanager({
        platform: over,
        receiver: () => ({ url: alertUrl, token: alertToken }),
        onSent: (one) => {
          sent = [one, ...sent].slice(0, rememberedAlerts);
        },
      }),
  });
  const { platform, alertmanager } = running;
  alertmanager?.start();
  const door: PlatformDoor = {
    catalogue,
    regions: () => regionViews(platform),
    active: () => activeFaults(platform),
    alerts: () => sent,
    inject: (fault, region, minutesAgo) => inject(platform, fault, region, minutesAgo),
    heal: (fault, region) => heal(platform, fault, region),
    reset: () => platform.reset(),
    link: (region, link) => setLink(platform, region, link),
  };
  return {
    door,
    rpcUrl: running.url,
    stop: async () => {
      alertmanager?.stop();
      await running.close();
    },
  };
}
