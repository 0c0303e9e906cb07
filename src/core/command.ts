import { findRegion } from './routing.ts';
import type { Catalogue } from './routing.ts';
import { changes, kubectl } from './kubectl-line.ts';
import { closest, symptomOf } from './symptoms.ts';
import { asDiagnose, isFiller, quoted, readTarget, serviceOf, unclear, unknownRegion } from './target-words.ts';

/** The `/mlp` grammar: what a person typed, in any order, or a sentence that says what to type instead. Pure. */

export type Parsed =
  | Diagnose
  | { readonly is: 'status'; readonly region: string | null }
  | { readonly is: 'show'; readonly incident: number | null }
  | { readonly is: 'runs' }
  | { readonly is: 'why-not'; readonly remedy: string; readonly incident: number | null }
  | { readonly is: 'stop'; readonly what: 'all' | 'off' | number | null }
  | { readonly is: 'undo'; readonly incident: number | null }
  | { readonly is: 'playbooks' }
  | { readonly is: 'help' }
  | Unclear;
export interface Diagnose {
  readonly is: 'diagnose';
  /** Null: triage finds out. */
  readonly playbook: string | null;
  readonly region: string | null;
  readonly namespace: string;
  /** '' stands for the whole namespace. */
  readonly name: string;
}
export interface Unclear {
  readonly is: 'unclear';
  /** What is wrong and what to type. */
  readonly because: string;
  /** Offered as buttons: label and the command that it stands for. */
  readonly choices: readonly { readonly label: string; readonly command: string }[];
}

export const VERBS = ['diagnose', 'status', 'show', 'runs', 'why', 'stop', 'undo', 'playbooks', 'help'] as const;
/** People type what they want done; it is never done by a command. */
const CHANGES = new Set(['restart', 'rollback', 'resume', 'pause', 'scale']);
const LIMIT = 500;

/** Control characters and invisible direction marks are not part of what anybody means. */
const INVISIBLE = /[\p{Cc}\p{Cf}]+/gu;

export function parseCommand(raw: string, catalogue: Catalogue): Parsed {
  if (raw.length > LIMIT)
    return unclear(`That is ${raw.length} characters; a command has at most ${LIMIT}. Try \`/mlp help\`.`);
  const text = raw.normalize('NFKC').replace(INVISIBLE, ' ').replace(/[“”]/g, '"').replace(/[‘’]/g, "'").trim();
  const words = text
    .split(/\s+/)
    .map(unquoted)
    .filter((word) => word !== '');
  const [first, ...rest] = words;
  if (first === undefined) return { is: 'help' };
  switch (first.toLowerCase()) {
    case 'help':
    case '-h':
    case '--help':
    case '?':
      return { is: 'help' };
    case 'status':
      return status(rest, catalogue);
    case 'show':
      return rest[0] === undefined
        ? { is: 'show', incident: null }
        : withIncident(rest[0], (incident) => ({ is: 'show', incident }));
    case 'runs':
    case 'incidents':
      return { is: 'runs' };
    case 'why':
      return whyNot(rest);
    case 'stop':
      return stop(rest[0]);
    case 'undo':
      return rest[0] === undefined
        ? { is: 'undo', incident: null }
        : withIncident(rest[0], (incident) => ({ is: 'undo', incident }));
    case 'playbooks':
      return { is: 'playbooks' };
    case 'kubectl':
    case 'k':
      return kubectl(rest, catalogue);
    case 'diagnose':
    case 'diag':
    case 'check':
      return diagnose(rest, catalogue);
    default:
      return guess(words, catalogue, text);
  }
}

