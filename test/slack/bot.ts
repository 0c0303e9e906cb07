import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSlack } from '../../src/adapters/slack/app.ts';
import type { Slack, SlackOptions } from '../../src/adapters/slack/app.ts';
import type { Answer, Intake, Taken } from '../../src/core/ports/intake.ts';
import { judge } from '../blockkit/validate.ts';
import { startLocalSlack } from '../../src/sandbox/slack/server.ts';
import type { LocalSlack, LocalSlackOptions } from '../../src/sandbox/slack/server.ts';

/** An intake that remembers: the same id twice is stored once, as in the real one. `answer` may wait, throw, or say something. */
export class Inbox implements Intake {
  readonly stored = new Map<string, Taken>();
  calls = 0;
  answer: (input: Taken) => Answer | Promise<Answer> = () => ({ is: 'taken' });

  async take(input: Taken): Promise<Answer> {
    this.calls += 1;
    const answer = await this.answer(input);
    this.stored.set(input.id, input);
    return answer;
  }
  get all(): readonly Taken[] {
    return [...this.stored.values()];
  }
}

export interface Bot {
  readonly local: LocalSlack;
  readonly slack: Slack;
  readonly inbox: Inbox;
  readonly logged: readonly { readonly level: string; readonly message: string; readonly fields: unknown }[];
  /** HTTP mode only. */
  readonly url: string | null;
}

const closers: (() => Promise<unknown>)[] = [];
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export type Mode = 'socket' | 'http';
export interface BotOptions {
  readonly local?: LocalSlackOptions;
  readonly bot?: Partial<SlackOptions>;
  readonly down?: boolean;
}

/** The adapter against a local Slack, over the real protocol. */
export async function startBot(mode: Mode, options: BotOptions = {}): Promise<Bot> {
  const local = await startLocalSlack({ limitScale: Number.POSITIVE_INFINITY, ...options.local });
  closers.push(async () => {
    await local.close();
    judge(local.sent.map(decoded));
  });
  if (options.down === true) local.faults.setDown(true);
  const inbox = new Inbox();
  const logged: { level: string; message: string; fields: unknown }[] = [];
  const slack = startSlack({
    token: local.seed.app.botToken,
    mode:
      mode === 'socket'
        ? { is: 'socket', appToken: local.seed.app.appToken }
        : { is: 'http', signingSecret: local.seed.app.signingSecret },
    apiUrl: local.apiUrl,
    pauseMs: 1,
    intake: inbox,
    log: (level, message, fields) => void logged.push({ level, message, fields }),
    ...options.bot,
  });
  closers.push(() => slack.stop());
  const url = slack.listener === null ? null : await serve(slack.listener);
  if (url !== null) local.useHttp(url);
  if (options.down !== true) await slack.ready();
  return { local, slack, inbox, logged, url };
}

/** A call that was refused before its arguments were read is recorded as it came: JSON in strings. */
function decoded({ method, args }: LocalSlack['sent'][number]): Parameters<typeof judge>[0][number] {
  const fields = ['blocks', 'metadata', 'view'].filter((name) => typeof args[name] === 'string');
  return {
    method,
    args: { ...args, ...Object.fromEntries(fields.map((name) => [name, JSON.parse(String(args[name])) as unknown])) },
  };
}

async function serve(listener: NonNullable<Slack['listener']>): Promise<string> {
  const server = createServer((req, res) => void listener(req, res));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
}
