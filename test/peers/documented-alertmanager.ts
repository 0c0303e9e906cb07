import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is elsewhere in a test than in the docs. */
export interface Elsewhere {
  /** The bot's address, without a path. */
  readonly bot: string;
  /** Holds the bearer token. */
  readonly tokenFile: string;
  readonly pagerDuty: {
    /** Of the Events API, without a path. */
    readonly url: string;
    /** Holds the routing key. */
    readonly keyFile: string;
    /** Who signed its certificate; left out: it speaks plain HTTP. */
    readonly caFile?: string;
  };
}

/** The YAML of docs/alertmanager.md in which what pages goes to the bot and to PagerDuty, word for word but for addresses and files. */
export function documentedPaging({ bot, tokenFile, pagerDuty }: Elsewhere): string {
  const page = readFileSync(join(import.meta.dirname, '../../docs/alertmanager.md'), 'utf8');
  const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  const trusted =
    pagerDuty.caFile === undefined ? '' : `http_config: { tls_config: { ca_file: ${pagerDuty.caFile} } }\n        `;
  const found = blocks.find((one) => one.includes('pagerduty_configs')) ?? '';
  return [
    ['http://mlp-bot.mlp-bot.svc', bot],
    ['/etc/alertmanager/secrets/mlp-bot/token', tokenFile],
    ['routing_key_file:', `url: ${pagerDuty.url}/v2/enqueue\n        ${trusted}routing_key_file:`],
    ['/etc/alertmanager/secrets/pagerduty/key', pagerDuty.keyFile],
  ].reduce((text, [theirs = '', ours = '']) => {
    if (!text.includes(theirs)) throw new Error(`docs/alertmanager.md does not say ${theirs} any more`);
    return text.replace(theirs, ours);
  }, found);
}
