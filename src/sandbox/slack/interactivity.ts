import { randomBytes } from 'node:crypto';
import type { Message } from './model.ts';
import type { Workspace } from './workspace.ts';

/** Slack's own figures: a trigger lives three seconds and opens one thing; a response_url takes five posts in thirty minutes. */
export const triggerLifeMs = 3_000;
export const responseUrlUses = 5;
export const responseUrlLifeMs = 30 * 60_000;

interface Trigger {
  readonly user: string;
  /** The modal that it came from, which `views.push` stacks on. */
  readonly viewId: string | null;
  readonly atMs: number;
  used: boolean;
}

export interface ResponseTarget {
  readonly channel: string;
  readonly user: string;
  /** The message that a click was on; a command has none, so nothing can be replaced. */
  readonly message: Message | null;
  readonly threadTs: string | null;
}

interface ResponseUrl extends ResponseTarget {
  readonly atMs: number;
  uses: number;
}

export type TriggerAnswer = { readonly user: string; readonly viewId: string | null } | { readonly error: string };

/** The short-lived tokens of interactions. */
export class Interactivity {
  readonly #ws: Workspace;
  readonly #triggers = new Map<string, Trigger>();
  readonly #responses = new Map<string, ResponseUrl>();

  constructor(ws: Workspace) {
    this.#ws = ws;
  }

  trigger(user: string, viewId: string | null = null): string {
    const id = `${Math.floor(this.#ws.clock.nowMs())}.${randomBytes(5).toString('hex')}.${randomBytes(16).toString('hex')}`;
    this.#triggers.set(id, { user, viewId, atMs: this.#ws.clock.nowMs(), used: false });
    this.#forget();
    return id;
  }

  takeTrigger(id: string): TriggerAnswer {
    const found = this.#triggers.get(id);
    if (found === undefined) return { error: 'invalid_trigger_id' };
    if (found.used) return { error: 'exchanged_trigger_id' };
    if (this.#ws.clock.nowMs() - found.atMs > triggerLifeMs) return { error: 'expired_trigger_id' };
    found.used = true;
    return found;
  }

  /** The path of a new response_url: `commands/T…/…`, `actions/T…/…` or `app/T…/…`. */
  responsePath(kind: 'commands' | 'actions' | 'app', target: ResponseTarget): string {
    const path = `/${kind}/${this.#ws.seed.team.id}/${randomBytes(6).toString('hex')}/${randomBytes(12).toString('hex')}`;
    this.#responses.set(path, { ...target, atMs: this.#ws.clock.nowMs(), uses: 0 });
    return path;
  }

  /** One use of a response_url. A use that is then refused for its body counts too. */
  takeResponse(path: string): ResponseTarget | { readonly error: string; readonly status: number } {
    const found = this.#responses.get(path);
    if (found === undefined) return { error: 'used_url', status: 404 };
    if (this.#ws.clock.nowMs() - found.atMs > responseUrlLifeMs) return { error: 'expired_url', status: 410 };
    if (found.uses >= responseUrlUses) return { error: 'used_url', status: 404 };
    found.uses += 1;
    return found;
  }

  #forget(): void {
    const now = this.#ws.clock.nowMs();
    for (const [id, one] of this.#triggers) if (now - one.atMs > 10 * triggerLifeMs) this.#triggers.delete(id);
    for (const [path, one] of this.#responses) if (now - one.atMs > 2 * responseUrlLifeMs) this.#responses.delete(path);
  }
}
