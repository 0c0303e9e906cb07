import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPagerDuty, type LocalPagerDuty } from './server.ts';

/** The local PagerDuty beside a bot, and the environment with which that bot speaks to it and trusts it. */
export interface BesideBot {
  readonly pagerDuty: LocalPagerDuty;
  /** Routes `oncall` (PAGERDUTY_ROUTING_KEY) and `lead` (PAGERDUTY_ROUTING_KEY_LEAD) of the usual account. */
  readonly env: Readonly<Record<string, string>>;
}

/** `folder` gets the certificate; `webhookUrl`: the bot's `/webhooks/pagerduty`. What `inherited` trusts besides stays trusted. */
export async function startBesideBot(options: {
  readonly folder: string;
  readonly webhookUrl: string;
  readonly inherited: Readonly<Record<string, string | undefined>>;
}): Promise<BesideBot> {
  const pagerDuty = await startPagerDuty({ port: 0, notifyMs: 1_000, queueMs: 200 });
  const { account, certificate, url } = pagerDuty;
  const secret = randomBytes(24).toString('hex');
  pagerDuty.subscribe({ url: options.webhookUrl, secrets: [secret], events: null });
  const file = join(options.folder, 'pagerduty-ca.pem');
  writeFileSync(file, `${othersIn(options.inherited['NODE_EXTRA_CA_CERTS'])}${certificate}`);
  const [oncall, lead] = account.services;
  return {
    pagerDuty,
    env: {
      PAGERDUTY_TOKEN: account.token,
      PAGERDUTY_ROUTING_KEY: oncall?.routingKey ?? '',
      PAGERDUTY_ROUTING_KEY_LEAD: lead?.routingKey ?? '',
      PAGERDUTY_WEBHOOK_SECRET: secret,
      PAGERDUTY_EVENTS_URL: url,
      PAGERDUTY_API_URL: url,
      NODE_EXTRA_CA_CERTS: file,
    },
  };
}

/** Node reads one file only. One that cannot be read is Node's to complain about. */
function othersIn(file: string | undefined): string {
  if (file === undefined || file === '') return '';
  try {
    return `${readFileSync(file, 'utf8').trimEnd()}\n`;
  } catch {
    return '';
  }
}
