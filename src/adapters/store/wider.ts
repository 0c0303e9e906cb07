import type { Route } from '../../core/ports/store.ts';
import { indexable } from './text.ts';

type ToKey = Extract<Route, { is: 'key' }>;

/** The key under which a row finds its stream: its own, unless that is nobody's and the wider one is somebody's, or opens. */
export function keyTaken({ key, wider }: ToKey, isHeld: (key: string) => boolean): string {
  const own = indexable(key);
  if (wider === undefined || isHeld(own)) return own;
  const wide = indexable(wider.key);
  return wider.opens || isHeld(wide) ? wide : own;
}
