import type { View } from '../core/looking/view.ts';
import { changes } from './changes.ts';
import { compare } from './compare.ts';
import { describe } from './describe.ts';
import { events } from './events.ts';
import { logs } from './logs.ts';
import { pods } from './pods.ts';
import { top } from './top.ts';

/** The explicit list, in the order of help. */
export const views: readonly View[] = [pods, events, top, describe, logs, changes, compare];
