import type { Unclear } from '../command/command.ts';
import { findRegion } from '../routing.ts';
import type { Catalogue } from '../routing.ts';
import { closest, symptomOf } from '../symptoms.ts';
import {
  isName,
  isNamespace,
  quoted,
  readTarget,
  unclear,
  unknownFlag,
  unknownRegion,
} from '../command/target-words.ts';
import type { TargetWords } from '../command/target-words.ts';
import { matcherOf } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import type { Asked, Option, View } from './view.ts';

/** `/mlp logs model-server eu since 10m grep timeout`: what is to be seen, of what, and where, in any order but for `grep`, which is last. Pure. */

export interface Looked {
  readonly is: 'look';
  readonly asked: Asked;
}

/** "pods not ready in eu": what is wrong, not what is to be shown. */
interface Symptom {
  readonly is: 'symptom';
}

/** A pasted kubectl line has flags that say nothing here; what was typed has none that is passed over. */
export type From = 'typed' | 'pasted';

export interface Typed {
  /** The whole line: what follows `grep` is taken as it was typed. */
  readonly text: string;
  readonly from: From;
  readonly catalogue: Catalogue;
}
/** What of a view its words are read by. */
export interface ViewWords extends Pick<View, 'help' | 'options'> {
  readonly word: string;
}

export function parseLook(view: View, words: readonly string[], typed: Typed): Looked | Unclear | Symptom {
  const asked = readAsked(view, words, typed);
  if ('left' in asked) {
    const isSymptom = symptomOf(asked.left, typed.catalogue.playbooks) !== null;
    return isSymptom && asked.left.split(' ').length > 2 ? { is: 'symptom' } : asked;
  }
  return 'is' in asked ? asked : { is: 'look', asked: { view: view.word, ...asked } };
}

export function readAsked(
  view: ViewWords,
  words: readonly string[],
  typed: Typed,
): Omit<Asked, 'view'> | Unclear | NotUnderstood {
  const { text, from, catalogue } = typed;
  const cut = words.findIndex((word) => word === '|' || /^\|?grep$/i.test(word));
  const grep = patternIn(text);
  if (grep !== null && grep.is === 'unclear') return grep;
  const read = take(cut === -1 ? words : words.slice(0, cut), from, catalogue);
  if ('is' in read) return read;
  const given: Taken = { ...read, grep };
  const surplus = surplusOf(view, given);
  if (surplus !== null) return surplus;
  const target = targetOf(view, given, catalogue);
  if ('is' in target) return target;
  const { regions, sinceMs, previous, container, nodes, here } = given;
  return { ...target, regions, sinceMs, grep, previous, container, nodes, here };
}

/** Words that name nothing. */
interface NotUnderstood extends Unclear {
  readonly left: string;
}

interface Taken {
  readonly regions: readonly string[];
  readonly sinceMs: number | null;
  readonly previous: boolean;
  readonly container: string | null;
  readonly nodes: boolean;
  readonly here: boolean;
  readonly pod: string | null;
  readonly rest: readonly string[];
  readonly grep: Pattern | null;
}

const REGION = /^--?(?:context|region)(?:=(.*))?$/;
const SINCE = /^(?:since|last|--since)(?:=(.*))?$/i;
const CONTAINER = /^(?:-c|--container|container)(?:=(.*))?$/;
const SPACE = /^(-n|--namespace|-l|--selector)$/;
const KIND = /^(pods?|po|deployments?|deploy|deployment\.apps|events?|ev)$/i;
const POD = /^(?:pods?\/|po\/)?(.+-[a-z0-9]{8,10}-[a-z0-9]{5})$|^(?:pods?|po)\/(.+)$/;
/** Flags of kubectl whose value is the next word. */
const VALUE = /^(-o|--output|--tail|--sort-by|--field-selector|--limit-bytes|--for|--types|--since-time)$/;
const DAY_MS = 86_400_000;

