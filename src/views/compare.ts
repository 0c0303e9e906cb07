import type { Outcome } from '../core/contract.ts';
import { whyOf } from '../core/failure.ts';
import { viewOf } from '../core/looking/view.ts';
import { ownerOf } from '../core/looking/parse.ts';
import type { Asked, Seen } from '../core/looking/view.ts';
import type { Block, Message } from '../core/message.ts';
import { list } from '../core/render/small.ts';
import { bold, say } from '../core/words.ts';
import type { Words } from '../core/words.ts';
import { factsOf, LOADED, UNSEEN } from './compare-facts.ts';
import type { Facts } from './compare-facts.ts';
import { tried } from './found.ts';
import { counted, table, view } from './show.ts';

/** Deployments in several regions: what differs first, what is equal in a line. Values of variables only of those that the config lists. */

/** By name: of the one that was named, or of each that the config names. */
interface Compared {
  readonly services: Readonly<Record<string, Outcome<Facts>>>;
}
interface Side {
  readonly region: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** Wider cells are shown below the table. */
const CELL = 34;
/** A fact that a region does not have: a container, a config map. */
const NONE = '(none)';

export const compare = viewOf<Compared>({
  word: 'compare',
  also: ['diff'],
  options: [],
  of: 'one or each',
  withinMs: 12_000,
  help: {
    usage: 'compare [region] [region] [deployment]',
    short: 'image, model version, environment, config, resources, replicas, placement: what differs first',
    more: [
      'Without regions: all of them. Without a deployment: each that the config names.',
      'Of variables I compare the names, and the values of those that the config lists; of config maps a hash; of models also what the youngest pod says that it loaded.',
      'Only you see the answer; with `here` at the end, or in a thread, everybody does.',
    ],
    examples: [
      'compare <region> <other region>',
      'compare <region> <other region> <deployment>',
      'compare <deployment>',
    ],
  },
  async look(read, asked) {
    const { each } = asked;
    if (asked.name !== '' || each === undefined) {
      const name = nameIn(asked);
      const value = await factsOf(read, { namespace: asked.namespace, name });
      return { services: { [name]: { known: true, value } } };
    }
    const found = await Promise.allSettled(each.map(async (one) => factsOf(read, one)));
    const [first] = found;
    // Nothing answered: then it is the region that could not be looked at, and not each of them.
    if (first?.status === 'rejected' && found.every((one) => isDark(one))) throw first.reason;
    const all = await Promise.all(
      each.map(async (one, index) => [one.name, await tried(settled(found[index]))] as const),
    );
    return { services: Object.fromEntries(all) };
  },
  render(asked, all, at) {
    const names = nameIn(asked) === '' ? (asked.each ?? []).map((one) => one.name) : [nameIn(asked)];
    const [only] = names;
    const message =
      names.length === 1 && only !== undefined ? one(asked, all, at, only) : several(asked, all, at, names);
    return names.length > 1 ? titled(message, names) : message;
  },
});

function isDark(one: PromiseSettledResult<unknown>): boolean {
  return one.status === 'rejected' && !whyOf(one.reason).startsWith('not found');
}
async function settled(one: PromiseSettledResult<Facts> | undefined): Promise<Facts> {
  if (one?.status === 'fulfilled') return one.value;
  throw one === undefined ? new Error('not looked at') : one.reason;
}

/** Pods come and go: it is their deployment that is compared. */
function nameIn({ name, pod }: Asked): string {
  return name === '' && pod !== null ? ownerOf(pod) : name;
}

function one(asked: Asked, all: readonly Seen<Compared>[], at: string, name: string): Message {
  const known = sidesOf(all, name);
  return view(asked, all, at, {
    before: known.length < 2 ? [] : blocksOf(known),
    part: ({ services }, region) => {
      const seen = services[name];
      if (seen === undefined || !seen.known) return { line: say`${bold(region)}: ${whyNot(seen)}` };
      const { facts, untold: missing } = seen.value;
      return {
        line: say`${bold(region)}: ${facts['image'] ?? ''}${'image' in facts ? ', ' : ''}${facts['replicas'] ?? ''}`,
        more: missing.length === 0 ? [] : [say`*Could not see* in ${region}: ${missing.join('; ')}`],
      };
    },
    notes: [known.length < 2 ? say`${lonely(all, known.length)}` : null],
  });
}

function several(asked: Asked, all: readonly Seen<Compared>[], at: string, names: readonly string[]): Message {
  const each = names.map((name) => ({ name, sides: sidesOf(all, name) }));
  return view(asked, all, at, {
    // Those that differ first.
    before: each
      .toSorted((a, b) => differing(b.sides).length - differing(a.sides).length)
      .flatMap(({ name, sides }) => (sides.length < 2 ? [alone(name, sides)] : blocksOf(sides, name))),
    part: ({ services }, region) => {
      const absent = Object.entries(services).flatMap(([name, seen]) => (isAbsent(seen) ? [name] : []));
      const missing = Object.entries(services).flatMap(([name, seen]) =>
        seen.known
          ? seen.value.untold.map((what) => `${name}: ${what}`)
          : absent.includes(name)
            ? []
            : [`${name}: ${seen.why}`],
      );
      const looked = Object.values(services).filter((seen) => seen.known).length;
      return {
        line: say`${bold(region)}: ${looked} of ${counted(names.length, 'deployment')} looked at`,
        more: [
          ...(absent.length === 0 ? [] : [say`*Not there* in ${region}: ${absent.join(', ')}`]),
          ...(missing.length === 0 ? [] : [say`*Could not see* in ${region}: ${missing.join('; ')}`]),
        ],
      };
    },
    notes: [all.length < 2 ? say`${lonely(all, 1)}` : null],
  });
}

function titled(message: Message, names: readonly string[]): Message {
  const [first, ...rest] = message.blocks;
  if (first === undefined || first.is !== 'lines') return message;
  const what = say`Each that the config names: ${list(names)}`;
  return { ...message, blocks: [{ is: 'lines', lines: [...first.lines, what] }, ...rest] };
}

/** That there is none was seen. */
function isAbsent(seen: Outcome<Facts>): boolean {
  return !seen.known && /^not found: .*there is no deployment /.test(seen.why);
}

function whyNot(seen: Outcome<Facts> | undefined): string {
  if (seen === undefined) return 'not looked at';
  return seen.known ? '' : seen.why.replace(/^not found: (.*: )?(?=there is no )/, '');
}

function alone(name: string, sides: readonly Side[]): Block {
  const where = sides[0] === undefined ? 'seen in no region' : `seen only in ${sides[0].region}`;
  return { is: 'lines', lines: [say`${bold(name)}: ${where}, so there is nothing to compare`] };
}

function lonely(all: readonly Seen<unknown>[], seen: number): string {
  if (all.length < 2) return 'Name a second region to compare with, or none for all';
  return seen === 0
    ? 'Seen in no region: there is nothing to compare'
    : 'Seen in one region only: there is nothing to compare';
}

function sidesOf(all: readonly Seen<Compared>[], name: string): readonly Side[] {
  return all.flatMap(({ region, outcome }) => {
    const seen = outcome.known ? outcome.value.services[name] : undefined;
    return seen?.known === true ? [{ region, facts: inPlace(seen.value.facts, region) }] : [];
  });
}

/** The region's own name in a value is written `<region>`. */
function inPlace(facts: Readonly<Record<string, string>>, region: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, value.replaceAll(region, '<region>')]));
}

