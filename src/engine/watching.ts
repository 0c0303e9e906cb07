import { createHash } from 'node:crypto';
import type { Outcome } from '../core/contract.ts';
import { whyOf } from '../core/failure.ts';
import { impactLook, impactOf } from '../core/impact.ts';
import type { Json } from '../core/json.ts';
import { betterWords, endWords, listWords, noteOf, startedWords } from '../core/looking/watch.ts';
import type { Watch, WatchWanted } from '../core/looking/watch.ts';
import { afterLook, BEGINNING } from '../core/looking/watch-look.ts';
import type { Sight } from '../core/looking/watch-look.ts';
import type { Desired, Message } from '../core/message.ts';
import type { Answer } from '../core/ports/intake.ts';
import type { Incoming } from '../core/ports/store.ts';
import { sentence } from '../core/render/help.ts';
import { whisperMessage } from '../core/render/small.ts';
import { plain } from '../core/words.ts';
import { FALLBACK, keyOf, subjectOf } from '../core/routing.ts';
import type { Catalogue } from '../core/routing.ts';
import { rowOf } from './inbox-row.ts';
import { look } from './look.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import type { SharedReads } from './shared-reads.ts';
import { sightOf } from './watch-sight.ts';
import { WatchList } from './watch-list.ts';

/**
 * Watches are kept in the store, so that they survive a restart and any replica may look. A look is made without the lease and counts only
 * if nobody else's came first; what it leads to is stored before the watch is written on, under ids that make a repetition the same thing.
 */
/** How long whoever has no watch waits before asking the store again. */
const IDLE_MS = 15_000;
const MOST = 20;

interface Asker {
  readonly id: string;
  readonly by: string;
  readonly channel: string;
  /** Stream of the thread in which it was asked; null: none. */
  readonly thread: string | null;
}

export class Watching {
  readonly #parts: Parts;
  readonly #catalogue: Catalogue;
  readonly #shared: SharedReads;
  readonly #list: WatchList;
  #nudge = new AbortController();

  constructor(parts: Parts, catalogue: Catalogue, shared: SharedReads) {
    this.#parts = parts;
    this.#catalogue = catalogue;
    this.#shared = shared;
    this.#list = new WatchList(parts);
  }

