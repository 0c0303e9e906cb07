import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../src/config.ts';
import { Alertmanager } from '../../src/sandbox/platform/alertmanager.ts';
import { inject } from '../../src/sandbox/platform/control.ts';
import { startPlatform } from '../../src/sandbox/platform/server.ts';
import type { RunningPlatform } from '../../src/sandbox/platform/server.ts';
import { app, ids } from '../../src/sandbox/slack/seed.ts';
import { startLocalSlack } from '../../src/sandbox/slack/server.ts';
import type { LocalSlack } from '../../src/sandbox/slack/server.ts';
import { judge } from '../blockkit/validate.ts';
import { removeFolder, temporaryFolder } from '../peers/process.ts';
import { Bot } from './bot-process.ts';
import type { Order } from './child.ts';
import { quickConfig } from './config.ts';
import { backByHand } from './stories.ts';

/** Real processes of the bot on a real store, with the local Slack and the simulated platform over their real protocols. */
export const channel = ids.channels.platform;
const TOKEN = 'crash-webhook-token';
const region = 'eu-west-1';

export interface ProcessesOptions {
  readonly databaseUrl?: string;
  readonly replicas?: number;
  /** Slack is away from the beginning. */
  readonly slackDown?: boolean;
}

export class Processes {
  readonly slack: LocalSlack;
  readonly platform: RunningPlatform;
  readonly bots: Bot[] = [];
  readonly folder: string;
  readonly #alertmanager: Alertmanager;
  readonly #config: Config;
  readonly #options: ProcessesOptions;
  #standing = true;
  #plan: readonly string[] = [];

