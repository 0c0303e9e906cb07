import { unknown } from '../../core/doctor/line.ts';
import type { Line } from '../../core/doctor/line.ts';
import { whyOf } from '../../core/failure.ts';
import { redact } from '../../core/redact.ts';
import type { Clock } from '../parts.ts';

/** One look of the doctor at one system. */
export interface Probe {
  /** "eu-west-1: Prometheus": what its lines are about. */
  readonly what: string;
  readonly withinMs: number;
  /** A failure is a line too: what could not be told. */
  readonly ask: () => Promise<readonly Line[]>;
}

export interface Progress {
  readonly done: number;
  readonly of: number;
}

/** All probes side by side, each with its own limit: one that hangs costs its own lines alone. In the order of the probes; no secret is in it. */
export async function examine(
  probes: readonly Probe[],
  clock: Clock,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<readonly Line[]> {
  let done = 0;
  const all = probes.map(async (probe) => {
    const lines = await within(probe, clock);
    done += 1;
    onProgress({ done, of: probes.length });
    return lines;
  });
  return (await Promise.all(all)).flat().map(clean);
}

async function within({ what, withinMs, ask }: Probe, clock: Clock): Promise<readonly Line[]> {
  const stop = new AbortController();
  const late = clock
    .wait(withinMs, stop.signal)
    .then(() => [
      unknown(what, `no answer within ${withinMs / 1000} s`, 'see whether it is reached from here; ask again'),
    ]);
  const answer = Promise.resolve()
    .then(ask)
    .catch((error: unknown) => [unknown(what, whyOf(error), 'ask again; the log of the bot may say more')]);
  try {
    return await Promise.race([answer, late]);
  } finally {
    stop.abort();
  }
}

function clean(line: Line): Line {
  const words = redact(line.words).replaceAll(/\s+/g, ' ').slice(0, 700);
  return line.state === 'ok' ? { ...line, words } : { ...line, words, todo: redact(line.todo) };
}
