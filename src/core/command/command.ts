import { findRegion } from '../routing.ts';
import type { Catalogue } from '../routing.ts';
import { CHANGES, isChange } from './change-what.ts';
import { maintenance } from './maintenance.ts';
import type { MaintenanceWanted } from './maintenance.ts';
import { silence, unsilence } from './silence.ts';
import type { SilenceWanted } from './silence.ts';
import { why } from './alerts.ts';
import type { WhyAlert } from './alerts.ts';
import { escalate, oneIncident, stop } from './incident.ts';
import { HANDLING, isHandling, parseHandling } from './handling.ts';
import type { HandlingWanted, IncidentsWanted } from './handling.ts';
import { parseList } from './lists.ts';
import { parseChange } from './change-words.ts';
import type { ChangeWanted, RegionWanted, SetForm } from './change-words.ts';
import { changes, kubectl } from './kubectl-line.ts';
import { parseLook } from '../looking/parse.ts';
import type { Looked } from '../looking/parse.ts';
import { LOOKS } from '../looking/view.ts';
import { parseWatch } from '../looking/watch.ts';
import type { WatchWanted } from '../looking/watch.ts';
import { closest, symptomOf } from '../symptoms.ts';
import {
  aroundOther,
  asDiagnose,
  isFiller,
  isKindAndName,
  isName,
  quoted,
  readTarget,
  serviceOf,
  unclear,
} from './target-words.ts';

/** The `/mlp` grammar: what a person typed, in any order, or a sentence that says what to type instead. Pure. */

export type Parsed =
  | Diagnose
  | { readonly is: 'status'; readonly region: string | null }
  | { readonly is: 'show'; readonly incident: number | null }
  | { readonly is: 'runs' }
  | { readonly is: 'why-not'; readonly remedy: string; readonly incident: number | null }
  | WhyAlert
  | SilenceWanted
  | MaintenanceWanted
  | { readonly is: 'stop'; readonly what: 'all' | 'off' | number | null }
  | { readonly is: 'undo'; readonly incident: number | null }
  | { readonly is: 'similar'; readonly incident: number | null }
  | { readonly is: 'postmortem'; readonly incident: number | null }
  /** A person is wanted. `incident` null: the one of the thread, or the only one that is open. */
  | { readonly is: 'escalate'; readonly incident: number | null; readonly why: string }
  /** Who is on call now; `route` null: on all ways. */
  | { readonly is: 'oncall'; readonly route: string | null }
  | { readonly is: 'playbooks' }
  /** What Slack refused for good; `retry`: once more. */
  | { readonly is: 'undelivered'; readonly retry: boolean }
  /** Is everything there that the bot needs? */
  | { readonly is: 'doctor' }
  /** Null: the short list of all. */
  | { readonly is: 'help'; readonly about: Verb | null }
  /** What was changed for a while and is not taken back. */
  | { readonly is: 'temp' }
  | Looked
  | WatchWanted
  | ChangeWanted
  | SetForm
  | RegionWanted
  | HandlingWanted
  | IncidentsWanted
  /** What whoever comes on shift must know. */
  | { readonly is: 'handover' }
  | Unclear;
export interface Diagnose {
  readonly is: 'diagnose';
  /** Null: triage finds out. */
  readonly playbook: string | null;
  readonly region: string | null;
  readonly namespace: string;
  /** '' stands for the whole namespace. */
  readonly name: string;
  /** What of the question cannot be answered as it was asked, as a sentence; null: nothing. */
  readonly note: string | null;
}
export interface Unclear {
  readonly is: 'unclear';
  /** What is wrong and what to type. */
  readonly because: string;
  /** Offered as buttons: label and the command that it stands for. */
  readonly choices: readonly { readonly label: string; readonly command: string }[];
}

export const VERBS = [
  'diagnose',
  ...LOOKS,
  'watch',
  ...CHANGES,
  'status',
  'incidents',
  'handover',
  'show',
  'runs',
  'temp',
  'why',
  'stop',
  'undo',
  ...HANDLING,
  'silence',
  'unsilence',
  'maintenance',
  'escalate',
  'oncall',
  'similar',
  'postmortem',
  'playbooks',
  'undelivered',
  'doctor',
  'help',
] as const;
export type Verb = (typeof VERBS)[number];
const LIMIT = 500;