/** "model-server", 'model-server', `model-server`: the quotes are not part of the name. */
function unquoted(word: string): string {
  return /^(["'`])(.*)\1$/.exec(word)?.[2] ?? word;
}

function status(rest: readonly string[], catalogue: Catalogue): Parsed {
  const word = rest.find((one) => !isFiller(one));
  if (word === undefined) return { is: 'status', region: null };
  const region = findRegion(word, catalogue);
  return region === null ? unknownRegion(word, catalogue, 'status') : { is: 'status', region };
}

function withIncident(word: string, make: (incident: number) => Parsed): Parsed {
  const match = /^#?(?:inc-?)?(\d{1,9})$/i.exec(word);
  return match?.[1] === undefined
    ? unclear(`${quoted(word)} is no incident: write \`INC-214\`.`)
    : make(Number(match[1]));
}

function whyNot(rest: readonly string[]): Parsed {
  const [not, ...words] = rest;
  const remedy = not?.toLowerCase() === 'not' ? words : rest;
  const incident = remedy.find((word) => /^#?inc-?\d+$/i.test(word));
  const name = remedy
    .filter((word) => word !== incident)
    .join('-')
    .toLowerCase();
  if (name === '') return unclear('Which remedy? For example `/mlp why not rollback INC-214`.');
  return incident === undefined
    ? { is: 'why-not', remedy: name, incident: null }
    : withIncident(incident, (number) => ({ is: 'why-not', remedy: name, incident: number }));
}

function stop(word: string | undefined): Parsed {
  if (word === undefined) return { is: 'stop', what: null };
  if (/^(all|everything)$/i.test(word)) return { is: 'stop', what: 'all' };
  if (/^off$/i.test(word)) return { is: 'stop', what: 'off' };
  const parsed = withIncident(word, (incident) => ({ is: 'show', incident }));
  return parsed.is === 'show'
    ? { is: 'stop', what: parsed.incident }
    : unclear(
        `Stop what? \`/mlp stop INC-214\` ends one incident's runs, \`/mlp stop all\` stops every change, \`/mlp stop off\` lifts that.`,
      );
}

/** No verb: words for a symptom, a service, or a slip of the finger. */
function guess(words: readonly string[], catalogue: Catalogue, text: string): Parsed {
  const first = (words[0] ?? '').toLowerCase();
  if (/^(what'?s|what|anything|is)$/.test(first))
    return diagnose(
      words.slice(1).filter((word) => !/^(is|anything|something|broken|wrong|down|up|happening)\??$/i.test(word)),
      catalogue,
    );
  const verb = closest(first, VERBS);
  if (verb !== null)
    return unclear(`I know no ${quoted(first)}. Did you mean \`/mlp ${verb}\`?`, [
      { label: `/mlp ${verb}`, command: [verb, ...words.slice(1)].join(' ').slice(0, 200) },
    ]);
  if (CHANGES.has(first)) return changes(first, words.slice(1), catalogue);
  const named = words.some(
    (word) =>
      findRegion(word, catalogue) !== null ||
      serviceOf(word, catalogue) !== null ||
      /^(deploy|deployment|pod)s?\//i.test(word),
  );
  if (named || symptomOf(text, catalogue.playbooks) !== null) return diagnose(words, catalogue);
  return unclear(
    `I do not understand ${quoted(text)}. Try \`/mlp diagnose model-server eu-west-1\`, \`/mlp status\` or \`/mlp help\`.`,
  );
}

function diagnose(words: readonly string[], catalogue: Catalogue): Parsed {
  const read = readTarget(words, catalogue);
  if (read.is === 'unclear') return read;
  const { region, namespace, names, left } = read;
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
  // A deployment that the config does not name may exist all the same.
  if (unknown.length === 1 && playbook === null)
    return asDiagnose({ name: word ?? '', namespace, region, playbook }, catalogue);
  return playbook === null
    ? unclear(
        `I do not understand ${quoted(unknown.join(' '))}. Name one deployment: ${catalogue.services.map((one) => one.name).join(', ')}.`,
      )
    : asDiagnose({ name, namespace, region, playbook }, catalogue);
}

function namesOf(catalogue: Catalogue): readonly string[] {
  return [
    ...catalogue.services.map((one) => one.name),
    ...catalogue.regions.flatMap((one) => [one.name, ...one.aliases]),
  ];
}
