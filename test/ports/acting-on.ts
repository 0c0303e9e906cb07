import type { ActOn, Attempt, Kind } from '../../src/core/ports/platform.ts';
import { limit } from './looking.ts';
import type { World } from './world.ts';

export const attempt = (fence: string, more: Partial<Attempt> = {}): Attempt => ({
  fence,
  notAfter: new Date(Date.now() + 60_000).toISOString(),
  ...more,
});
export const late = (): Attempt => attempt('late', { notAfter: new Date(Date.now() - 1000).toISOString() });

export function act<K extends Kind>(world: World, kind: K, of: ActOn[K]['target'], with_: Attempt): ActOn[K]['act'] {
  return world.platform.act(kind, world.region, of, with_, limit());
}
export function rehearse<K extends Kind>(world: World, kind: K, of: ActOn[K]['target']): ActOn[K]['rehearse'] {
  return world.platform.rehearse(kind, world.region, of, limit());
}
export const fenceOf = (world: World, kind: Kind, of: ActOn[Kind]['target']): Promise<string | null> =>
  world.platform.fenceOf(kind, world.region, of, limit());