function namesIn(all: readonly Side[]): readonly string[] {
  return [...new Set(all.flatMap(({ facts }) => Object.keys(facts)))];
}
/** That a log says nothing of a model (any more) is no difference. */
function valuesOf(all: readonly Side[], name: string): readonly string[] {
  return all.map(({ facts }) => facts[name] ?? (name === LOADED ? UNSEEN : NONE));
}
/** Of what was seen. */
function differing(all: readonly Side[]): readonly string[] {
  return namesIn(all).filter((name) => new Set(valuesOf(all, name).filter((one) => one !== UNSEEN)).size > 1);
}

function blocksOf(all: readonly Side[], title: string | null = null): readonly Block[] {
  const differ = differing(all);
  const unseen = namesIn(all).filter((name) => valuesOf(all, name).includes(UNSEEN));
  const equal = namesIn(all).filter((name) => !differ.includes(name) && !unseen.includes(name));
  const narrow = differ.filter((name) => valuesOf(all, name).every((value) => value.length <= CELL));
  const wide = differ.filter((name) => !narrow.includes(name));
  const rows = narrow.map((name) => [name, ...valuesOf(all, name)]);
  const long = wide.map((name) =>
    [`${name}:`, ...all.map(({ region, facts }) => `  ${region}: ${facts[name] ?? NONE}`)].join('\n'),
  );
  const rest: readonly Words[] = [
    ...(unseen.length === 0 ? [] : [say`*Not seen everywhere*, so not compared: ${unseen.join(', ')}`]),
    // Of several deployments what is equal would hide what is not.
    ...(equal.length === 0 || title !== null ? [] : [say`*Equal:* ${equal.join(', ')}`]),
  ];
  const of = title === null ? null : say`${bold(title)}: `;
  const seen = unseen.length === 0 ? 'in what I compare' : 'in what I could see';
  return [
    {
      is: 'lines',
      lines: [
        differ.length === 0
          ? say`${of}${title === null ? bold('No difference') : 'no difference'} ${seen}`
          : say`${of}${bold(counted(differ.length, 'difference'))}`,
      ],
    },
    ...(rows.length === 0
      ? []
      : [{ is: 'verbatim' as const, text: table(['', ...all.map(({ region }) => region)], rows) }]),
    ...(long.length === 0 ? [] : [{ is: 'verbatim' as const, text: long.join('\n') }]),
    ...(rest.length === 0 ? [] : [{ is: 'lines' as const, lines: rest }]),
  ];
}