function take(words: readonly string[], from: From, catalogue: Catalogue): Omit<Taken, 'grep'> | Unclear {
  const regions = new Set<string>();
  const [rest, pods]: [string[], Set<string>] = [[], new Set()];
  let [previous, nodes, here]: [boolean, boolean, boolean] = [false, false, false];
  let [sinceMs, container]: [number | null, string | null] = [null, null];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const valueOf = (found: RegExpExecArray): string => found[1] ?? words[++index] ?? '';
    const place = REGION.exec(word);
    const since = SINCE.exec(word);
    const named = CONTAINER.exec(word);
    const region = place === null ? findRegion(word, catalogue) : findRegion(valueOf(place), catalogue);
    const pod = POD.exec(word.toLowerCase());
    if (region !== null) regions.add(region);
    else if (place !== null) return unknownRegion(place[1] ?? words[index] ?? '', catalogue, 'pods');
    else if (since !== null || durationMs(word) !== null) {
      const value = since === null ? word : valueOf(since);
      sinceMs = durationMs(value);
      if (sinceMs === null || sinceMs <= 0 || sinceMs > 30 * DAY_MS)
        return unclear(
          `${quoted(value)} is no time that I can look back: write \`10m\`, \`1h\` or \`2d\`, at most 30 days.`,
        );
    } else if (named !== null) container = valueOf(named);
    else if (/^(previous|prev|-p|--previous)$/i.test(word)) previous = true;
    else if (/^(here|--here)$/i.test(word)) here = true;
    else if (/^(nodes?|no)$/i.test(word)) nodes = true;
    else if (pod !== null) pods.add(pod[1] ?? pod[2] ?? '');
    else if (SPACE.test(word)) rest.push(word, words[++index] ?? '');
    else if (KIND.test(word)) continue;
    else if (isFlag(word) && from === 'pasted') index += VALUE.test(word) ? 1 : 0;
    else if (isFlag(word)) return unknownFlag(word);
    else rest.push(word);
  }
  const [pod = null, second] = pods;
  if (second !== undefined) return unclear(`One pod at a time: ${[...pods].slice(0, 4).map(quoted).join(' or ')}?`);
  return { regions: [...regions], sinceMs, previous, container, nodes, here, pod, rest };
}

function isFlag(word: string): boolean {
  return /^-./.test(word) && !/^(-n|-l|-A|--namespace|--selector|--all-namespaces)(=|$)/.test(word);
}

/** `10m`, `90s`, `1h`, `2d`; null: no time. */
export function durationMs(word: string): number | null {
  const found = /^(\d{1,6})(s|sec|m|min|h|d)$/i.exec(word);
  if (found === null) return null;
  const unit = (found[2] ?? '').toLowerCase();
  const ms = unit.startsWith('s') ? 1_000 : unit.startsWith('m') ? 60_000 : unit === 'h' ? 3_600_000 : DAY_MS;
  return Number(found[1]) * ms;
}

