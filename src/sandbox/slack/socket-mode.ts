import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { ackLimitMs } from './delivery.ts';
import type { Attempt, Delivery, Transport } from './delivery.ts';
import type { Clock } from './clock.ts';
import { isObject } from './shape.ts';

const mostConnections = 10;
const ticketLifeMs = 30_000;

interface Waiting {
  readonly done: (attempt: Attempt) => void;
  readonly socket: WebSocket;
}

/** Slack's Socket Mode: tickets, hello, envelopes, acknowledgements, refreshes. Pings are answered by `ws`. */
export class SocketMode implements Transport {
  readonly mode = 'socket';
  readonly #clock: Clock;
  readonly #appId: string;
  readonly #mistake: (what: string) => void;
  readonly #changed: () => void;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #tickets = new Map<string, number>();
  /** Sockets that may get deliveries; a refreshed one no longer may. */
  readonly #sockets = new Set<WebSocket>();
  readonly #waiting = new Map<string, Waiting[]>();
  #next = 0;

  constructor(clock: Clock, appId: string, mistake: (what: string) => void, changed: () => void) {
    this.#clock = clock;
    this.#appId = appId;
    this.#mistake = mistake;
    this.#changed = changed;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** The path of a new link: one use, half a minute. */
  ticketPath(): string {
    const ticket = randomBytes(16).toString('hex');
    this.#tickets.set(ticket, this.#clock.nowMs());
    return `/link/?ticket=${ticket}&app_id=${this.#appId}`;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://slack').searchParams.get('ticket') ?? '';
    const issued = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    if (issued === undefined || this.#clock.nowMs() - issued > ticketLifeMs) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#open(ws));
  }

  #open(ws: WebSocket): void {
    ws.on('message', (data, isBinary) => {
      // Slack ignores binary frames.
      if (!isBinary) this.#receive(Buffer.isBuffer(data) ? data.toString() : '');
    });
    ws.on('error', () => ws.terminate());
    ws.on('close', () => {
      this.#sockets.delete(ws);
      this.#failWaiting(ws);
      this.#changed();
    });
    if (this.#sockets.size >= mostConnections) {
      ws.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets', debug_info: { host: 'applink-1' } }));
      ws.close();
      return;
    }
    this.#sockets.add(ws);
    ws.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.#sockets.size,
        debug_info: { host: 'applink-1', build_number: 10, approximate_connection_time: 18_060 },
        connection_info: { app_id: this.#appId },
      }),
    );
    this.#changed();
  }

  #receive(text: string): void {
    let frame: unknown;
    try {
      frame = JSON.parse(text);
    } catch {
      this.#mistake(`not JSON: ${text.slice(0, 80)}`);
      return;
    }
    const id = isObject(frame) ? frame['envelope_id'] : undefined;
    if (typeof id !== 'string' || !isObject(frame))
      return this.#mistake(`a frame without envelope_id: ${text.slice(0, 80)}`);
    const waiting = this.#waiting.get(id)?.shift();
    // A late or second acknowledgement is none of Slack's business.
    waiting?.done({ kind: 'answered', body: frame['payload'] });
  }

  #failWaiting(socket: WebSocket): void {
    for (const list of this.#waiting.values())
      for (const one of list.slice())
        if (one.socket === socket) one.done({ kind: 'failed', reason: 'connection_failed', noRetry: false });
  }

  send(delivery: Delivery): Promise<Attempt> {
    const open = [...this.#sockets];
    const socket = open[this.#next++ % Math.max(1, open.length)];
    if (socket === undefined) return Promise.resolve({ kind: 'failed', reason: 'connection_failed', noRetry: false });
    return new Promise((resolve) => {
      const list = this.#waiting.get(delivery.id) ?? [];
      this.#waiting.set(delivery.id, list);
      const entry: Waiting = {
        socket,
        done: (attempt) => {
          cancel();
          const at = list.indexOf(entry);
          if (at >= 0) list.splice(at, 1);
          if (list.length === 0) this.#waiting.delete(delivery.id);
          resolve(attempt);
        },
      };
      const cancel = this.#clock.after(ackLimitMs, () =>
        entry.done({ kind: 'failed', reason: 'timeout', noRetry: false }),
      );
      list.push(entry);
      const retry =
        delivery.kind === 'events_api'
          ? { retry_attempt: delivery.retryNum, retry_reason: delivery.retryNum === 0 ? '' : 'timeout' }
          : {};
      socket.send(
        JSON.stringify({
          envelope_id: delivery.id,
          type: delivery.kind,
          accepts_response_payload: delivery.accepts,
          ...retry,
          payload: delivery.payload,
        }),
      );
    });
  }

  /** As Slack does every few hours: a warning, then the request to refresh, then the end. No more deliveries meanwhile. */
  refresh(graceMs = 10_000): void {
    for (const socket of this.#sockets) {
      this.#sockets.delete(socket);
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'warning', debug_info: { host: 'applink-1' } }));
      this.#clock.after(graceMs, () => {
        if (socket.readyState !== socket.OPEN) return;
        socket.send(
          JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: 'applink-1' } }),
        );
        socket.close();
      });
    }
    this.#changed();
  }

  /** Breaks every connection without a word. */
  drop(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  close(): void {
    this.drop();
    this.#server.close();
  }
}
