import { useEffect, useState } from 'preact/hooks';
import { keepEqual } from './share.ts';

export interface Live<T> {
  readonly value: T | null;
  /** False while the connection is lost; `value` is then the last one seen. */
  readonly online: boolean;
  /** The server refuses this address for good (an unknown user). */
  readonly refused: boolean;
}

const firstRetryMs = 300;
const slowestRetryMs = 4000;
/** The server pings each 15 s; comments do not reach the program, so a silent line is noticed by the browser only. */

/**
 * Follows complete snapshots over server-sent events and reconnects with growing pauses. (EventSource alone gives up after an HTTP
 * error, such as the 503 of a sandbox that is starting.) `url` null: not connected.
 */
export function useLive<T>(url: string | null, event: string): Live<T> {
  const [live, setLive] = useState<Live<T>>({ value: null, online: true, refused: false });
  useEffect(() => {
    if (url === null) return undefined;
    return follow(url, event, {
      data: (text) =>
        setLive((before) => ({ value: keepEqual(before.value, JSON.parse(text) as T), online: true, refused: false })),
      lost: () => setLive((before) => ({ ...before, online: false })),
      refused: () => setLive((before) => ({ ...before, refused: true })),
    });
  }, [url, event]);
  return live;
}

interface Follower {
  data(text: string): void;
  lost(): void;
  refused(): void;
}

function follow(url: string, event: string, follower: Follower): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let waitMs = firstRetryMs;
  const connect = (): void => {
    source = new EventSource(url);
    source.addEventListener(event, (message: MessageEvent<string>) => {
      waitMs = firstRetryMs;
      follower.data(message.data);
    });
    source.addEventListener('error', () => {
      source?.close();
      follower.lost();
      timer = setTimeout(connect, waitMs);
      waitMs = Math.min(waitMs * 2, slowestRetryMs);
      void isRefused(url).then((refused) => refused && follower.refused());
    });
  };
  connect();
  return () => {
    source?.close();
    if (timer !== null) clearTimeout(timer);
  };
}

/** EventSource does not tell the status, so ask once more. */
async function isRefused(url: string): Promise<boolean> {
  const stop = new AbortController();
  try {
    const response = await fetch(url, { signal: stop.signal });
    return response.status === 404;
  } catch {
    return false;
  } finally {
    stop.abort();
  }
}

/** True while the page can be seen: a hidden tab gives its second connection back (a browser has six per server). */
export function useVisible(): boolean {
  const [visible, setVisible] = useState(document.visibilityState === 'visible');
  useEffect(() => {
    const changed = (): void => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', changed);
    return () => document.removeEventListener('visibilitychange', changed);
  }, []);
  return visible;
}

/** The time now, again each `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
