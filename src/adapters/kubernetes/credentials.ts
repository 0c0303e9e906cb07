import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher } from 'undici';
import { Failure } from '../../core/failure.ts';
import { loadLibrary } from './library.ts';

/** Where the credentials of a region come from. */
export type Source =
  | { readonly is: 'kubeconfig'; readonly path: string; readonly context: string }
  /** The pod's own service account. */
  | { readonly is: 'in cluster' };

export interface Access {
  /** `https://host:port`, without a slash at the end. */
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/** Tokens are re-read this often; the library itself refreshes ones with an expiry. Milliseconds. */
const headersLiveMs = 60_000;

/**
 * Address, headers and the one connection of a region. The library reads the kubeconfig and gets the credentials (exec plugins, token files,
 * client certificates, proxies); it is loaded at the first use or before, see library.ts. It would build a new connection for every call, so
 * what it builds is kept for as long as the certificates stay the same.
 */
export class Credentials {
  readonly #source: Source;
  #config: Promise<KubeConfig> | null = null;
  #access: { readonly value: Promise<Access>; readonly at: number } | null = null;
  #kept: { readonly key: string; readonly dispatcher: Dispatcher } | null = null;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Throws a Failure of kind `unauthorised` when the kubeconfig or the credentials cannot be had. */
  get(): Promise<Access> {
    const now = performance.now();
    if (this.#access !== null && now - this.#access.at < headersLiveMs) return this.#access.value;
    const value = this.#make();
    const made = { value, at: now };
    this.#access = made;
    value.catch(() => {
      if (this.#access === made) this.#access = null;
    });
    return value;
  }

  /** After a 401 or a hang: the next call asks for fresh credentials. */
  forgetHeaders(): void {
    this.#access = null;
  }

  /** After a hang: the next call opens a new connection; what is under way on the old one may end. */
  forgetConnection(): void {
    const old = this.#kept;
    this.#kept = null;
    this.#access = null;
    if (old !== null) void old.dispatcher.close().catch(() => {});
  }

  async close(): Promise<void> {
    const old = this.#kept;
    this.#kept = null;
    this.#access = null;
    await old?.dispatcher.destroy();
  }

  async #make(): Promise<Access> {
    const { RequestContext, HttpMethod } = await loadLibrary();
    const config = await this.#load();
    const server = config.getCurrentCluster()?.server.replace(/\/+$/, '');
    if (server === undefined) throw new Failure('unauthorised', `${nameOf(this.#source)} names no cluster`);
    const context = new RequestContext(server, HttpMethod.GET);
    try {
      await config.applySecurityAuthentication(context);
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
      throw new Failure('unauthorised', `no credentials from ${nameOf(this.#source)}: ${why}`, { cause: error });
    }
    const dispatcher = context.getDispatcher() ?? this.#keep('', () => new Agent());
    return { server, headers: context.getHeaders(), dispatcher };
  }

  #load(): Promise<KubeConfig> {
    this.#config ??= this.#read();
    this.#config.catch(() => {
      this.#config = null;
    });
    return this.#config;
  }

  async #read(): Promise<KubeConfig> {
    const { KubeConfig: Config } = await loadLibrary();
    const config = new Config();
    const source = this.#source;
    try {
      if (source.is === 'in cluster') config.loadFromCluster();
      else {
        config.loadFromFile(source.path);
        config.setCurrentContext(source.context);
      }
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
      throw new Failure('unauthorised', `cannot read ${nameOf(source)}: ${why}`, { cause: error });
    }
    if (config.getCurrentCluster() === null) {
      const there = config.getContexts().map((one) => one.name);
      throw new Failure('unauthorised', `${nameOf(source)} is not there; the contexts are: ${there.join(', ')}`);
    }
    // The library takes the address from the environment, and makes one of "undefined" where there is none.
    if (source.is === 'in cluster' && config.getCurrentCluster()?.server.includes('undefined') === true) {
      throw new Failure(
        'unauthorised',
        'not in a cluster: there is no KUBERNETES_SERVICE_HOST; set KUBECONFIG instead',
      );
    }
    this.#keepConnections(config);
    return config;
  }

  #keepConnections(config: KubeConfig): void {
    // The method is private in the types alone; without this, 200 calls are 200 TLS handshakes.
    const library = config as unknown as {
      createDispatcher(cluster: unknown, options: object): Dispatcher | undefined;
    };
    const build = library.createDispatcher.bind(config);
    library.createDispatcher = (cluster, options) => {
      const key = JSON.stringify(options);
      return this.#keep(key, () => build(cluster, options) ?? new Agent());
    };
  }

  #keep(key: string, build: () => Dispatcher): Dispatcher {
    if (this.#kept?.key === key) return this.#kept.dispatcher;
    const old = this.#kept;
    this.#kept = { key, dispatcher: build() };
    if (old !== null) void old.dispatcher.close().catch(() => {});
    return this.#kept.dispatcher;
  }
}

function nameOf(source: Source): string {
  return source.is === 'in cluster'
    ? "the pod's service account"
    : `the context ${source.context} of the kubeconfig ${source.path}`;
}
