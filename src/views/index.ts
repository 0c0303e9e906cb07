import type { View } from '../core/looking/view.ts';
import { describe } from './describe.ts';
import { events } from './events.ts';
import { logs } from './logs.ts';
import { pods } from './pods.ts';
import { top } from './top.ts';

/** The explicit list, in the order of help. */
export const views: readonly View[] = [pods, events, top, describe, logs];
