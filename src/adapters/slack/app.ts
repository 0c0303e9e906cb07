import { App } from '@slack/bolt';
import type { Receiver } from '@slack/bolt';
import { z } from 'zod';
import { Failure, whyOf } from '../../core/failure.ts';
import type { Chat, People } from '../../core/ports/chat.ts';
import type { ChatExam } from '../../core/ports/exam.ts';
import type { Intake } from '../../core/ports/intake.ts';
import type { Log } from '../../core/ports/log.ts';
import { slackChat } from './chat.ts';
import { connect, LIMITS_MS } from './client.ts';
import type { Calls, Lane } from './client.ts';
import { slackExam } from './exam.ts';
import { slackFiles } from './files.ts';
import { gate } from './gate.ts';
import type { Gate, Identity } from './gate.ts';
import { httpListener } from './http.ts';
import type { Listener } from './http.ts';
import { pause } from './limit.ts';
import { listen } from './listen.ts';
import { slackPeople } from './people.ts';
import { replies } from './reply.ts';
import { sdkLogger } from './sdk-logger.ts';
import { sockets } from './sockets.ts';
import type { Sockets } from './sockets.ts';

export interface SlackOptions {
  /** The bot's token, xoxb-. */
  readonly token: string;
  /** Socket Mode with an app-level token (xapp-, `connections:write`), or HTTP with the signing secret. */
  readonly mode:
    | { readonly is: 'socket'; readonly appToken: string; readonly connections?: number }
    | { readonly is: 'http'; readonly signingSecret: string };
  /** Slack's own where null. */
  readonly apiUrl: string | null;
  readonly intake: Intake;
  readonly log: Log;
  /** For tests: shorter limits. */
  readonly intakeLimitMs?: number;
  readonly limitsMs?: Partial<Readonly<Record<Lane, number>>>;
  readonly pauseMs?: number;
  readonly filePauseMs?: number;
  readonly now?: () => number;
}

export interface Slack {
  readonly chat: Chat;
  readonly people: People;
  /** HTTP mode: for `POST /slack/events`. Null in Socket Mode. */
  readonly listener: Listener | null;
  health(): { readonly ok: boolean; readonly words: string };
  /** For the doctor. */
  readonly exam: ChatExam;
  /** Resolves when Slack has said who the bot is and, in Socket Mode, a socket is open. May take for ever. */
  ready(): Promise<void>;
  /** Lets what is being taken be acknowledged first: at most 4 s. */
  stop(): Promise<void>;
}

/** Slack's acknowledgement has three seconds; the rest is for the way. */
const INTAKE_LIMIT_MS = 2_500;
/** Between the posts of one message that did not fit: Slack takes about one a second in a channel. */
const PART_PAUSE_MS = 1_100;
/** Between looks whether a file has reached its thread. */
const FILE_PAUSE_MS = 300;
const DRAIN_MS = 3_000;
const BACKOFF_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** Starts at once and stays: while Slack cannot be reached it tries again, and `health` says so. Throws nothing. */
export function startSlack(options: SlackOptions): Slack {
  const { intake, log } = options;
  const apiUrl = options.apiUrl ?? 'https://slack.com/api/';
  const calls = connect({ token: options.token, apiUrl, log, limitsMs: { ...LIMITS_MS, ...options.limitsMs } });
  const state = beginning();
  const self = (): string | null => state.identity?.user ?? null;
  const people = slackPeople(calls, () => state.identity?.team ?? null, options.now);
  const pauseMs = options.pauseMs ?? PART_PAUSE_MS;
  const files = slackFiles({ calls, self, pauseMs: options.filePauseMs ?? FILE_PAUSE_MS });
  const chat = slackChat({ calls, people, files, self, log, pauseMs });
  const app = boltApp(options, apiUrl, state);
  const limitMs = options.intakeLimitMs ?? INTAKE_LIMIT_MS;
  listen(app, { intake, calls, log, limitMs, self, replies: replies({ calls, chat, people, log }) });
  const enter = counted(
    gate({ process: (event) => app.processEvent(event), identity: () => state.identity, intake, log, limitMs }),
    state,
  );
  const { mode } = options;
  const begun = (async () => {
    await identify(calls, state, log);
    if (state.stopping) return;
    await app.init();
    state.watch = watch(calls);
    if (mode.is !== 'socket') return;
    state.sockets = sockets({ gate: enter, apiUrl, log, appToken: mode.appToken, connections: mode.connections ?? 2 });
  })();
  return {
    chat,
    people,
    listener:
      mode.is === 'http'
        ? httpListener({ gate: enter, log, signingSecret: mode.signingSecret, now: options.now ?? Date.now })
        : null,
    health: () => health(state, calls, mode.is),
    exam: slackExam({ token: options.token, apiUrl }, calls, (group) => people.members(group)),
    async ready() {
      await begun;
      while (!state.stopping && state.sockets?.connected() === 0) await pause(20);
    },
    async stop() {
      state.stopping = true;
      clearInterval(state.watch);
      for (const end = Date.now() + DRAIN_MS; state.underway > 0 && Date.now() < end;) await pause(20);
      await state.sockets?.stop();
    },
  };
}