/** Control characters and invisible direction marks are not part of what anybody means. */
const INVISIBLE = /[\p{Cc}\p{Cf}]+/gu;

export function parseCommand(raw: string, catalogue: Catalogue): Parsed {
  if (raw.length > LIMIT)
    return unclear(`That is ${raw.length} characters; a command has at most ${LIMIT}. Try \`/mlp help\`.`);
  const text = raw.normalize('NFKC').replace(INVISIBLE, ' ').replace(/[“”]/g, '"').replace(/[‘’]/g, "'").trim();
  const words = text
    .split(/\s+/)
    .map(bare)
    .filter((word, index) => word !== '' && !(index === 0 && /^(\/mlp|please|pls)$/i.test(word)));
  if (text === '?') return { is: 'help', about: null };
  const [first, ...rest] = words;
  if (first === undefined) return { is: 'help', about: null };
  const list = parseList(first.toLowerCase(), rest, catalogue);
  if (list !== null) return list;
  switch (first.toLowerCase()) {
    case 'help':
    case '-h':
    case '--help':
      return help(rest, catalogue);
    case 'show':
      return oneIncident('show', rest, (incident) => ({ is: 'show', incident }));
    case 'silence':
      return silence(rest);
    case 'unsilence':
      return unsilence(rest);
    case 'maintenance':
    case 'maint':
      return maintenance(rest, catalogue);
    case 'why':
      return why(rest, catalogue);
    case 'stop':
      return stop(rest);
    case 'undo':
      return oneIncident('undo', rest, (incident) => ({ is: 'undo', incident }));
    case 'similar':
      return oneIncident('similar', rest, (incident) => ({ is: 'similar', incident }));
    case 'postmortem':
      return oneIncident('postmortem', rest, (incident) => ({ is: 'postmortem', incident }));
    case 'escalate':
    case 'page':
      return escalate(rest);
    case 'kubectl':
    case 'k':
      return kubectl(rest, catalogue, text);
    case 'diagnose':
    case 'diag':
    case 'check':
      return diagnose(rest, catalogue);
    default: {
      // `changes help`, `logs --help`: as other programs take it.
      if (rest.length === 1 && /^(help|--help|-h|\?)$/i.test(rest[0] ?? '')) return help([first], catalogue);
      const verb = SAME_VERB[first.toLowerCase()] ?? first.toLowerCase();
      const view = catalogue.views.find((one) => one.word === verb || one.also.includes(verb));
      if (isHandling(verb)) return parseHandling(verb, rest, text);
      if (verb === 'watch') return parseWatch(rest, { text, from: 'typed', catalogue });
      if (view !== undefined) {
        const look = parseLook(view, rest, { text, from: 'typed', catalogue });
        return look.is === 'symptom' ? diagnose(words, catalogue) : look;
      }
      return isChange(verb) ? parseChange(verb, rest, catalogue) : guess(words, catalogue, text);
    }
  }
}

