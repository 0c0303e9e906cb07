import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { Agent, fetch } from 'undici';

/** JSON as the API server gives it; the harness reads it loosely, as it made it itself. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/** A refusal of the API server: `status` is the HTTP status, `message` the server's sentence. */
export class KubeError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The harness's own client. It is not the bot's adapter on purpose: a test that sets things up with what it tests proves less.
 * Every call has a limit of ten seconds; a watch has none.
 */
export class KubeClient {
  readonly #server: string;
  readonly #token: string;
  readonly #agent: Agent;

  constructor(options: { readonly server: string; readonly token: string; readonly ca: string }) {
    this.#server = options.server;
    this.#token = options.token;
    this.#agent = new Agent({ connect: { ca: options.ca }, connections: 8, bodyTimeout: 0 });
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>('GET', path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('POST', path, body, 'application/json');
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('PUT', path, body, 'application/json');
  }

  merge<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('PATCH', path, body, 'application/merge-patch+json');
  }

  /** Lists with a merge key (conditions) are merged, not replaced. */
  strategic<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('PATCH', path, body, 'application/strategic-merge-patch+json');
  }

  delete<T>(path: string, body?: unknown): Promise<T> {
    return this.#call<T>('DELETE', path, body, 'application/json');
  }

  /** A real watch, one JSON document a line, until the server ends it or `signal` aborts. */
  async *watch<T>(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
    const response = await fetch(this.#server + path, {
      headers: { authorization: `Bearer ${this.#token}` },
      dispatcher: this.#agent,
      signal,
    });
    if (!response.ok || response.body === null) throw new KubeError(response.status, await response.text());
    const lines = createInterface({ input: Readable.fromWeb(response.body) });
    for await (const line of lines) {
      if (line !== '') yield JSON.parse(line) as WatchEvent<T>;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #call<T>(method: string, path: string, body?: unknown, type?: string): Promise<T> {
    const response = await fetch(this.#server + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(type === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw new KubeError(response.status, messageOf(text));
    return (text.startsWith('{') ? JSON.parse(text) : text) as T;
  }
}

function messageOf(text: string): string {
  try {
    const status = JSON.parse(text) as { message?: string };
    return status.message ?? text;
  } catch {
    return text;
  }
}
