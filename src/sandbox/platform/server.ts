import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { Alertmanager } from './alertmanager.ts';
import { alertmanagerApp } from './alertmanager-api.ts';
import { SimulatedPlatform, type Clock } from './platform.ts';
import { publicPage } from './public.ts';

const request = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]),
  method: z.string(),
  params: z.looseObject({ region: z.string() }),
});

/**
 * `POST /rpc`, JSON-RPC 2.0: one method per port method, `params` always with `region`. A Failure travels as
 * `error.data = {kind, message, maybeDone, retryAfterMs}` with code -32000; the status is 200 all the same.
 * `GET /public?url=`: what a public address of the platform answers.
 */
export function rpcApp(platform: SimulatedPlatform): Hono {
  const app = new Hono();
  app.post('/rpc', async (context) => {
    if (context.req.header('content-type')?.startsWith('application/json') !== true)
      return context.text('application/json is wanted', 415);
    const parsed = request.safeParse(await context.req.json().catch(() => null));
    if (!parsed.success) {
      return context.json(
        { jsonrpc: '2.0', id: null, error: { code: -32600, message: z.prettifyError(parsed.error) } },
        400,
      );
    }
    const { id, method, params } = parsed.data;
    const { region, ...rest } = params;
    try {
      const result = await platform.call(method, region, rest, context.req.raw.signal);
      return context.json({ jsonrpc: '2.0', id, result });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { kind, message, maybeDone, retryAfterMs } = error;
      return context.json({
        jsonrpc: '2.0',
        id,
        error: { code: -32000, message, data: { kind, message, maybeDone, retryAfterMs } },
      });
    }
  });
  app.get('/public', async (context) => {
    const answer = publicPage(platform, context.req.query('url') ?? '');
    if (answer === null) return context.text('no such address\n', 404);
    await new Promise((resolve) => setTimeout(resolve, answer.delayMs));
    return context.text(answer.body, answer.status);
  });
  return app;
}

export interface RunningPlatform {
  readonly platform: SimulatedPlatform;
  /** Not started: whoever asked for it says when. */
  readonly alertmanager: Alertmanager | undefined;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on the loopback interface only. `port` 0 takes a free one. */
export async function startPlatform(options: {
  readonly port: number;
  readonly clock: Clock;
  readonly seed: string;
  /** Its Alertmanager, whose own API is served below `/alertmanager`. Left out: none. */
  readonly alertmanager?: (platform: SimulatedPlatform) => Alertmanager;
}): Promise<RunningPlatform> {
  const platform = new SimulatedPlatform(options);
  const app = rpcApp(platform);
  const alertmanager = options.alertmanager?.(platform);
  if (alertmanager !== undefined) app.route('/alertmanager', alertmanagerApp(alertmanager));
  return listen({ platform, alertmanager }, app, options.port);
}

function listen(
  made: Pick<RunningPlatform, 'platform' | 'alertmanager'>,
  app: Hono,
  port: number,
): Promise<RunningPlatform> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (info) => {
      resolve({
        ...made,
        url: `http://127.0.0.1:${info.port}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      });
    });
    server.once('error', reject);
  });
}
