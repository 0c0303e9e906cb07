import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/config.ts';
import type { Config } from '../../src/config.ts';

/** The sandbox's config with other times. */

let read: Config | null = null;
function sandboxConfig(): Config {
  if (read !== null) return read;
  const parsed = parseConfig(readFileSync(join(import.meta.dirname, '../../config/sandbox.yaml'), 'utf8'));
  if (!('config' in parsed)) throw new Error(parsed.problems.join('\n'));
  // Stories of pages say so themselves.
  read = { ...parsed.config, pagerduty: null };
  return read;
}

/** For a clock that a test moves: fewer looks, each of which is a step of every sweep. */
export function slowConfig(change: (config: Config) => Config = (config) => config): Config {
  const config = sandboxConfig();
  return change({ ...config, timing: { ...config.timing, observeMs: 20_000, watchMs: 20_000 } });
}

/** For processes on the real clock: a story of seconds. */
export function quickConfig(): Config {
  const config = sandboxConfig();
  const timing = {
    ...config.timing,
    quietMs: 2_000,
    watchMs: 1_500,
    actMs: 3_000,
    skewMs: 500,
    observeMs: 500,
    settleMs: 1_000,
  };
  return { ...config, timing };
}
