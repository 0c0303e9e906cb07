import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';

const limitMs = 30_000;

/** Hands a request to the bot as it is. While the bot is down: 503, and when to try again. */
export function passOn(port: number | null, request: IncomingMessage, response: ServerResponse): void {
  if (port === null) return unavailable(response, 'The bot is down; the sandbox starts it again.');
  const upstream = ask(
    { host: '127.0.0.1', port, path: request.url, method: request.method, headers: request.headers, timeout: limitMs },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    },
  );
  upstream.once('timeout', () => upstream.destroy(new Error('no answer in time')));
  upstream.once('error', () => {
    if (response.headersSent) response.destroy();
    else unavailable(response, 'The bot does not answer; it may be starting.');
  });
  response.once('close', () => upstream.destroy());
  request.pipe(upstream);
}

export function unavailable(response: ServerResponse, why: string): void {
  response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' });
  response.end(`${why}\n`);
}
