import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';

interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

/** The built page, in memory. */
export interface Page {
  /** Answers `/`, `/assets/…`; false: not a path of the page. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
}

/**
 * Everything comes from this server and nothing is inline, so a message can neither run a script nor call out, whatever it holds.
 * (Styles that the program sets through the DOM are not "inline" in CSP's sense.)
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Builds the page with vite, without touching the disk. Takes about a second; throws vite's own error when the page is broken. */
export async function buildPage(): Promise<Page> {
  // Imported here: nothing else of the sandbox needs it, and it takes a while.
  const { build } = await import('vite');
  const built = await build({
    root: fileURLToPath(new URL('./page/', import.meta.url)),
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: 'error',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
  const assets = new Map<string, Asset>();
  for (const bundle of Array.isArray(built) ? built : [built]) {
    if (!('output' in bundle)) throw new Error('vite went into watch mode');
    for (const file of bundle.output) {
      const body = Buffer.from(file.type === 'chunk' ? file.code : file.source);
      assets.set(`/${file.fileName}`, {
        type: types[file.fileName.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
        body,
      });
    }
  }
  const index = assets.get('/index.html');
  if (index === undefined) throw new Error('vite built no index.html');
  assets.set('/', index);
  return { answer: (request, response) => answer(assets, request, response) };
}

function answer(assets: ReadonlyMap<string, Asset>, request: IncomingMessage, response: ServerResponse): boolean {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const asset = assets.get(path);
  if (asset === undefined) return false;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return true;
  }
  response.writeHead(200, {
    'content-type': asset.type,
    'content-length': asset.body.length,
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  response.end(request.method === 'HEAD' ? undefined : asset.body);
  return true;
}
