import { Failure } from '../../src/core/failure.ts';
import type { Caller } from '../../src/adapters/simulated/rpc.ts';
import type { Clock } from '../../src/engine/parts.ts';
import type { SimulatedPlatform } from '../../src/sandbox/platform/platform.ts';
import type { Life } from './life.ts';

/** What a write meets on its way. */
export type Loss = 'done, answer lost' | 'not done, answer lost';

export interface Wire {
  /** Asked for each write (`deployment.write`, `deployment.fence`). */
  readonly loses: (method: string) => Loss | null;
  /** How long a reading of this region takes (ms). */
  readonly latencyMs: (region: string, method: string) => number;
  readonly onWrite: (method: string, region: string, params: Readonly<Record<string, unknown>>) => void;
  readonly onRead: (method: string, region: string) => void;
}

/** How long a caller waits for an answer that never comes. */
const LIMIT_MS = 5_000;
const never = new AbortController().signal;

/** The simulated platform without HTTP: the same JSON goes in and comes out, on the test's clock, through one life. */
export function lineTo(platform: SimulatedPlatform, life: Life, clock: Clock, wire: Wire): Caller {
  return {
    async call(method, params, _signal, writes = false) {
      const region = String(params['region']);
      const waitMs = wire.latencyMs(region, method);
      if (waitMs > 0) await clock.wait(Math.min(waitMs, LIMIT_MS), never);
      if (waitMs > LIMIT_MS) throw new Failure('timeout', `no answer within the limit (at most ${LIMIT_MS / 1000} s)`);
      const loss = writes ? wire.loses(method) : null;
      const outcome = await life.call(writes ? method : null, async () => {
        if (!writes) wire.onRead(method, region);
        if (loss === 'not done, answer lost') return null;
        const { region: _region, ...rest } = params;
        const sent = JSON.parse(JSON.stringify(rest)) as Record<string, unknown>;
        const answer = await platform.call(method, region, sent, never);
        if (writes) wire.onWrite(method, region, rest);
        return JSON.stringify(answer ?? null);
      });
      if (loss !== null) {
        await clock.wait(LIMIT_MS, never);
        throw new Failure('timeout', 'no answer within the limit', { maybeDone: true });
      }
      return JSON.parse(outcome ?? 'null') as unknown;
    },
  };
}
