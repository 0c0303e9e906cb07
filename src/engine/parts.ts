import type { Chart } from '../core/chart.ts';
import type { HealthQueries } from '../core/impact.ts';
import type { Rules } from '../core/incident/commands.ts';
import type { Subject } from '../core/incident/events.ts';
import type { Playbook } from '../core/contract.ts';
import type { Alertmanager, CloudWatch } from '../core/ports/alert-sources.ts';
import type { Chat, People } from '../core/ports/chat.ts';
import type { Commits } from '../core/ports/commits.ts';
import type { Log } from '../core/ports/log.ts';
import type { Paging } from '../core/ports/paging.ts';
import type { Postmortems } from '../core/ports/postmortems.ts';
import type { Platform } from '../core/ports/platform.ts';
import type { Store } from '../core/ports/store.ts';
import type { DoctorParts } from './doctor/parts.ts';
import { steady } from './steady.ts';

/** What the engine is given. It constructs none of it. */
export interface Parts {
  readonly store: Store;
  readonly platform: Platform;
  readonly people: People;
  readonly chat: Chat;
  /** Left out: no source of commits. */
  readonly commits?: Commits;
  /** What fires at its source, and what may be silenced there. Left out: nothing is known of it. */
  readonly alertmanagers?: readonly Alertmanager[];
  readonly cloudwatches?: readonly CloudWatch[];
  /** For `/mlp doctor`. Left out: it cannot look after itself here. */
  readonly doctor?: DoctorParts;
  /** A chart as PNG. Left out: charts are only said. */
  readonly draw?: (chart: Chart) => Promise<Uint8Array>;
  /** Where drafts of post-mortems go beside their threads. Left out: nowhere. */
  readonly postmortems?: Postmortems;
  /** Left out or null: no way to call people. */
  readonly paging?: Paging | null;
  readonly playbooks: readonly Playbook[];
  readonly rules: Rules;
  readonly regions: readonly string[];
  /** Where the health of what a subject is about is read in a region; null: not configured. */
  readonly health: (subject: Subject, region: string) => HealthQueries | null;
  /** The public health page of what a subject is about. Left out or null: none is configured. */
  readonly publicUrl?: (subject: Subject, region: string) => string | null;
  readonly clock: Clock;
  readonly log: Log;
  /** This process, for leases: unique per start. */
  readonly owner: string;
  /** Called between numbered points of each step; tests throw or stop here. */
  readonly point: (name: string) => void;
  /** Channels for what its own channel does not take, the best first. Left out: none. */
  readonly fallbacks?: readonly string[];
  readonly metrics: EngineMetrics;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Goes on from this moment (Unix ms) where it is behind it. Left out: it cannot. */
  readonly atLeast?: (ms: number) => void;
}

export interface EngineMetrics {
  looked(region: string, tookMs: number, unknown: number): void;
  acted(remedy: string, outcome: string): void;
  decided(command: string): void;
  judged(right: boolean): void;
  /** What became of a page. Left out: not counted. */
  paged?(outcome: string): void;
  /** One probe of a public page. Left out: not counted. */
  probed?(service: string, region: string, tookMs: number, good: boolean): void;
  published(outcome: 'sent' | 'retried' | 'dead'): void;
  /** How late a message reached the chat system; `urgency` 0: a person waits for it. Left out: not measured. */
  readonly late?: (urgency: number, lagMs: number) => void;
}

export const iso = (ms: number): string => new Date(ms).toISOString();

export const systemClock: Clock = steady({
  now: () => Date.now(),
  wait: async (ms, signal) => {
    if (signal.aborted || ms <= 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1));
      signal.addEventListener('abort', done, { once: true });
    });
  },
});
