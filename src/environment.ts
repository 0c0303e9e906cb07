import { z } from 'zod';

/** The environment, read once at start: secrets and where things are. Nothing here is ever logged. */
export interface Environment {
  readonly configFile: string;
  readonly port: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly dataFolder: string;
  readonly auditKey: string;
  readonly databaseUrl: string | null;
  readonly slack: {
    readonly token: string;
    readonly apiUrl: string | null;
    readonly mode:
      | { readonly is: 'socket'; readonly appToken: string }
      | { readonly is: 'http'; readonly signingSecret: string };
  };
  readonly kubeconfig: string | null;
  readonly alertmanagerToken: string | null;
  readonly grafana: { readonly secret: string | null; readonly timestampHeader: string | null };
  readonly sns: { readonly topics: readonly string[]; readonly endpoint: string | null };
  /** `eventsUrl`, `apiUrl`: https origins; null: PagerDuty's own. Routing keys are named by the config. */
  readonly pagerDuty: {
    readonly token: string | null;
    readonly eventsUrl: string | null;
    readonly apiUrl: string | null;
    readonly webhookSecrets: readonly string[];
  };
  /** All of them: the config may name some that hold a secret. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Set by the sandbox: its platform instead of real ones. */
  readonly simulatedPlatform: string | null;
}

const Port = z.coerce.number().int().min(0).max(65_535);
const Level = z.enum(['debug', 'info', 'warn', 'error']);

/** Every problem at once, each with the variable and what to set it to. */
export function readEnvironment(raw: Readonly<Record<string, string | undefined>>): {
  readonly env: Environment | null;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const value = (name: string): string | null => (raw[name] === undefined || raw[name] === '' ? null : raw[name]);
  const needed = (name: string, what: string): string => {
    const found = value(name);
    if (found === null) problems.push(`${name} is not set: ${what}`);
    return found ?? '';
  };
  const configFile = needed('MLP_CONFIG', 'the path of mlp.yaml');
  const token = needed('SLACK_BOT_TOKEN', 'the bot token, xoxb-…');
  problems.push(...misshapen('SLACK_BOT_TOKEN', token, 'xoxb-'));
  const auditKey = needed(
    'MLP_AUDIT_KEY',
    'a secret of at least 16 characters that chains the audit log, for example from `openssl rand -hex 32`',
  );
  if (auditKey !== '' && auditKey.length < 16) problems.push('MLP_AUDIT_KEY is too short: at least 16 characters');
  const mode = slackMode(value('SLACK_APP_TOKEN'), value('SLACK_SIGNING_SECRET'), problems);
  const origin = (name: string, text: string | null): string | null => httpsOrigin(name, text, problems);
  const topics = topicsIn(value('SNS_TOPIC_ARNS'), problems);
  const timestampHeader = value('GRAFANA_TIMESTAMP_HEADER');
  if (timestampHeader !== null && !/^[\w-]+$/.test(timestampHeader))
    problems.push('GRAFANA_TIMESTAMP_HEADER is no name of a header: write the one that the contact point names');
  const port = Port.safeParse(value('PORT') ?? '3000');
  if (!port.success) problems.push('PORT is no port: a number from 0 to 65535');
  const logLevel = Level.safeParse(value('LOG_LEVEL') ?? 'info');
  if (!logLevel.success) problems.push('LOG_LEVEL is one of debug, info, warn, error');
  if (problems.length > 0 || mode === null || !port.success || !logLevel.success) return { env: null, problems };
  return {
    problems,
    env: {
      configFile,
      port: port.data,
      logLevel: logLevel.data,
      dataFolder: value('MLP_DATA') ?? '.data',
      auditKey,
      databaseUrl: value('DATABASE_URL'),
      slack: { token, apiUrl: value('SLACK_API_URL'), mode },
      kubeconfig: value('KUBECONFIG'),
      variables: raw,
      alertmanagerToken: value('ALERTMANAGER_WEBHOOK_TOKEN'),
      grafana: { secret: value('GRAFANA_WEBHOOK_SECRET'), timestampHeader },
      sns: { topics, endpoint: value('AWS_ENDPOINT_URL_SNS') },
      pagerDuty: {
        token: value('PAGERDUTY_TOKEN'),
        eventsUrl: origin('PAGERDUTY_EVENTS_URL', value('PAGERDUTY_EVENTS_URL')),
        apiUrl: origin('PAGERDUTY_API_URL', value('PAGERDUTY_API_URL')),
        webhookSecrets: listed(value('PAGERDUTY_WEBHOOK_SECRET')),
      },
      simulatedPlatform: value('MLP_SIMULATED_PLATFORM'),
    },
  };
}

/** Separated by commas or blanks. */
const listed = (text: string | null): readonly string[] => (text ?? '').split(/[\s,]+/).filter((one) => one !== '');

/** Host and port only: a path would be lost on the way. */
function httpsOrigin(name: string, text: string | null, problems: string[]): string | null {
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'https:' && text.replace(/\/$/, '') === url.origin) return url.origin;
  problems.push(`${name} is no https origin: write https://host or https://host:port, nothing after it`);
  return null;
}

function topicsIn(text: string | null, problems: string[]): readonly string[] {
  const topics = listed(text);
  for (const topic of topics) {
    if (!/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+$/.test(topic))
      problems.push(`SNS_TOPIC_ARNS: ${topic} is no ARN of a topic: write arn:aws:sns:<region>:<account>:<name>`);
  }
  return topics;
}

function slackMode(
  appToken: string | null,
  signingSecret: string | null,
  problems: string[],
): Environment['slack']['mode'] | null {
  if (appToken !== null && signingSecret !== null) {
    problems.push(
      'SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both set: keep the first for Socket Mode, the second for HTTP mode',
    );
    return null;
  }
  if (appToken !== null) {
    problems.push(...misshapen('SLACK_APP_TOKEN', appToken, 'xapp-'));
    return { is: 'socket', appToken };
  }
  if (signingSecret !== null) {
    if (!/^[0-9a-f]{32}$/.test(signingSecret))
      problems.push(
        `SLACK_SIGNING_SECRET is ${looksLike(signingSecret)}: write the app's Signing Secret (Basic Information), 32 characters of 0-9 and a-f`,
      );
    return { is: 'http', signingSecret };
  }
  problems.push('SLACK_APP_TOKEN (xapp-…, Socket Mode) or SLACK_SIGNING_SECRET (HTTP mode) is not set');
  return null;
}

/** Which token it is, told by how it begins; the value itself is never said. */
const KINDS: readonly (readonly [string, string, string])[] = [
  ['xoxb-', 'a bot token', 'the Bot User OAuth Token (OAuth & Permissions), xoxb-…'],
  ['xapp-', 'an app-level token', 'an App-Level Token with connections:write (Basic Information), xapp-…'],
  ['xoxp-', "a person's token", ''],
  ['xoxe', 'a token that expires', ''],
  ['https://', 'an address', ''],
];

function misshapen(variable: string, value: string, prefix: string): readonly string[] {
  if (value === '' || (value.startsWith(prefix) && /^[A-Za-z0-9-]+$/.test(value.slice(prefix.length)))) return [];
  const wanted = KINDS.find(([begins]) => begins === prefix)?.[2] ?? prefix;
  return [`${variable} is ${looksLike(value)}: write ${wanted}`];
}

function looksLike(value: string): string {
  if (/\s|["'`]/.test(value)) return 'given with quotes or blanks';
  const kind = KINDS.find(([begins]) => value.startsWith(begins))?.[1];
  return kind ?? `no such thing (${value.length} characters of another form)`;
}