/** Everything after the first `grep`, as it was typed. */
function patternIn(text: string): Pattern | Unclear | null {
  const found = /(?:^|[\s|])grep(?:\s+(.*))?$/is.exec(text);
  if (found === null) return null;
  let rest = (found[1] ?? '').trim();
  for (let flag = /^-(\w+)\s+/.exec(rest); flag !== null; flag = /^-(\w+)\s+/.exec(rest)) {
    if (!/^[iEFeoP]+$/.test(flag[1] ?? ''))
      return unclear(
        `Of grep's flags I know no ${quoted(`-${flag[1] ?? ''}`)}. I ignore case, and \`/…/\` is a regular expression.`,
      );
    rest = rest.slice(flag[0].length);
  }
  const quote = /^(["'])(.*?)\1/s.exec(rest);
  const regex = /^\/(.+)\/(i?)(\s*\|.*)?$/s.exec(rest);
  if (quote === null && regex !== null) {
    const pattern: Pattern = { is: 'regex', source: regex[1] ?? '', ignoreCase: regex[2] === 'i' };
    const matcher = matcherOf(pattern);
    return 'wrong' in matcher ? unclear(`I cannot search for ${quoted(rest)}: ${matcher.wrong}.`) : pattern;
  }
  const wanted = quote?.[2] ?? rest.replace(/\s\|.*$/s, '').trim();
  return wanted === ''
    ? unclear('grep what? For example `grep timeout`, or `grep /5\\d\\d/`.')
    : { is: 'text', text: wanted };
}

/** What was asked of a view that cannot give it is not passed over in silence. */
function surplusOf(view: ViewWords, given: Taken): Unclear | null {
  const wanted: readonly (readonly [Option, boolean, string])[] = [
    ['since', given.sinceMs !== null, 'goes back no time'],
    ['grep', given.grep !== null, 'has nothing to grep in'],
    ['previous', given.previous, 'has no `previous`'],
    ['container', given.container !== null, 'shows all containers'],
    ['nodes', given.nodes, 'is not about nodes'],
  ];
  const wrong = wanted.find(([option, isGiven]) => isGiven && !view.options.includes(option));
  return wrong === undefined ? null : unclear(`\`${view.word}\` ${wrong[2]}. Write \`/mlp ${view.help.usage}\`.`);
}

function targetOf(
  view: ViewWords,
  { rest, pod }: Taken,
  catalogue: Catalogue,
): { readonly namespace: string; readonly name: string; readonly pod: string | null } | Unclear | NotUnderstood {
  const read = readTarget(rest, catalogue);
  if (read.is === 'unclear') return forView(view, read);
  const name = nameOf(view, read, catalogue);
  if (typeof name !== 'string') return name;
  const service = catalogue.services.find((one) => one.name === (name === '' && pod !== null ? ownerOf(pod) : name));
  const namespace = read.namespace ?? service?.namespace ?? catalogue.defaultNamespace;
  const wrong =
    [name, pod ?? ''].find((one) => one !== '' && !isName(one)) ?? (isNamespace(namespace) ? undefined : namespace);
  if (wrong !== undefined) return unclear(`${quoted(wrong)} is no name that Kubernetes allows.`);
  return { namespace, name, pod };
}

function nameOf(view: ViewWords, read: TargetWords, catalogue: Catalogue): string | Unclear | NotUnderstood {
  if (read.other !== null) return read.other.slice(read.other.indexOf('/') + 1);
  const [name] = read.names;
  const left = read.left.map((word) => /^(?:app|app\.kubernetes\.io\/name)=(.+)$/.exec(word)?.[1] ?? word);
  if (name !== undefined && left.length === 0) return name;
  const known = [
    ...catalogue.services.map((one) => one.name),
    ...catalogue.regions.flatMap((one) => [one.name, ...one.aliases]),
  ];
  const [word, second] = left;
  if (name === undefined && second === undefined) {
    const near = word === undefined || known.includes(word) ? null : closest(word, known);
    if (near === null) return word ?? '';
    return unclear(`I know no ${quoted(word ?? '')}. Did you mean ${near}?`, [
      { label: `${view.word} ${near}`, command: `${view.word} ${near}` },
    ]);
  }
  const because = `I do not understand ${quoted(left.join(' '))} here. Write \`/mlp ${view.help.usage}\`.`;
  return { ...unclear(because), left: [view.word, ...left].join(' ') };
}

/** The deployment that a pod's name speaks of; the name itself when it speaks of none. */
export function ownerOf(pod: string): string {
  return /^(.+)-[a-z0-9]{8,10}-[a-z0-9]{5}$/.exec(pod)?.[1] ?? pod;
}

/** The questions of `diagnose`, asked of this command. */
function forView(view: ViewWords, asked: Unclear): Unclear {
  return {
    ...asked,
    choices: asked.choices.map((one) => ({ ...one, command: one.command.replace(/^diagnose\b/, view.word) })),
  };
}