  /** Never rejects in what follows: the first look takes a moment. */
  answer(wanted: WatchWanted, asker: Asker): Answer {
    const answer = this.#answered(wanted, asker).catch((error: unknown) => {
      this.#parts.log('error', 'a watch could not be changed', { err: whyOf(error) });
      return sentence('I could not store this; what is watched did not change. Try again.');
    });
    return { is: 'looking', to: 'asker', first: sentence('Looking…'), answer };
  }

  async all(): Promise<readonly Watch[]> {
    return this.#list.all();
  }

  async #answered(wanted: WatchWanted, asker: Asker): Promise<Message> {
    if (wanted.does === 'off') return this.#off(wanted, asker.by);
    const all = await this.#list.all();
    if (wanted.does === 'list')
      return all.length === 0
        ? sentence('Nothing is watched. `/mlp watch <deployment> <region> 30m` begins one.')
        : { lock: 'Watched', blocks: [{ is: 'lines', lines: listWords(all) }] };
    if (wanted.name === '')
      return sentence('Watch what? Name a deployment, for example `/mlp watch model-server eu-west-1 30m`.');
    const now = this.#parts.clock.now();
    const asked = wanted.regions.length === 0 ? this.#parts.regions : wanted.regions;
    const without = await this.#without(wanted, asked);
    const regions = asked.filter((region) => !without.includes(region));
    if (regions.length === 0)
      return sentence(
        `There is no deployment \`${wanted.name}\` in \`${wanted.namespace}\` (${asked.join(', ')}): I watch nothing.`,
      );
    const begun: Watch = {
      id: createHash('sha256').update(asker.id).digest('hex').slice(0, 16),
      by: asker.by,
      channel: asker.channel,
      thread: asker.thread,
      namespace: wanted.namespace,
      name: wanted.name,
      from: iso(now),
      until: iso(now + wanted.forMs),
      nextAt: iso(now),
      blindMs: 0,
      regions: Object.fromEntries(regions.map((region) => [region, BEGINNING])),
    };
    // The first look is part of the answer: what is bad already is said to whoever asked, and not found later.
    const watch = await this.#look(begun);
    const isFull = await this.#list.change((kept) => {
      // The same again, by the same person, begins anew.
      const others = kept.filter((one) => one.id !== watch.id && !(one.by === watch.by && isSame(one, watch)));
      return others.length >= MOST ? null : [...others, watch];
    });
    if (isFull === null) return sentence(`I watch ${MOST} things already: \`/mlp watch off\` ends yours.`);
    this.#nudge.abort();
    const [first, ...rest] = startedWords(watch, this.#everyMs(), without);
    const lines = first === undefined ? rest : [first, ...rest];
    return { lock: plain(first ?? []).slice(0, 200), blocks: [{ is: 'lines', lines }] };
  }

  /** Regions that were seen not to have it; one that does not answer is watched all the same. */
  async #without(
    of: { readonly namespace: string; readonly name: string },
    regions: readonly string[],
  ): Promise<readonly string[]> {
    const { namespace, name } = of;
    const found = await Promise.all(
      regions.map(async (region) => {
        const reading = { id: 'there', after: [], withinMs: 5_000, byHand: '' };
        const evidence = await look(
          [{ ...reading, read: ({ kubernetes }) => kubernetes.deployment({ namespace, name }) }],
          () => this.#shared.reader(region),
          this.#parts.clock,
        );
        return { region, there: evidence['there'] };
      }),
    );
    return found.flatMap(({ region, there }) => (there?.known === true && there.value === null ? [region] : []));
  }

  async run(stop: AbortSignal): Promise<void> {
    const stopped = new Promise<number>((resolve) => {
      stop.addEventListener('abort', () => resolve(0), { once: true });
    });
    while (!stop.aborted) {
      let waitMs = IDLE_MS;
      try {
        // Looks that hang do not hold up the end of the process: what they saw is looked at again after the next start.
        waitMs = await Promise.race([this.tick(stop), stopped]);
      } catch (error) {
        this.#parts.log('warn', 'watching failed: it is tried again', { err: whyOf(error) });
      }
      await this.#parts.clock.wait(Math.min(waitMs, IDLE_MS), AbortSignal.any([stop, this.#nudge.signal]));
      if (this.#nudge.signal.aborted) this.#nudge = new AbortController();
    }
  }

  /** Looks where a look is due. Gives the time until the next one (ms). */
  async tick(stop: AbortSignal): Promise<number> {
    const { clock } = this.#parts;
    const due = (await this.#list.all()).filter((one) => Date.parse(one.nextAt) <= clock.now());
    const looked = await Promise.all(due.map((one) => this.#look(one)));
    if (looked.length > 0 && !stop.aborted) {
      const over: Watch[] = [];
      const better: Desired[] = [];
      await this.#list.change(
        async (kept) => {
          over.length = 0;
          better.length = 0;
          const next: Watch[] = [];
          for (const one of kept) {
            const mine = looked.find(({ id }) => id === one.id);
            const was = due.find(({ id }) => id === one.id);
            // Another replica was first.
            const now = mine === undefined || was?.nextAt !== one.nextAt ? one : mine;
            if (now !== one) await this.#report(one, now);
            if (now !== one) better.push(...this.#better(one, now));
            if (now !== one && now.nextAt >= now.until) over.push(now);
            else next.push(now);
          }
          return next;
        },
        () => [...better, ...over.map((one) => this.#end(one, 'time'))],
      );
    }
    const left = (await this.#list.all()).map((one) => Date.parse(one.nextAt) - clock.now());
    return Math.max(100, Math.min(IDLE_MS, ...left));
  }

  #everyMs(): number {
    return Math.max(1_000, this.#parts.rules.timing.watchMs);
  }

  async #look(watch: Watch): Promise<Watch> {
    const { clock } = this.#parts;
    const at = clock.now();
    const seen = await Promise.all(
      Object.entries(watch.regions).map(
        async ([region, before]) => [region, afterLook(before, await this.#see(watch, region), iso(at))] as const,
      ),
    );
    const lateMs = at - Date.parse(watch.nextAt);
    const isLate = lateMs > 3 * this.#everyMs() + IDLE_MS;
    const nextAt = Math.max(clock.now(), at) + this.#everyMs();
    // The last look is at the end.
    const end = Date.parse(watch.until);
    return {
      ...watch,
      regions: Object.fromEntries(seen),
      blindMs: watch.blindMs + (isLate ? Math.min(lateMs, end - Date.parse(watch.nextAt)) : 0),
      nextAt: iso(at >= end ? Math.max(end, at) : Math.min(nextAt, end)),
    };
  }

  async #see({ namespace, name }: Watch, region: string): Promise<Outcome<Sight>> {
    const target = { region, namespace, name };
    const subject = subjectOf('rollout-stuck', { namespace, name }, region, this.#catalogue);
    const health = this.#parts.health(subject, region);
    const publicUrl = this.#parts.publicUrl?.(subject, region) ?? null;
    const evidence = await look(
      [
        ...impactLook(health, target, publicUrl),
        { id: 'sight', after: [], withinMs: 8_000, byHand: '', read: ({ kubernetes }) => sightOf(kubernetes, target) },
      ],
      () => this.#shared.reader(region),
      this.#parts.clock,
    );
    const seen = evidence['sight'];
    if (seen === undefined || !seen.known) return { known: false, why: seen?.why ?? 'was not looked at' };
    return { known: true, value: { ...(seen.value as Omit<Sight, 'impact'>), impact: impactOf(health, evidence) } };
  }

  /** What went wrong since the last look opens its incident, as a question that says why it is asked. */
  async #report(before: Watch, now: Watch): Promise<void> {
    const rows: Incoming[] = [];
    for (const [region, { wrong }] of Object.entries(now.regions)) {
      if (wrong === null || before.regions[region]?.wrong !== null) continue;
      const target: Json = { namespace: now.namespace, name: now.name };
      const key = keyOf(region, target);
      const id = `watch:${now.id}:${region}`;
      const to = {
        is: 'key',
        key,
        fresh: `incident/${createHash('sha256').update(id).digest('hex').slice(0, 16)}`,
      } as const;
      const subject = subjectOf(this.#playbookFor(wrong.why), target, region, this.#catalogue);
      rows.push(
        { id, to, body: rowOf({ is: 'ask', by: now.by, subject, channel: now.channel, key }) },
        { id: `${id}:note`, to, body: rowOf({ is: 'note', by: 'mlp-bot', what: noteOf(now, region, wrong.why) }) },
      );
    }
    if (rows.length > 0) await this.#parts.store.accept(rows);
  }

  #playbookFor(why: string): string {
    const wanted = /(^|: )p95 /.test(why)
      ? 'slow-inference'
      : /(^|: )errors /.test(why)
        ? 'inference-errors'
        : 'rollout-stuck';
    const has = (id: string): boolean => this.#catalogue.playbooks.some((one) => one.id === id);
    return has(wanted) ? wanted : has('rollout-stuck') ? 'rollout-stuck' : FALLBACK;
  }

  #better(before: Watch, now: Watch): readonly Desired[] {
    return Object.keys(now.regions)
      .filter((region) => before.regions[region]?.better === null && now.regions[region]?.better !== null)
      .map((region) => ({
        key: `watch/${now.id}/${region}/better`,
        channel: now.channel,
        placement: { is: 'said', under: now.thread === null ? null : `${now.thread}/root` },
        message: whisperMessage(betterWords(now, region)),
        priority: 2,
      }));
  }

  #end(watch: Watch, how: 'time' | 'off'): Desired {
    return {
      key: `watch/${watch.id}/end`,
      channel: watch.channel,
      placement: { is: 'said', under: watch.thread === null ? null : `${watch.thread}/root` },
      message: whisperMessage(endWords(watch, how)),
      priority: 2,
    };
  }

  async #off({ name }: WatchWanted, by: string): Promise<Message> {
    const ended: Watch[] = [];
    await this.#list.change((kept) => {
      const mine = kept.filter((one) => (name === '' ? one.by === by : one.name === name));
      ended.splice(0, ended.length, ...mine);
      return kept.filter((one) => !mine.includes(one));
    });
    if (ended.length === 0) return sentence(name === '' ? 'You have nothing watched.' : `\`${name}\` is not watched.`);
    return { lock: 'The watch is over', blocks: [{ is: 'lines', lines: ended.map((one) => endWords(one, 'off')) }] };
  }
}

function isSame(a: Watch, b: Watch): boolean {
  return (
    a.name === b.name && a.namespace === b.namespace && Object.keys(a.regions).join() === Object.keys(b.regions).join()
  );
}
