import { registerHooks } from 'node:module';

/** What is used of the library: it reads kubeconfigs and gets credentials. */
export interface Library {
  readonly KubeConfig: typeof import('@kubernetes/client-node/dist/config.js').KubeConfig;
  readonly RequestContext: typeof import('@kubernetes/client-node/dist/gen/http/http.js').RequestContext;
  readonly HttpMethod: typeof import('@kubernetes/client-node/dist/gen/http/http.js').HttpMethod;
}

let loading: Promise<Library> | undefined;

/**
 * Loads the library, once. Its `config.js` imports the index of all generated API clients (18 MB of source, 45 MB of resident memory, 150 ms) for
 * two names that are no client at all (2.0.1); while it is loaded, that one import is led to the two files where these are. A version
 * that needs more of the index fails at this import, and with it every test that connects.
 */
export function loadLibrary(): Promise<Library> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Library> {
  const named = new URL('./library-names.ts', import.meta.url).href;
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const isIndex = specifier === './gen/index.js';
      const isAsked = context.parentURL?.endsWith('/@kubernetes/client-node/dist/config.js') === true;
      return isIndex && isAsked ? next(named, context) : next(specifier, context);
    },
  });
  try {
    const [{ KubeConfig }, { RequestContext, HttpMethod }] = await Promise.all([
      import('@kubernetes/client-node/dist/config.js'),
      import('@kubernetes/client-node/dist/gen/http/http.js'),
    ]);
    return { KubeConfig, RequestContext, HttpMethod };
  } finally {
    hooks.deregister();
  }
}
