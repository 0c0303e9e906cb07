import type {
  Answer,
  Notification,
  OnCall,
  Page,
  PageKey,
  PagedIncident,
  PagedPerson,
  Paging,
  Reached,
  Sent,
} from '../../src/core/ports/paging.ts';

/** A way to people in memory: what PagerDuty keeps by dedup key. Its incidents come and go as theirs do: one for each key that is open. */
export interface MemoryIncident {
  readonly id: string;
  readonly to: string;
  readonly key: string;
  readonly page: Page;
  readonly at: number;
  events: number;
  status: PagedIncident['status'];
  ackedAt: number | null;
  readonly notes: string[];
}

export type PagingTrouble = 'refused' | 'not sent' | 'unknown, not taken' | 'unknown, taken';

export const lena: PagedPerson = { id: 'PLENA01', name: 'Sana Okafor', email: 'sana@example.com', chatId: null };

/** From an event to a phone (ms). */
const TELL_MS = 2_000;

export class MemoryPaging implements Paging {
  readonly routes = [
    { name: 'oncall', fallback: 'lead' },
    { name: 'lead', fallback: null },
  ];
  readonly incidents: MemoryIncident[] = [];
  /** Every event that came, whatever became of it. */
  readonly sent: { readonly what: string; readonly to: string; readonly key: string; readonly at: number }[] = [];
  /** What the next events on a route meet; `always` until it is taken away. */
  readonly troubles: { readonly to: string; readonly is: PagingTrouble; readonly always?: boolean }[] = [];
  /** Events open no incident: a maintenance window. */
  maintenance = false;
  person_: PagedPerson = lena;
  onCallNow: readonly OnCall[] = [];
  down = false;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async trigger(page: Page): Promise<Sent> {
    return this.#event('trigger', page, () => {
      if (this.maintenance) return;
      const open = this.#open(page);
      if (open !== undefined) open.events += 1;
      else
        this.incidents.push({
          id: `Q${this.incidents.length + 1}`,
          to: page.to,
          key: page.key,
          page,
          at: this.#now(),
          events: 1,
          status: 'triggered',
          ackedAt: null,
          notes: [],
        });
    });
  }
  async acknowledge(key: PageKey): Promise<Sent> {
    return this.#event('acknowledge', key, () => {
      const open = this.#open(key);
      if (open !== undefined) open.status = 'acknowledged';
    });
  }
  async resolve(key: PageKey): Promise<Sent> {
    return this.#event('resolve', key, () => {
      const open = this.#open(key);
      if (open !== undefined) open.status = 'resolved';
    });
  }
  async incident(key: PageKey): Promise<Answer<PagedIncident | null>> {
    const found = this.#newest(key);
    return { is: 'read', value: found === undefined ? null : this.#shown(found) };
  }
  async reached(key: PageKey): Promise<Answer<Reached>> {
    if (this.down) return { is: 'unknown', kind: 'unreachable', because: 'PagerDuty is down', retryAfterMs: null };
    const found = this.#newest(key);
    if (found === undefined) {
      const because = 'the service is in a maintenance window: events open no incident';
      return this.maintenance
        ? { is: 'read', value: { is: 'nobody', why: 'maintenance window', because, incident: null } }
        : { is: 'read', value: { is: 'not yet', because: 'no incident yet', incident: null } };
    }
    const incident = this.#shown(found);
    if (found.ackedAt !== null && found.ackedAt < found.at + TELL_MS) {
      const because = `${this.person_.name} acknowledged it already`;
      return { is: 'read', value: { is: 'nobody', why: 'acknowledged before', because, incident } };
    }
    const told: Notification = { who: this.person_, how: 'phone', at: new Date(found.at + TELL_MS).toISOString() };
    return this.#now() < found.at + TELL_MS
      ? { is: 'read', value: { is: 'not yet', because: 'nobody was told so far', incident } }
      : { is: 'read', value: { is: 'notified', incident, whom: [told] } };
  }
  async keysOf(id: string): Promise<Answer<readonly string[]>> {
    return { is: 'read', value: this.incidents.filter((one) => one.id === id).map((one) => one.key) };
  }
  async note(id: string, text: string): Promise<Sent> {
    if (this.down) return unknown;
    const found = this.incidents.find((one) => one.id === id);
    if (found !== undefined && !found.notes.includes(text)) found.notes.push(text);
    return { is: 'accepted' };
  }
  async onCall(routes: readonly string[]): Promise<Answer<readonly OnCall[]>> {
    if (this.down) return { is: 'unknown', kind: 'unreachable', because: 'PagerDuty is down', retryAfterMs: null };
    const value = this.onCallNow.filter((one) => routes.length === 0 || routes.includes(one.route));
    return { is: 'read', value };
  }
  async person(): Promise<Answer<PagedPerson>> {
    return { is: 'read', value: this.person_ };
  }
  async check(): Promise<Answer<readonly string[]>> {
    return { is: 'read', value: [] };
  }

  /** Somebody takes it there. */
  acks(one: MemoryIncident | undefined): void {
    if (one === undefined) throw new Error('there is nothing to acknowledge');
    one.status = 'acknowledged';
    one.ackedAt = this.#now();
  }

  /** "oncall P0 INC-1 …", one line for each incident there. */
  lines(): readonly string[] {
    return this.incidents.map((one) => `${one.to} ${one.status}: ${one.page.summary}`);
  }

  async #event(what: string, { to, key }: PageKey, run: () => void): Promise<Sent> {
    this.sent.push({ what, to, key, at: this.#now() });
    if (this.down) return unknown;
    const at = this.troubles.findIndex((one) => one.to === to);
    const trouble = at < 0 ? undefined : this.troubles[at];
    if (trouble !== undefined && trouble.always !== true) this.troubles.splice(at, 1);
    switch (trouble?.is) {
      case 'refused':
        return { is: 'refused', kind: 'invalid', because: 'the routing key is not known there' };
      case 'not sent':
        return { is: 'not sent', kind: 'too many requests', because: 'too many events', retryAfterMs: 1_000 };
      case 'unknown, not taken':
        return unknown;
      case 'unknown, taken':
        run();
        return unknown;
      case undefined:
        run();
        return { is: 'accepted' };
    }
  }
  #open({ to, key }: PageKey): MemoryIncident | undefined {
    return this.incidents.find((one) => one.to === to && one.key === key && one.status !== 'resolved');
  }
  #newest({ to, key }: PageKey): MemoryIncident | undefined {
    return this.incidents.findLast((one) => one.to === to && one.key === key);
  }
  #shown(one: MemoryIncident): PagedIncident {
    return {
      id: one.id,
      number: Number(one.id.slice(1)),
      link: `https://example.pagerduty.com/incidents/${one.id}`,
      title: one.page.summary,
      status: one.status,
      urgency: 'high',
      priority: null,
      service: one.to,
      createdAt: new Date(one.at).toISOString(),
      assigned: [this.person_],
      acknowledgedBy: one.status === 'acknowledged' ? [this.person_] : [],
      acknowledgedAt: one.ackedAt === null ? null : new Date(one.ackedAt).toISOString(),
    };
  }
}

const unknown: Sent = {
  is: 'unknown',
  kind: 'timeout',
  because: 'PagerDuty did not answer in time',
  retryAfterMs: null,
};
