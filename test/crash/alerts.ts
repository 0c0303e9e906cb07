import type { AlertIn } from '../../src/core/routing.ts';
import { firingAt } from '../../src/sandbox/platform/alerts.ts';
import type { SimulatedPlatform } from '../../src/sandbox/platform/platform.ts';

const TOLD = new Set([
  'KubeDeploymentRolloutStuck',
  'KubeDeploymentReplicasMismatch',
  'HighErrorRate',
  'SlowInference',
  'ModelInferenceErrors',
  'HighCPUUsage',
  'MemoryLeakSuspected',
]);

/** What Alertmanager tells, once a second. One alert per rule and deployment: every further one is a step more for each sweep. */
export class Alerts {
  readonly #platform: SimulatedPlatform;
  readonly #told = new Map<string, { readonly region: string; readonly alert: AlertIn }>();
  #toldAt = 0;

  constructor(platform: SimulatedPlatform) {
    this.#platform = platform;
  }

  /** What is new at this moment (Unix ms), each with an id of its own. */
  news(at: number): readonly { readonly id: string; readonly alert: AlertIn }[] {
    const second = Math.floor(at / 1000);
    if (this.#toldAt === second) return [];
    this.#toldAt = second;
    return this.#platform.regions.flatMap((region) => this.#newsOf(region, at));
  }

  #newsOf(region: string, at: number): readonly { readonly id: string; readonly alert: AlertIn }[] {
    const now = new Map<string, AlertIn>();
    for (const { labels, annotations, startsAt } of firingAt(this.#platform.region(region).at(at), at)) {
      if (!TOLD.has(labels['alertname'] ?? '')) continue;
      const fingerprint = JSON.stringify(labels);
      const since = new Date(startsAt).toISOString();
      now.set(fingerprint, { fingerprint, status: 'firing', labels, annotations, startsAt: since, link: '' });
    }
    for (const { region: where, alert } of this.#told.values()) {
      if (where === region && !now.has(alert.fingerprint)) now.set(alert.fingerprint, { ...alert, status: 'resolved' });
    }
    const news = [...now.values()].filter((alert) => {
      const before = this.#told.get(`${region} ${alert.fingerprint}`);
      return JSON.stringify(before?.alert) !== JSON.stringify(alert);
    });
    for (const alert of news) this.#told.set(`${region} ${alert.fingerprint}`, { region, alert });
    return news.map((alert) => ({ id: `alert ${JSON.stringify(alert)}`, alert }));
  }
}
