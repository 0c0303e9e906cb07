import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseConfig, rulesOf } from '../config.ts';
import type { Config } from '../config.ts';
import { Failure, whyOf } from '../core/failure.ts';
import { groupsOf } from '../core/policy.ts';
import { disagreements, known, openAuditReader, openPlatform, readEnvironment, startSlack } from '../main.ts';
import { checkRegion } from './doctor-regions.ts';
import { tableOf } from './doctor-result.ts';
import type { Result } from './doctor-result.ts';

/** `npm run doctor`: is everything there that the bot needs? Changes nothing, and disturbs no bot that runs. */

type Env = Readonly<Record<string, string | undefined>>;
type Environment = NonNullable<ReturnType<typeof readEnvironment>['env']>;
const SLACK_MS = 10_000;

/** Exit code: 0 when nothing is failing, else 1. */
export async function doctor(raw: Env, print: (line: string) => void): Promise<number> {
  const results = await examine(raw);
  for (const line of tableOf(results)) print(line);
  const failing = results.filter((one) => one.state === 'failing').length;
  const notes = results.filter((one) => one.state === 'note').length;
  print('');
  print(
    failing === 0 ? `Ready to start (${notes} notes).` : `${failing} failing, ${notes} notes: the bot is not ready.`,
  );
  return failing === 0 ? 0 : 1;
}

async function examine(raw: Env): Promise<readonly Result[]> {
  const { env, problems } = readEnvironment(raw);
  const environment: Result[] =
    problems.length === 0
      ? [{ state: 'ok', what: 'environment', words: 'every variable is set' }]
      : problems.map((words) => ({ state: 'failing', what: 'environment', words, todo: 'set it and run this again' }));
  const file = raw['MLP_CONFIG'] ?? '';
  const { config, results: read } = file === '' ? { config: null, results: [] } : readConfig(file);
  if (env === null) return [...environment, ...read];
  const more = config === null ? [] : await withConfig(config, env);
  return [...environment, ...read, await store(raw, env), ...(await slack(env, config)), ...more, ...webhooks(env)];
}

function readConfig(file: string): { readonly config: Config | null; readonly results: readonly Result[] } {
  const what = `config ${file}`;
  const failing = (words: string): Result => ({
    state: 'failing',
    what,
    words,
    todo: `correct ${file}; config/mlp.example.yaml has every field`,
  });
  try {
    const read = parseConfig(readFileSync(file, 'utf8'), known);
    if ('problems' in read) return { config: null, results: read.problems.map(failing) };
    const { regions, services } = read.config;
    return {
      config: read.config,
      results: [{ state: 'ok', what, words: `${regions.length} regions, ${services.length} services` }],
    };
  } catch (error) {
    return { config: null, results: [failing(whyOf(error))] };
  }
}

async function store(raw: Env, env: Environment): Promise<Result> {
  const what = env.databaseUrl === null ? `store ${env.dataFolder}` : 'store PostgreSQL';
  try {
    const reader = await openAuditReader({ ...raw, MLP_DATA: env.dataFolder });
    await reader.rows(1, 1);
    await reader.close();
    return { state: 'ok', what, words: 'can be read' };
  } catch (error) {
    if (error instanceof Failure && error.kind === 'not found')
      return {
        state: 'note',
        what,
        words: 'there is none yet',
        todo: 'the first start makes it; MLP_DATA must be on a disk that stays',
      };
    return { state: 'failing', what, words: whyOf(error), todo: 'check DATABASE_URL or MLP_DATA and its rights' };
  }
}

