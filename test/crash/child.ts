import { openPostgres, openSqlite } from '../../src/adapters/store/index.ts';
import { simulatedPlatform } from '../../src/adapters/simulated/client.ts';
import type { Config } from '../../src/config.ts';
import type { Environment } from '../../src/environment.ts';
import type { Log } from '../../src/core/ports/log.ts';
import { wire } from '../../src/main.ts';

/** The bot as a process of its own that ends or freezes itself at the boundary that its parent names. */
export interface Given {
  readonly config: Config;
  readonly env: Environment;
  /** SQLite's file; with a DATABASE_URL in `env` not used. */
  readonly file: string;
  readonly order: Order;
}
/** From the parent: do this at the next boundary with this name. Null: at none. */
export interface Order {
  readonly at: string | null;
  readonly how: 'SIGKILL' | 'SIGSTOP';
}
/** To the parent. */
export type Told =
  | { readonly is: 'running'; readonly port: number }
  | { readonly is: 'point'; readonly name: string; readonly at: number }
  | { readonly is: 'log'; readonly level: string; readonly message: string; readonly fields: unknown };

const tell = (told: Told): void => void process.send?.(told);

const { config, env, file, order: first } = JSON.parse(process.argv[2] ?? '') as Given;
let order = first;
process.on('message', (next: Order) => {
  order = next;
});
// Without its parent it is nobody's.
process.on('disconnect', () => process.exit(0));

function point(name: string): void {
  if (order.at === name) {
    const { how } = order;
    order = { at: null, how };
    process.kill(process.pid, how);
  }
  tell({ is: 'point', name, at: Date.now() });
}

const log: Log = (level, message, fields) => tell({ is: 'log', level, message, fields });
const onError = (error: unknown, stream: string | null): void =>
  log('error', 'store', { stream, err: error instanceof Error ? error.message : String(error) });
const store =
  env.databaseUrl === null
    ? await openSqlite({ file, auditKey: env.auditKey, onError })
    : await openPostgres({ url: env.databaseUrl, auditKey: env.auditKey, onError });
const platform = simulatedPlatform({
  url: env.simulatedPlatform ?? '',
  regions: config.regions.map((one) => one.name),
});
const running = await wire(config, env, { store, platform, log, point });
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
tell({ is: 'running', port: running.port });
