import { LogLevel } from '@slack/web-api';
import type { Logger } from '@slack/web-api';
import type { Log } from '../../core/ports/log.ts';

/** What Slack's own libraries have to say. Below warnings nothing: there they write out payloads and addresses with tickets. */
export function sdkLogger(log: Log): Logger {
  let name = 'slack';
  return {
    debug: () => {},
    info: () => {},
    warn: (...said) => log('warn', 'Slack library', { library: name, said: sentence(said) }),
    error: (...said) => log('warn', 'Slack library', { library: name, said: sentence(said) }),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: (to) => {
      name = to;
    },
  };
}

function sentence(said: readonly unknown[]): string {
  return said
    .map((it) => (it instanceof Error ? it.message : String(it)))
    .join(' ')
    .replace(/(xox[a-z]-|xapp-|ticket=)[\w%.~-]+/g, '$1…')
    .slice(0, 500);
}
