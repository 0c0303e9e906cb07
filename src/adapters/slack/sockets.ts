import { SocketModeReceiver } from '@slack/bolt';
import type { App, ReceiverEvent } from '@slack/bolt';
import { whyOf } from '../../core/failure.ts';
import type { Log } from '../../core/ports/log.ts';
import type { Gate } from './gate.ts';
import { pause, within } from './limit.ts';
import { sdkLogger } from './sdk-logger.ts';

/**
 * Socket Mode: two connections, so that Slack can replace one while the other listens, each renewed by a loop of ours. The
 * library's own reconnecting waits five seconds with no socket (3.1.0), and a failure in it ends the process.
 */
export interface Sockets {
  connected(): number;
  /** Why the last try to connect failed; null: it did not. */
  problem(): string | null;
  stop(): Promise<void>;
}

export interface SocketParts {
  readonly gate: Gate;
  readonly appToken: string;
  readonly apiUrl: string;
  readonly log: Log;
  readonly connections: number;
}

const HELLO_MS = 10_000;
const CLOSE_MS = 1_000;
const RETIRE_MS = 4_000;
/** A connection that ends sooner counts as a failed one: no storm of reconnections. */
const SHORT_MS = 5_000;
const BACKOFF_MS = [0, 250, 1_000, 2_000, 5_000, 10_000, 30_000] as const;

export function sockets(parts: SocketParts): Sockets {
  const open = new Set<SocketModeReceiver>();
  const stopping = new AbortController();
  let problem: string | null = null;
  const loops = Array.from({ length: parts.connections }, () => keep());

  async function keep(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      await pauseUnless(
        stopping.signal,
        (BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 0) * (0.75 + Math.random() / 2),
      );
      if (stopping.signal.aborted) return;
      failures = (await once()) ? 0 : failures + 1;
    }
  }

  /** One connection from its beginning to its end. False: it was none, or a short one. */
  async function once(): Promise<boolean> {
    const receiver = makeReceiver(parts);
    const ended = endOf(receiver, parts.log);
    const started = await within(receiver.start(), HELLO_MS);
    if (started.is === 'late') started.later.catch(() => {});
    if (started.is !== 'done') {
      problem =
        started.is === 'late'
          ? 'no hello from Slack in time'
          : started.error === undefined
            ? 'closed before the hello'
            : whyOf(started.error);
      parts.log('warn', 'A socket to Slack could not be opened', { why: problem });
      await close(receiver);
      return false;
    }
    problem = null;
    const since = Date.now();
    open.add(receiver);
    await Promise.race([ended, aborted(stopping.signal)]);
    open.delete(receiver);
    void retire(receiver);
    return Date.now() - since >= SHORT_MS;
  }

  /** Slack leaves a connection that it replaces open for a while: what came over it is acknowledged over it. */
  async function retire(receiver: SocketModeReceiver): Promise<void> {
    await pauseUnless(stopping.signal, RETIRE_MS);
    await close(receiver);
  }

  return {
    connected: () => open.size,
    problem: () => problem,
    async stop() {
      const all = [...open];
      stopping.abort();
      await Promise.all([...all.map(close), within(Promise.all(loops), CLOSE_MS)]);
    },
  };
}

function makeReceiver({ gate, appToken, apiUrl, log }: SocketParts): SocketModeReceiver {
  const receiver = new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    logger: sdkLogger(log),
    installerOptions: {
      clientOptions: { slackApiUrl: apiUrl, retryConfig: { retries: 0 }, timeout: 5_000, rejectRateLimitedCalls: true },
    },
    // Not acknowledged: Slack delivers it again.
    processEventErrorHandler: async ({ error }) => {
      log('error', 'A delivery could not be acknowledged', { why: whyOf(error) });
      return false;
    },
  });
  // Of the app the receiver only uses this.
  receiver.init({ processEvent: (event: ReceiverEvent) => pass(gate, event) } as unknown as App);
  return receiver;
}

async function pass(gate: Gate, event: ReceiverEvent): Promise<void> {
  const refusal = await gate(event);
  // What would be the same next time is acknowledged, or it would come for ever.
  if (refusal === 'another workspace' || refusal === 'unreadable') await event.ack();
}

/** Resolves when this connection is over or Slack says that it soon will be. Frames that would throw inside the library are dropped. */
function endOf(receiver: SocketModeReceiver, log: Log): Promise<void> {
  const { client } = receiver;
  const inner = client.listeners('ws_message') as readonly ((data: unknown, isBinary: boolean) => unknown)[];
  client.removeAllListeners('ws_message');
  return new Promise((resolve) => {
    client.on('ws_message', (data: unknown, isBinary: boolean) => {
      const type = isBinary ? null : frameType(data);
      if (type === null) return log('warn', 'A frame from Slack was unreadable', {});
      // A warning, not the end: the library would hang up at once, and acknowledgements under way would be lost.
      if (type === 'disconnect') return resolve();
      for (const listener of inner)
        void Promise.resolve(listener(data, isBinary)).catch((error: unknown) =>
          log('warn', 'A frame from Slack failed', { why: whyOf(error) }),
        );
    });
    client.on('disconnected', () => resolve());
    client.on('close', () => resolve());
  });
}

function frameType(data: unknown): string | null {
  if (typeof data !== 'string') return null;
  try {
    const frame: unknown = JSON.parse(data);
    if (!isRecord(frame) || typeof frame['type'] !== 'string') return null;
    const type = frame['type'];
    if (type === 'hello' || type === 'disconnect') return type;
    if (typeof frame['envelope_id'] !== 'string' || !isRecord(frame['payload'])) return null;
    const event = frame['payload']['event'];
    if (type === 'events_api' && (!isRecord(event) || typeof event['type'] !== 'string')) return null;
    // The library emits it as an event's name; its own are not Slack's to say.
    return ['error', 'close', 'disconnected', 'connected', 'ws_message', 'slack_event'].includes(type) ? null : type;
  } catch {
    return null;
  }
}
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function close(receiver: SocketModeReceiver): Promise<void> {
  await within(receiver.client.disconnect(), CLOSE_MS);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
async function pauseUnless(signal: AbortSignal, ms: number): Promise<void> {
  if (ms > 0) await Promise.race([pause(ms), aborted(signal)]);
}
