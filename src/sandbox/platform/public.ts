import { chance } from './random.ts';
import type { SimulatedPlatform } from './platform.ts';
import { pointOf } from './traffic.ts';

/** The platform as its users reach it: one health page for each service and region, behind a load balancer. */

/** "https://model-server.eu-west-1.mlp.example/health". */
const host = /^([a-z0-9-]+)\.([a-z0-9-]+)\.mlp\.example$/;
const mostDelayMs = 30_000;

export interface PublicAnswer {
  readonly status: 200 | 500 | 503;
  readonly body: string;
  /** How much later it comes. */
  readonly delayMs: number;
}

/** The line to a region's API is another one: that hangs, and this page answers. Null: there is no such address. */
export function publicPage(platform: SimulatedPlatform, address: string): PublicAnswer | null {
  const url = URL.parse(address);
  const [, name = '', region = ''] = host.exec(url?.hostname ?? '') ?? [];
  if (url?.pathname !== '/health' || !platform.regions.some((one) => one === region)) return null;
  const now = platform.now();
  const cluster = platform.region(region).at(now);
  const service = cluster.services.find((one) => one.name === name);
  if (service === undefined) return null;
  const point = pointOf(cluster, service, now);
  // Nobody is left to send it to: the load balancer says so itself.
  if (point.errorRatio >= 1) return { status: 503, body: 'no healthy upstream\n', delayMs: 5 };
  const fails = chance(cluster.seed, region, name, 'public', now) < point.errorRatio;
  return {
    status: fails ? 500 : 200,
    body: fails ? 'error\n' : 'ok\n',
    delayMs: Math.min(mostDelayMs, point.latencySeconds * 1_000),
  };
}
