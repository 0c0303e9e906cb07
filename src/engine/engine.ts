import type { Catalogue } from '../core/routing.ts';
import { Driver } from './driver.ts';
import { EngineIntake } from './intake.ts';
import { Looking } from './looking.ts';
import type { Parts } from './parts.ts';
import { Pauses } from './pauses.ts';
import { Publisher } from './publisher.ts';
import { SharedReads } from './shared-reads.ts';
import type { SlackHealth } from './slack-reach.ts';
import { Watchdogs } from './watchdog.ts';
import { Watching } from './watching.ts';

/** The running engine: streams are driven, messages published, until it is stopped. */
export interface Engine {
  readonly intake: EngineIntake;
  readonly publisher: Publisher;
  readonly watchdogs: Watchdogs;
  /** Whether Slack can be used at all: for who has to reach people another way. */
  readonly slackHealth: () => SlackHealth;
  /** Drives one stream until it rests; for tests and for whoever distributes work. */
  readonly drive: (stream: string) => Promise<void>;
  /** Follows what is to be watched, until it is stopped. */
  readonly watch: () => void;
  readonly stop: () => Promise<void>;
}

const CONCURRENCY = 32;
const STOP_MS = 6_500;

export function createEngine(parts: Parts, catalogue: Catalogue): Engine & { readonly start: () => Promise<void> } {
  const stop = new AbortController();
  const around = {
    shared: new SharedReads(parts.platform, parts.clock),
    pauses: new Pauses(),
    stop: stop.signal,
  };
  const publisher = new Publisher(parts);
  const watching = new Watching(parts, catalogue, around.shared);
  const watchdogs = new Watchdogs(parts, catalogue);
  let watchingNow: Promise<void> = Promise.resolve();
  const driving = new Set<Promise<void>>();
  let publishing: Promise<void> = Promise.resolve();
  let distribution: { readonly stop: () => Promise<void> } | null = null;
  const drive = async (stream: string): Promise<void> => {
    if (stop.signal.aborted) return;
    const work = Driver.drive(parts, around, stream);
    driving.add(work);
    try {
      await work;
    } finally {
      driving.delete(work);
    }
  };
  return {
    intake: new EngineIntake(parts, catalogue, {
      looking: new Looking(parts, catalogue, around.shared),
      watching,
      watchdogs,
    }),
    watch: () => void (watchingNow = watching.run(stop.signal)),
    publisher,
    watchdogs,
    slackHealth: () => publisher.slackHealth(),
    drive,
    start: async () => {
      distribution = await parts.store.distribute(drive, CONCURRENCY);
      publishing = publisher.run(stop.signal);
    },
    /** What is under way gets six seconds to reach its next stored point; everything else goes on after the next start. */
    stop: async () => {
      stop.abort();
      await distribution?.stop();
      const deadline = new AbortController();
      const rest = Promise.allSettled([publishing, watchingNow, ...driving]);
      await Promise.race([rest, parts.clock.wait(STOP_MS, deadline.signal)]);
      deadline.abort();
      if (driving.size > 0)
        parts.log('warn', 'stopped while streams were being driven: they go on after the next start', {
          streams: driving.size,
        });
    },
  };
}
