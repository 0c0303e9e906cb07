import type { Config } from '../../src/config.ts';
import { EscalationSchema, PagerDutySchema } from '../../src/core/config/paging.ts';

/** Whom the config calls, in the tests of pages: on call and the lead. */
export const ESCALATION = EscalationSchema.parse({
  byPriority: { P0: ['oncall', 'lead'], P1: ['oncall'] },
  unacknowledged: { page: ['lead'], afterMs: 5 * 60_000, priorities: ['P0', 'P1'] },
  unapproved: { page: ['oncall'], afterMs: 4 * 60_000, priorities: ['P0', 'P1', 'P2'] },
  unknown: ['oncall'],
  verifyFailed: ['oncall'],
  undoFailed: ['lead'],
  byHand: ['oncall'],
});

const pagerduty = PagerDutySchema.parse({ routes: [{ name: 'oncall', fallback: 'lead' }, { name: 'lead' }] });

export function calling(over: Partial<typeof ESCALATION> = {}): (config: Config) => Config {
  return (config) => ({ ...config, pagerduty, escalation: { ...ESCALATION, ...over } });
}
