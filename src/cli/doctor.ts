import { readFileSync } from 'node:fs';
import { parseConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { bad, ok, tally } from '../core/doctor/line.ts';
import type { Line } from '../core/doctor/line.ts';
import { tableOf } from '../core/doctor/show.ts';
import { Failure, whyOf } from '../core/failure.ts';
import {
  configuredPaging,
  disagreements,
  doctor,
  doctorParts,
  known,
  openPlatform,
  readEnvironment,
  startSlack,
} from '../main.ts';

/** `npm run doctor`: is everything there that the bot needs? The same looks as `/mlp doctor`, and whether the bot could start at all. */

type Env = Readonly<Record<string, string | undefined>>;
type Environment = NonNullable<ReturnType<typeof readEnvironment>['env']>;
/** What takes longer is said to be under way. */
const QUIET_MS = 2_000;

/** Exit code: 0 when nothing is bad and everything could be told, else 1. `progress`: for people who wait; not part of the result. */
export async function run(
  raw: Env,
  print: (line: string) => void,
  progress: (line: string) => void = () => undefined,
): Promise<number> {
  const lines = await examined(raw, progress);
  for (const line of tableOf(lines)) print(line);
  const isReady = lines.every((one) => one.state === 'ok' || one.state === 'warn');
  print('');
  print(`${isReady ? 'Ready' : 'NOT ready'}: ${tally(lines)}.`);
  return isReady ? 0 : 1;
}

async function examined(raw: Env, progress: (line: string) => void): Promise<readonly Line[]> {
  const { env, problems } = readEnvironment(raw);
  const environment: readonly Line[] =
    problems.length === 0
      ? [ok('environment', 'every variable is set')]
      : problems.map((words) => bad('environment', words, 'set it and run this again'));
  const file = raw['MLP_CONFIG'] ?? '';
  const { config, lines } = file === '' ? { config: null, lines: [] } : readConfig(file);
  const start = [...environment, ...lines];
  if (env === null || config === null) return start;
  const wrong = disagreements(config, env).map((words) =>
    bad('config and environment', words, 'correct one of the two'),
  );
  return wrong.length > 0 ? [...start, ...wrong] : [...start, ...(await looked(config, env, progress))];
}

function readConfig(file: string): { readonly config: Config | null; readonly lines: readonly Line[] } {
  const what = `config ${file}`;
  const wrong = (words: string): Line => bad(what, words, `correct ${file}; config/mlp.example.yaml has every field`);
  try {
    const read = parseConfig(readFileSync(file, 'utf8'), known);
    if ('problems' in read) return { config: null, lines: read.problems.map(wrong) };
    const { regions, services } = read.config;
    return { config: read.config, lines: [ok(what, `${regions.length} regions, ${services.length} services`)] };
  } catch (error) {
    return { config: null, lines: [wrong(whyOf(error))] };
  }
}

async function looked(config: Config, env: Environment, progress: (line: string) => void): Promise<readonly Line[]> {
  // In HTTP mode whatever the bot's own mode is: a socket of ours would take the bot's events.
  const slack = startSlack({
    token: env.slack.token,
    mode: { is: 'http', signingSecret: 'unused: nothing listens' },
    apiUrl: env.slack.apiUrl,
    intake: { take: () => Promise.reject(new Failure('invalid', 'the doctor takes nothing')) },
    log: () => undefined,
  });
  const { close, ...connected } = await openPlatform(config, env);
  const paging = configuredPaging(config.pagerduty, env);
  const parts = doctorParts(config, env, { ...connected, chat: slack.exam, paging });
  let done = '';
  const waiting = setInterval(() => progress(`still looking: ${done}`), QUIET_MS);
  try {
    return await doctor(parts, (at) => {
      done = `${at.done} of ${at.of}`;
    });
  } finally {
    clearInterval(waiting);
    await Promise.allSettled([slack.stop(), close()]);
  }
}

if (import.meta.main) {
  process.exitCode = await run(
    process.env,
    (line) => process.stdout.write(`${line}\n`),
    (line) => process.stderr.write(`${line}\n`),
  );
}
