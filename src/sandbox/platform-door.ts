import type { SentAlerts } from './control-api.ts';
import type { PlatformDoor } from './control.ts';
import { Alertmanager } from './platform/alertmanager.ts';
import { activeFaults, catalogue, heal, inject, regionViews, setLink } from './platform/control.ts';
import { startPlatform as listen } from './platform/server.ts';
import { Storms } from './platform/storm.ts';
import type { PlatformNeeds, StartedPlatform } from './start.ts';

const rememberedAlerts = 20;
/** What a storm comes from, and with what it ends. */
const stormFault = 'all-nodes-gone';

/** Starts the simulated platform with its Alertmanager, and gives the page its door to them. */
export async function startPlatform({ alertUrl, alertToken }: PlatformNeeds): Promise<StartedPlatform> {
  let sent: readonly SentAlerts[] = [];
  const storms = new Storms();
  const running = await listen({
    port: 0,
    clock: { nowMs: () => Date.now() },
    seed: 'sandbox',
    alertmanager: (over) =>
      new Alertmanager({
        platform: over,
        storms,
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
    heal: (fault, region) => {
      heal(platform, fault, region);
      if (fault === stormFault) storms.end(region);
    },
    reset: () => {
      storms.end(null);
      platform.reset();
    },
    storm: (wanted) => {
      if (!activeFaults(platform).some((one) => one.id === stormFault && one.region === wanted.region))
        inject(platform, stormFault, wanted.region);
      storms.begin(wanted, Date.now());
    },
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
