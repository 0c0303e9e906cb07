import type { Clock } from './clock.ts';
import type { Seed } from './model.ts';

export interface LocalSlackOptions {
  /** 0 (the default) takes a free one on 127.0.0.1; null listens on none: mount `handle` and `upgrade`, and give `baseUrl`. */
  readonly port?: number | null;
  /** Where the bot reaches this Slack when it is mounted: "http://127.0.0.1:3000". */
  readonly baseUrl?: string;
  readonly clock?: Clock;
  readonly seed?: Seed;
  /** 1 (the default) is Slack's own pace; 10 allows ten times as much; Infinity everything. */
  readonly limitScale?: number;
  /** HTTP mode: where the app listens. Without it: Socket Mode. */
  readonly requestUrl?: string;
  /** From `completeUploadExternal` to the message with the file; 300 unless told. */
  readonly fileShareDelayMs?: number;
  /** A JSON file that keeps the workspace over a restart. It is read at start and written soon after each change. */
  readonly file?: string;
  /** Further host names under which the page may be asked. */
  readonly pageHosts?: readonly string[];
}
