import type { View } from '../core/looking/view.ts';
import { pods } from './pods.ts';

/** The explicit list, in the order of help. */
export const views: readonly View[] = [pods];