/** Asks Slack who the bot is and who may approve. In HTTP mode whatever the bot's own mode is: a socket of ours would take the bot's events. */
async function slack(env: Environment, config: Config | null): Promise<readonly Result[]> {
  const connection = startSlack({
    token: env.slack.token,
    mode: { is: 'http', signingSecret: 'unused: nothing listens' },
    apiUrl: env.slack.apiUrl,
    intake: { take: () => Promise.reject(new Failure('invalid', 'the doctor takes nothing')) },
    log: () => undefined,
  });
  try {
    await connected(connection);
    const { ok, words } = connection.health();
    if (!ok)
      return [
        {
          state: 'failing',
          what: 'Slack',
          words,
          todo: 'check SLACK_BOT_TOKEN and that the app is installed (manifest.yml)',
        },
      ];
    const groups = config === null ? [] : groupsOf(rulesOf(config).policy);
    const channels = config === null ? [] : channelsOf(config);
    const invited = await Promise.all(channels.map((id) => channelOf(id, connection.channel(id))));
    const members = await Promise.all(groups.map((group) => groupOf(group, config, connection.people.members(group))));
    return [{ state: 'ok', what: 'Slack', words: words.replace(', HTTP mode', '') }, ...members, ...invited];
  } finally {
    await connection.stop();
  }
}

/** Until it is ready; or until the time is over, or a while after the first problem, for it tries again and again. */
async function connected(connection: ReturnType<typeof startSlack>): Promise<void> {
  for (let ms = 0, problemMs = 0; ms < SLACK_MS && problemMs < 2_000 && !connection.health().ok; ms += 50) {
    await wait(50);
    if (connection.health().words !== 'not connected: starting') problemMs += 50;
  }
}

/** Each once: the default one, and those of services. */
function channelsOf({ slack: { channel }, services }: Config): readonly string[] {
  return [...new Set([channel, ...services.flatMap((one) => one.channel ?? [])])];
}

async function channelOf(
  id: string,
  asked: Promise<{ readonly name: string; readonly member: boolean; readonly archived: boolean }>,
): Promise<Result> {
  const what = `channel ${id}`;
  try {
    const { name, member, archived } = await asked;
    if (archived)
      return {
        state: 'failing',
        what,
        words: `#${name} is archived`,
        todo: 'unarchive it, or write the id of another one into the config',
      };
    return member
      ? { state: 'ok', what, words: `#${name}: the bot is in it` }
      : { state: 'failing', what, words: `the bot is not in #${name}`, todo: 'type there: /invite @mlp' };
  } catch (error) {
    return {
      state: error instanceof Failure && /missing_scope/.test(error.message) ? 'note' : 'failing',
      what,
      words: whyOf(error),
      todo: 'a private channel must have the bot invited first (/invite @mlp); else correct the id, or update the app from manifest.yml',
    };
  }
}

async function groupOf(group: string, config: Config | null, asked: Promise<readonly string[]>): Promise<Result> {
  const what = `group ${config?.slack.groups[group] ?? group}`;
  try {
    const { length } = await asked;
    return length === 0
      ? {
          state: 'failing',
          what,
          words: 'nobody is in it: nobody could approve',
          todo: 'add people in Slack, or name another group in `approvals`',
        }
      : { state: 'ok', what, words: `${length} people` };
  } catch (error) {
    return {
      state: 'failing',
      what,
      words: whyOf(error),
      todo: 'correct the group id in `approvals` (S…), and the scope usergroups:read',
    };
  }
}

async function withConfig(config: Config, env: Environment): Promise<readonly Result[]> {
  const wrong = disagreements(config, env);
  if (wrong.length > 0)
    return wrong.map((words) => ({
      state: 'failing',
      what: 'config and environment',
      words,
      todo: 'correct one of the two',
    }));
  const { platform, close } = await openPlatform(config, env);
  try {
    return (await Promise.all(config.regions.map(({ name }) => checkRegion(config, platform, name)))).flat();
  } finally {
    await close();
  }
}

function webhooks(env: Environment): readonly Result[] {
  const what = 'Alertmanager webhook';
  if (env.alertmanagerToken === null)
    return [
      {
        state: 'note',
        what,
        words: 'ALERTMANAGER_WEBHOOK_TOKEN is not set: every delivery gets 401',
        todo: 'set it, and give Alertmanager the same (docs/alertmanager.md)',
      },
    ];
  return [
    {
      state: 'note',
      what,
      words: 'its own configuration cannot be seen from here',
      todo: "use the route of docs/alertmanager.md: Alertmanager's default grouping would delay the first message by 30 s",
    },
  ];
}

if (import.meta.main) {
  process.exitCode = await doctor(process.env, (line) => process.stdout.write(`${line}\n`));
}