interface State {
  identity: Identity | null;
  /** Why Slack did not say who we are; null: it did. */
  problem: string | null;
  stopping: boolean;
  sockets: Sockets | null;
  underway: number;
  watch: NodeJS.Timeout | undefined;
}
function beginning(): State {
  return { identity: null, problem: 'not asked yet', stopping: false, sockets: null, underway: 0, watch: undefined };
}

/**
 * Bolt dispatches; it does not receive (that is done before, see gate.ts) and does not authorise (its own way calls Slack from
 * a promise that nobody awaits: when Slack is down, that ends the process).
 */
function boltApp({ token, log }: SlackOptions, apiUrl: string, state: State): App {
  const receiver: Receiver = { init: () => {}, start: async () => {}, stop: async () => {} };
  return new App({
    receiver,
    deferInitialization: true,
    convoStore: false,
    logger: sdkLogger(log),
    clientOptions: {
      slackApiUrl: apiUrl,
      retryConfig: { retries: 0 },
      timeout: LIMITS_MS.click,
      rejectRateLimitedCalls: true,
    },
    authorize: async () => {
      if (state.identity === null) throw new Failure('unreachable', 'Slack has not said yet who the bot is');
      return {
        botToken: token,
        botUserId: state.identity.user,
        botId: state.identity.bot,
        teamId: state.identity.team,
      };
    },
  });
}

const authTest = z.object({
  team_id: z.string().min(1),
  user_id: z.string().min(1),
  bot_id: z.string().default(''),
  team: z.string().default(''),
  user: z.string().default(''),
});

async function identify(calls: Calls, state: State, log: Log): Promise<void> {
  for (let tries = 0; !state.stopping; tries += 1) {
    try {
      const it = await calls.call('bulk', 'auth.test', {}, authTest);
      state.identity = {
        team: it.team_id,
        user: it.user_id,
        bot: it.bot_id,
        words: `${it.user} in ${it.team === '' ? it.team_id : it.team}`,
      };
      state.problem = null;
      log('info', 'Slack knows the bot', { team: it.team_id, user: it.user_id });
      return;
    } catch (error) {
      state.problem = whyOf(error);
      log('warn', 'Slack could not be asked who the bot is', { why: state.problem, tries: tries + 1 });
      const asked = error instanceof Failure ? (error.retryAfterMs ?? 0) : 0;
      const wait = Math.max(BACKOFF_MS[Math.min(tries, BACKOFF_MS.length - 1)] ?? 0, asked);
      for (const end = Date.now() + wait; Date.now() < end && !state.stopping;) await pause(Math.min(100, wait));
    }
  }
}

/** After a failure asks now and then, so that `health` does not stay with what was true when somebody last had something to say. */
function watch(calls: Calls): NodeJS.Timeout {
  const timer = setInterval(() => {
    if ((calls.last()?.failure ?? null) !== null) void calls.call('bulk', 'auth.test', {}, authTest).catch(() => {});
  }, WATCH_MS);
  return timer.unref();
}
const WATCH_MS = 5_000;

function counted(inner: Gate, state: State): Gate {
  return async (event) => {
    state.underway += 1;
    try {
      return await inner(event);
    } finally {
      state.underway -= 1;
    }
  };
}

function health(
  { identity, problem, sockets: open, stopping }: State,
  calls: Calls,
  mode: 'socket' | 'http',
): { ok: boolean; words: string } {
  if (stopping) return { ok: false, words: 'stopping' };
  if (identity === null) return { ok: false, words: `not connected: ${problem ?? 'starting'}` };
  const failure = calls.last()?.failure ?? null;
  if (failure !== null) return { ok: false, words: `${identity.words}; the last call failed: ${whyOf(failure)}` };
  if (mode === 'http') return { ok: true, words: `${identity.words}, HTTP mode` };
  const count = open?.connected() ?? 0;
  if (count === 0) return { ok: false, words: `${identity.words}; no socket open: ${open?.problem() ?? 'connecting'}` };
  return { ok: true, words: `${identity.words}, Socket Mode, sockets open: ${count}` };
}