/** "model-server", `eu`?, (model-server), eu-west-1: quotes and punctuation around a word are not part of it. */
function bare(word: string): string {
  const inner = word
    .replace(/^(["'`])(.*)\1([?!.,;:]*)$/, '$2')
    .replace(/^[([{<"'`]+(?=.)/, '')
    .replace(/[)\]}>"'`?!.,;:…]+$/, '');
  return inner === '' || inner === word ? inner : bare(inner);
}

function help(rest: readonly string[], { views }: Catalogue): Parsed {
  const word = rest.find((one) => !isFiller(one) && !/^(with|about|\/mlp)$/i.test(one))?.toLowerCase();
  if (word === undefined) return { is: 'help', about: null };
  const other = views.find((one) => one.also.includes(word))?.word ?? SAME_VERB[word] ?? SAME[word];
  const verb = VERBS.find((one) => one === (other ?? word)) ?? null;
  if (verb !== null) return { is: 'help', about: verb };
  const near = closest(word, VERBS);
  const there = `I know no command ${quoted(word)}. There are: ${VERBS.join(', ')}.`;
  return near === null
    ? unclear(there)
    : unclear(`${there} Did you mean ${near}?`, [{ label: `/mlp help ${near}`, command: `help ${near}` }]);
}
/** People type what they want done; these are only offered where they help. */
const OTHER_CHANGES = new Set(['resume', 'pause', 'drain']);
/** Other words for the same change, or for taking an incident: whoever acknowledges it leads. */
const SAME_VERB: Readonly<Record<string, 'rollback' | 'replace' | 'lead'>> = {
  'roll-back': 'rollback',
  evict: 'replace',
  ack: 'lead',
  acknowledge: 'lead',
};
/** Other words for the same. */
const SAME: Readonly<Record<string, Verb>> = {
  diag: 'diagnose',
  check: 'diagnose',
  kubectl: 'diagnose',
  handoff: 'handover',
  maint: 'maintenance',
  page: 'escalate',
  'on-call': 'oncall',
  not: 'why',
  all: 'stop',
};

/** No verb: words for a symptom, a service, or a slip of the finger. */
function guess(words: readonly string[], catalogue: Catalogue, text: string): Parsed {
  const first = (words[0] ?? '').toLowerCase();
  if (first === 'what' && /^happened$/i.test(words[1] ?? '')) return { is: 'show', incident: null };
  if (/^(what'?s|what|anything|is)$/.test(first))
    return diagnose(
      words.slice(1).filter((word) => !/^(is|anything|something|broken|wrong|down|up|happening)\??$/i.test(word)),
      catalogue,
    );
  if (first.startsWith('-')) return diagnose(words, catalogue);
  const verb = closest(first, VERBS);
  const meant = [verb, ...words.slice(1)].join(' ').slice(0, 200);
  if (verb !== null)
    return unclear(`I know no ${quoted(first)}. Did you mean \`/mlp ${verb}\`?`, [
      // What is pressed is what is read: "/mlp stop" that stops everything would be a trap.
      { label: `/mlp ${meant}`, command: meant },
    ]);
  if (OTHER_CHANGES.has(first)) return changes(first, words.slice(1), catalogue);
  const named = words.some(
    (word) => findRegion(word, catalogue) !== null || serviceOf(word, catalogue) !== null || isKindAndName(word),
  );
  if (named || symptomOf(text, catalogue.playbooks) !== null) return diagnose(words, catalogue);
  return unclear(
    `I do not understand ${quoted(text)}. Try \`/mlp diagnose model-server eu-west-1\`, \`/mlp status\` or \`/mlp help\`.`,
  );
}

function diagnose(words: readonly string[], catalogue: Catalogue): Parsed {
  const read = readTarget(words, catalogue);
  if (read.is === 'unclear') return read;
  const { region, namespace, names, left, other } = read;
  if (other !== null) return aroundOther(other, { region, namespace }, catalogue);
  const playbook =
    catalogue.playbooks.find((one) => left.includes(one.id))?.id ?? symptomOf(left.join(' '), catalogue.playbooks);
  const unknown = left.filter((word) => !catalogue.playbooks.some((one) => one.id === word));
  const name = names[0] ?? '';
  if (name !== '' || unknown.length === 0 || (playbook !== null && unknown.length > 1))
    return asDiagnose({ name, namespace, region, playbook }, catalogue);
  const [word] = unknown;
  const near = unknown.map((one) => closest(one, namesOf(catalogue))).find((one) => one !== null);
  const place = region === null ? '' : ` ${region}`;
  if (near !== undefined && near !== null)
    return unclear(`I know no ${quoted(unknown.join(' '))}. Did you mean ${near}?`, [
      { label: `diagnose ${near}`, command: `diagnose ${near}${place}` },
    ]);
  // A deployment that the config does not name may exist all the same; a mere word is asked about first.
  if (unknown.length === 1 && playbook === null && (namespace !== null || !/^[a-z]+$/.test(word ?? '')))
    return asDiagnose({ name: word ?? '', namespace, region, playbook }, catalogue);
  return playbook === null
    ? unclear(
        `I do not understand ${quoted(unknown.join(' '))}. Name one deployment: ${catalogue.services.map((one) => one.name).join(', ')}.`,
        unknown.length > 1 || !isName(word ?? '')
          ? []
          : [{ label: `deployment ${word}`, command: `diagnose deployment/${word}${place}` }],
      )
    : asDiagnose({ name, namespace, region, playbook }, catalogue);
}

function namesOf(catalogue: Catalogue): readonly string[] {
  return [
    ...catalogue.services.map((one) => one.name),
    ...catalogue.regions.flatMap((one) => [one.name, ...one.aliases]),
  ];
}
