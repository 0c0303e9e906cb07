import { bad, ok, unknown } from './line.ts';
import type { Line } from './line.ts';

/** What Slack lets the bot do against what it needs. */
export interface ScopeNeed {
  readonly scope: string;
  /** What is not possible without it. */
  readonly what: string;
}

/** `granted` null: Slack did not say. More than is needed is told too: a token that is stolen can do that. */
export function judgeScopes(needed: readonly ScopeNeed[], granted: readonly string[] | null): Line {
  const what = 'Slack: scopes';
  const todo = 'update the app from manifest.yml and install it again';
  if (granted === null) return unknown(what, 'Slack did not say which it granted', 'compare the app with manifest.yml');
  const missing = needed.filter((one) => !granted.includes(one.scope));
  const more = granted.filter((one) => !needed.some((it) => it.scope === one));
  if (missing.length > 0)
    return bad(what, `missing: ${missing.map((one) => `${one.scope} (${one.what})`).join(', ')}`, todo);
  const extra = more.length === 0 ? '' : `; more than it needs: ${more.join(', ')}`;
  return ok(what, `${needed.length} of ${needed.length} granted${extra}`);
}