  private constructor(slack: LocalSlack, platform: RunningPlatform, options: ProcessesOptions) {
    this.slack = slack;
    this.platform = platform;
    this.#options = options;
    this.folder = temporaryFolder('crash');
    this.#config = quickConfig();
    this.#alertmanager = new Alertmanager({
      platform: platform.platform,
      receiver: () => {
        const to = this.alive.find((one) => one.port !== null && !one.frozen);
        return to === undefined ? null : { url: `http://127.0.0.1:${to.port}/webhooks/alertmanager`, token: TOKEN };
      },
      groupWaitMs: 100,
      groupIntervalMs: 500,
    });
  }

  static async start(options: ProcessesOptions = {}): Promise<Processes> {
    const slack = await startLocalSlack({ port: 0 });
    if (options.slackDown === true) slack.faults.setDown(true);
    const platform = await startPlatform({ port: 0, clock: { nowMs: () => Date.now() }, seed: 'crash' });
    const made = new Processes(slack, platform, options);
    for (let n = 0; n < (options.replicas ?? 1); n += 1) made.spawn();
    made.#alertmanager.start();
    await made.until('everybody runs', () => made.alive.every((one) => one.port !== null), 60_000);
    return made;
  }

  get alive(): readonly Bot[] {
    return this.bots.filter((one) => one.endedAt === null);
  }

  spawn(): Bot {
    const made = new Bot({
      config: this.#config,
      file: join(this.folder, 'bot.sqlite'),
      order: this.#order(),
      env: {
        configFile: '',
        port: 0,
        logLevel: 'info',
        dataFolder: this.folder,
        auditKey: 'crash-audit-key-0123',
        databaseUrl: this.#options.databaseUrl ?? null,
        slack: { token: app.botToken, apiUrl: this.slack.apiUrl, mode: { is: 'socket', appToken: app.appToken } },
        kubeconfig: null,
        variables: {},
        grafana: { secret: null, timestampHeader: null },
        sns: { topics: [], endpoint: null },
        pagerDuty: { token: null, eventsUrl: null, apiUrl: null, webhookSecrets: [] },
        alertmanagerToken: TOKEN,
        simulatedPlatform: this.platform.url,
      },
    });
    made.ordered = this.#order().at;
    this.bots.push(made);
    // As an init system does: who ended is started again.
    made.child.once('exit', (_code, signal) => {
      if (signal === 'SIGKILL' && this.#standing) this.kill(this.#plan.slice(1));
      if (this.#standing) this.spawn();
    });
    return made;
  }

  /** The pods need not be waited for: the platform's clock goes ahead. */
  hurry(): void {
    this.platform.platform.advance(90_000);
  }

  /** The bot is killed at the next boundary with the first of these names, then at the next one with the second, and so on. */
  kill(at: readonly string[]): void {
    this.#plan = at;
    for (const one of this.alive) one.order(this.#order());
  }

  /** The next one that comes to this boundary freezes there, and only that one. Resolves with it, `act` having made it come there. */
  async freeze(at: string, before: string, act: () => Promise<void>): Promise<Bot> {
    for (const one of this.alive) one.order({ at, how: 'SIGSTOP' });
    const came = (): Bot | undefined => this.alive.find((one) => one.points.some((point) => point.name === before));
    const acted = act();
    await this.until(`somebody comes to ${at}`, () => came() !== undefined);
    const frozen = came();
    if (frozen === undefined) throw new Error(`nobody came to ${at}`);
    frozen.frozen = true;
    for (const one of this.alive) if (one !== frozen) one.order({ at: null, how: 'SIGSTOP' });
    await acted;
    return frozen;
  }

  /** How long (ms) after the end, or the freezing, of this one another goes on with what it was doing. */
  async takenOver(from: Bot, limitMs: number): Promise<number> {
    const publishing = from.last.startsWith('publisher');
    const since = from.endedAt ?? from.points.at(-1)?.at ?? 0;
    const next = (): { readonly at: number } | undefined =>
      this.bots
        .filter((one) => one !== from)
        .flatMap((one) => one.points)
        .filter((one) => one.at > since && one.name.startsWith('publisher') === publishing)
        .toSorted((a, b) => a.at - b.at)[0];
    await this.until(`somebody goes on after ${from.last}`, () => next() !== undefined, limitMs);
    return (next()?.at ?? 0) - since;
  }

  /** The kinds of boundaries that have not killed it yet. */
  get left(): readonly string[] {
    return this.#plan;
  }

  #order(): Order {
    return { at: this.#plan[0] ?? null, how: 'SIGKILL' };
  }

  inject(fault: string): void {
    inject(this.platform.platform, fault, region);
  }

  /** Presses once it can; Slack or the bot may be away at that moment, then it is tried again until the channel says that it was heard. */
  async press(user: string, label: string, heard: () => boolean, limitMs = 30_000): Promise<void> {
    const end = Date.now() + limitMs;
    while (!heard()) {
      if (Date.now() > end) throw new Error(`nobody heard ${label}\n${this.tell()}`);
      const root = this.slack.roots(channel)[0];
      if (root !== undefined && this.text().includes(label)) {
        await this.slack
          .as(user)
          .press({ channel, ts: root.ts }, label)
          .catch(() => undefined);
      }
      await sleep(400);
    }
  }

  async ready(): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await this.#fetch('/readyz');
    return { status: answer?.status ?? 0, text: answer === null ? '' : await answer.text() };
  }

  async metrics(): Promise<string> {
    return (await (await this.#fetch('/metrics'))?.text()) ?? '';
  }

  /** One alert by itself, past the Alertmanager. */
  alert(): Promise<{ readonly status: number }> {
    return this.#deliver('resolved', [['KubeDeploymentRolloutStuck', 'feature-store', 'by-itself']]);
  }

  /** Alerts of these deployments begin to fire, in one delivery past the Alertmanager: sent until it is taken, as senders do. */
  async fire(deployments: readonly string[]): Promise<void> {
    const all = deployments.map((name) => ['KubeDeploymentReplicasMismatch', name, name] as const);
    await this.until('the delivery is taken', async () => (await this.#deliver('firing', all)).status === 200);
  }

  async #deliver(
    status: 'firing' | 'resolved',
    all: readonly (readonly [alertname: string, deployment: string, fingerprint: string])[],
  ): Promise<{ readonly status: number }> {
    const startsAt = new Date().toISOString();
    const alerts = all.map(([alertname, deployment, fingerprint]) => ({
      status,
      labels: { alertname, namespace: 'ml-platform', deployment, region },
      annotations: {},
      startsAt,
      fingerprint,
    }));
    const answer = await this.#fetch('/webhooks/alertmanager', {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ version: '4', status, alerts }),
    });
    return { status: answer?.status ?? 0 };
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response | null> {
    const port = this.alive[0]?.port ?? 0;
    return fetch(`http://127.0.0.1:${port}${path}`, { ...init, signal: AbortSignal.timeout(12_000) }).catch(() => null);
  }

  text(): string {
    const root = this.slack.roots(channel)[0];
    return root === undefined ? '' : this.slack.thread(channel, root.ts);
  }

  async until(what: string, done: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
    const end = Date.now() + limitMs;
    while (!(await done())) {
      if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${what}\n${this.tell()}`);
      await sleep(30);
    }
  }

  /** A person rolls back with kubectl. */
  backByHand(): void {
    const { platform } = this.platform;
    platform.region(region).do({ at: platform.now(), kind: 'write', what: 'rolled back by hand', run: backByHand });
  }

  /** How often the target was really changed (a change that is refused is no fact). */
  get changes(): number {
    return this.platform.platform.region(region).facts.filter((one) => one.what === 'change of a deployment').length;
  }

  tell(): string {
    const bots = this.bots.map((one, n) => {
      const logs = one.logs
        .filter((line) => line.level !== 'info')
        .slice(-6)
        .map((line) => `    ${line.level} ${line.message} ${JSON.stringify(line.fields)}`);
      const last = one.points.slice(-6).map((line) => line.name);
      return [
        `  bot ${n}: ${one.endedAt === null ? 'runs' : 'ended'}; last ${last.join(', ')} ${one.errors}`,
        ...logs,
      ].join('\n');
    });
    return `The thread:\n${this.text()}\n${bots.join('\n')}`;
  }

  async stop(): Promise<void> {
    this.#standing = false;
    this.#alertmanager.stop();
    const inTime = await Promise.all(this.alive.map((one) => one.end()));
    await this.platform.close();
    await this.slack.close();
    await removeFolder(this.folder);
    judge(this.slack.sent);
    if (inTime.includes(false)) throw new Error(`a bot needed more than ten seconds to end\n${this.tell()}`);
  }
}
