import type { Outcome } from '../core/contract.ts';
import { whyOf } from '../core/failure.ts';
import type { Looked } from '../core/looking/parse.ts';
import { ownerOf } from '../core/looking/parse.ts';
import type { Asked, Seen, View } from '../core/looking/view.ts';
import type { Json } from '../core/json.ts';
import type { Answer } from '../core/ports/intake.ts';
import { sentence } from '../core/render/help.ts';
import type { Catalogue } from '../core/routing.ts';
import { actedSince } from './acted.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import type { SharedReads } from './shared-reads.ts';

/** Answers `/mlp pods`, `logs` …: every region side by side through the shared reads, each with its own limit. Nothing is stored. */

/** Lookers at once in this process: a look is cheap, a hundred people who press a key are not. */
const MOST = 24;
/** Who looks twice wants to see what has changed; many who look at once are one look. */
const FRESH_MS = 500;
/** Services of the config that one look takes. */
const EACH = 12;

export class Looking {
  readonly #parts: Parts;
  readonly #catalogue: Catalogue;
  readonly #shared: SharedReads;
  #now = 0;

  constructor(parts: Parts, catalogue: Catalogue, shared: SharedReads) {
    this.#parts = parts;
    this.#catalogue = catalogue;
    this.#shared = shared;
  }

  /** `thread`: what the thread is about in which it was asked; null: it was asked in none. */
  answer({ asked }: Looked, thread: { readonly target: Json; readonly regions: readonly string[] } | null): Answer {
    const view = this.#catalogue.views.find((one) => one.word === asked.view);
    if (view === undefined) return { is: 'said', message: sentence('There is no such view here.') };
    const whole = thread === null ? asked : inThread(asked, thread);
    const regions = whole.regions.length === 0 ? this.#parts.regions : whole.regions;
    const each = this.#eachOf(view, whole);
    if (view.of !== 'one or all' && whole.name === '' && whole.pod === null && each.length === 0) {
      const [example = ''] = view.help.examples;
      const [service] = this.#catalogue.services;
      const filled = example
        .replaceAll('<deployment>', service?.name ?? 'model-server')
        .replaceAll('<region>', regions[0] ?? '')
        .replaceAll('<other region>', regions[1] ?? '');
      return { is: 'said', message: sentence(`Of what? Name a deployment or a pod, for example \`/mlp ${filled}\`.`) };
    }
    if (each.length > EACH)
      return {
        is: 'said',
        message: sentence(
          `The config names ${each.length} deployments: which one? ${each.map((one) => one.name).join(', ')}.`,
        ),
      };
    if (this.#now >= MOST)
      return { is: 'said', message: sentence(`I am looking at ${MOST} things already. Try again in a few seconds.`) };
    const what =
      whole.pod ??
      (whole.nodes
        ? 'nodes'
        : each.length > 0
          ? each.map((one) => one.name).join(', ')
          : whole.name === ''
            ? whole.namespace
            : whole.name);
    const where = regions.length > 1 ? `${regions.length} regions` : (regions[0] ?? '');
    return {
      is: 'looking',
      to: whole.here || thread !== null ? 'all' : 'asker',
      first: sentence(`Looking at \`${what}\` in ${where}: ${view.word}…`),
      answer: this.#look(view, { ...whole, regions, ...(each.length === 0 ? {} : { each }) }),
    };
  }

  /** Without a name: the services of the config, of the namespace that was named, else of all. */
  #eachOf(view: View, { name, pod, namespace }: Asked): NonNullable<Asked['each']> {
    if (view.of !== 'one or each' || name !== '' || pod !== null) return [];
    const { services, defaultNamespace } = this.#catalogue;
    return services.filter((one) => namespace === defaultNamespace || one.namespace === namespace);
  }

  async #look(view: View, asked: Asked): ReturnType<typeof this.message> {
    this.#now += 1;
    try {
      return await this.message(view, asked);
    } catch (error) {
      this.#parts.log('error', 'a view could not be shown', { view: view.word, err: whyOf(error) });
      return sentence(`I could not show this (${view.word}); nothing was changed. \`/mlp diagnose\` may still work.`);
    } finally {
      this.#now -= 1;
    }
  }

  async message(view: View, asked: Asked): Promise<ReturnType<View['render']>> {
    const { clock, commits } = this.#parts;
    const at = iso(clock.now());
    const beside = async (): Promise<Outcome<unknown> | null> =>
      view.beside === undefined
        ? null
        : this.#within(view.withinMs, async () =>
            view.beside?.({ commits: commits ?? null, acts: (since) => actedSince(this.#parts, since) }, asked, at),
          );
    const [regions, more] = await Promise.all([
      Promise.all(
        asked.regions.map(async (region): Promise<Seen<unknown>> => {
          const { read } = this.#shared.reader(region, clock.now() - FRESH_MS);
          return { region, outcome: await this.#within(view.withinMs, async () => view.look(read, asked, at)) };
        }),
      ),
      beside(),
    ]);
    return view.render(asked, regions, at, more);
  }

  async #within(ms: number, ask: () => Promise<unknown>): Promise<Outcome<unknown>> {
    const stop = new AbortController();
    const limit = this.#parts.clock
      .wait(ms, stop.signal)
      .then((): Outcome<unknown> => ({ known: false, why: `no answer within ${ms / 1000} s` }));
    const answer = Promise.resolve()
      .then(ask)
      .then((value): Outcome<unknown> => ({ known: true, value }))
      .catch((error: unknown): Outcome<unknown> => ({ known: false, why: whyOf(error) }));
    try {
      return await Promise.race([answer, limit]);
    } finally {
      stop.abort();
    }
  }
}

/** What was left out is what the thread is about. */
function inThread(asked: Asked, thread: { readonly target: Json; readonly regions: readonly string[] }): Asked {
  const { name = '', namespace = asked.namespace } = (
    typeof thread.target === 'object' && thread.target !== null ? thread.target : {}
  ) as { readonly name?: string; readonly namespace?: string };
  const isSame = asked.pod === null ? asked.name === '' : ownerOf(asked.pod) === name;
  if (!isSame) return asked;
  const regions = asked.regions.length === 0 ? thread.regions : asked.regions;
  return { ...asked, regions, namespace, name: asked.nodes ? '' : name };
}
