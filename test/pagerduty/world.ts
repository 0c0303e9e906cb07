import tls from 'node:tls';
import { pagerDuty, type PagingOptions } from '../../src/adapters/pagerduty/paging.ts';
import type { Page, Paging, Reached } from '../../src/core/ports/paging.ts';
import { startPagerDuty, type LocalPagerDuty, type PagerDutyOptions } from '../../src/sandbox/pagerduty/server.ts';

/** The adapter, over TLS, against the PagerDuty of this repository. */

export interface World {
  readonly pd: LocalPagerDuty;
  readonly paging: Paging;
  /** Another adapter on the same PagerDuty. */
  with(over: Partial<PagingOptions>): Paging;
  /** Every wait between repetitions so far, in milliseconds. */
  readonly waits: number[];
}

export async function openWorld(
  options: Partial<PagerDutyOptions> = {},
  over: Partial<PagingOptions> = {},
): Promise<World> {
  const pd = await startPagerDuty({ port: 0, queueMs: 5, notifyMs: 10, webhookWaitMs: 20, ...options });
  // What NODE_EXTRA_CA_CERTS does at the start of a process.
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), pd.certificate]);
  const waits: number[] = [];
  const [ml, lead] = pd.account.services;
  const made = (more: Partial<PagingOptions>): Paging =>
    pagerDuty({
      routes: [
        { name: 'oncall', key: ml?.routingKey ?? '', service: 'PSVCML1', policy: null, fallback: 'lead' },
        { name: 'lead', key: lead?.routingKey ?? '', service: 'PSVCLED', policy: 'PPOLLED', fallback: null },
      ],
      token: pd.account.token,
      eventsUrl: pd.url,
      apiUrl: pd.url,
      from: 'mei-lin@example.com',
      people: { 'jonas@example.com': 'U0JONAS', PMEILIN: 'U0MEILIN' },
      limits: { onceMs: 300, allMs: 2_000 },
      waiting: {
        wait: async (ms) => {
          waits.push(ms);
        },
        random: () => 0.5,
      },
      ...over,
      ...more,
    });
  return { pd, paging: made({}), with: made, waits };
}

export const page = (over: Partial<Page> = {}): Page => ({
  to: 'oncall',
  key: 'fault-1',
  summary: 'P0: model-server fails in eu-west-1',
  severity: 'critical',
  source: 'eu-west-1/ml-platform/model-server',
  component: 'model-server',
  links: [{ href: 'https://example.slack.com/archives/C1/p1', text: 'Thread' }],
  details: { users: '12 % of requests fail' },
  ...over,
});

/** Asks until it is more than *not yet*. */
export async function settled(paging: Paging, one: { readonly to: string; readonly key: string }): Promise<Reached> {
  const until = Date.now() + 2_000;
  for (;;) {
    const answer = await paging.reached(one);
    if (answer.is === 'unknown') throw new Error(answer.because);
    if (answer.value.is !== 'not yet' || Date.now() > until) return answer.value;
    await new Promise((done) => setTimeout(done, 5));
  }
}

export async function until(holds: () => boolean, withinMs = 2_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error('it did not come to that');
    await new Promise((done) => setTimeout(done, 5));
  }
}
