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
  const auditKey = needed(
    'MLP_AUDIT_KEY',
    'a secret of at least 16 characters that chains the audit log, for example from `openssl rand -hex 32`',
  );
  if (auditKey !== '' && auditKey.length < 16) problems.push('MLP_AUDIT_KEY is too short: at least 16 characters');
  const mode = slackMode(value('SLACK_APP_TOKEN'), value('SLACK_SIGNING_SECRET'), problems);
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
      alertmanagerToken: value('ALERTMANAGER_WEBHOOK_TOKEN'),
      simulatedPlatform: value('MLP_SIMULATED_PLATFORM'),
    },
  };
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
  if (appToken !== null) return { is: 'socket', appToken };
  if (signingSecret !== null) return { is: 'http', signingSecret };
  problems.push('SLACK_APP_TOKEN (xapp-…, Socket Mode) or SLACK_SIGNING_SECRET (HTTP mode) is not set');
  return null;
}
