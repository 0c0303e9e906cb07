import { findRegion } from './routing.ts';
import type { Catalogue } from './routing.ts';
import { closest, symptomOf } from './symptoms.ts';
import { kubectl } from './kubectl-line.ts';

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
const FILLERS = new Set([
  'the',
  'a',
  'in',
  'on',
  'at',
  'for',
  'of',
  'is',
  'please',
  'everything',
  'me',
  'my',
  'our',
  'region',
  'deployment',
  'deploy',
  'service',
]);
const LIMIT = 500;

/** Control characters and invisible direction marks are not part of what anybody means. */
const INVISIBLE = /[\p{Cc}\p{Cf}]+/gu;

export function parseCommand(raw: string, catalogue: Catalogue): Parsed {
  if (raw.length > LIMIT)
    return unclear(`That is ${raw.length} characters; a command has at most ${LIMIT}. Try \`/mlp help\`.`);
  const text = raw.normalize('NFKC').replace(INVISIBLE, ' ').replace(/[“”]/g, '"').trim();
  const words = text.split(/\s+/).filter((word) => word !== '');
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

export function unclear(because: string, choices: Unclear['choices'] = []): Unclear {
  return { is: 'unclear', because, choices };
}

function status(rest: readonly string[], catalogue: Catalogue): Parsed {
  const word = rest.find((one) => !FILLERS.has(one.toLowerCase()));
  if (word === undefined) return { is: 'status', region: null };
  const region = findRegion(word, catalogue);
  return region === null ? unknownRegion(word, catalogue, 'status') : { is: 'status', region };
}

function unknownRegion(word: string, catalogue: Catalogue, verb: string): Unclear {
  const names = catalogue.regions.map((one) => one.name);
  const near = closest(word, names);
  return unclear(
    `I know no region \`${word.slice(0, 60)}\`. Regions: ${names.join(', ')}.`,
    near === null ? [] : [{ label: `${verb} ${near}`, command: `${verb} ${near}` }],
  );
}

function withIncident(word: string, make: (incident: number) => Parsed): Parsed {
  const match = /^#?(?:inc-?)?(\d{1,9})$/i.exec(word);
  return match?.[1] === undefined
    ? unclear(`\`${word.slice(0, 60)}\` is no incident: write \`INC-214\`.`)
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
  if (/^(what'?s|what|anything)$/.test(first))
    return diagnose(
      words.slice(1).filter((word) => !/^(is|broken|wrong|down|up|happening)\??$/i.test(word)),
      catalogue,
    );
  const verb = closest(first, VERBS);
  if (verb !== null)
    return unclear(`I know no \`${first.slice(0, 60)}\`. Did you mean \`/mlp ${verb}\`?`, [
      { label: `/mlp ${verb}`, command: [verb, ...words.slice(1)].join(' ').slice(0, 200) },
    ]);
  const named = words.some((word) => findRegion(word, catalogue) !== null || serviceOf(word, catalogue) !== null);
  if (named || symptomOf(text, catalogue.playbooks) !== null) return diagnose(words, catalogue);
  return unclear(
    `I do not understand \`${text.slice(0, 80)}\`. Try \`/mlp diagnose model-server eu-west-1\`, \`/mlp status\` or \`/mlp help\`.`,
  );
}

function diagnose(words: readonly string[], catalogue: Catalogue): Parsed {
  const read = readTarget(words, catalogue);
  if (read.is === 'unclear') return read;
  const { region, namespace, names, left } = read;
  if (names.length > 1) {
    return unclear(
      `Which one? ${names.join(' or ')}.`,
      names.slice(0, 5).map((name) => ({ label: name, command: ['diagnose', name, region ?? ''].join(' ').trim() })),
    );
  }
  const playbook =
    catalogue.playbooks.find((one) => left.includes(one.id))?.id ?? symptomOf(left.join(' '), catalogue.playbooks);
  const unknown = left.find((word) => !catalogue.playbooks.some((one) => one.id === word));
  const name = names[0] ?? '';
  if (name === '' && playbook === null && unknown !== undefined && left.length === 1)
    return unknownTarget(unknown, namespace, region, catalogue);
  const service = catalogue.services.find((one) => one.name === name);
  return {
    is: 'diagnose',
    playbook: playbook ?? (name === '' ? null : specific(catalogue)),
    region,
    namespace: namespace ?? service?.namespace ?? catalogue.defaultNamespace,
    name,
  };
}

/** A deployment that was named is looked at closely; the whole namespace is triaged. */
function specific(catalogue: Catalogue): string | null {
  return catalogue.playbooks.some((one) => one.id === 'rollout-stuck') ? 'rollout-stuck' : null;
}

function unknownTarget(word: string, namespace: string | null, region: string | null, catalogue: Catalogue): Parsed {
  const near = closest(word, [
    ...catalogue.services.map((one) => one.name),
    ...catalogue.regions.flatMap((one) => [one.name, ...one.aliases]),
  ]);
  const place = region === null ? '' : ` ${region}`;
  if (near !== null)
    return unclear(`I know no \`${word.slice(0, 60)}\`. Did you mean ${near}?`, [
      { label: `diagnose ${near}`, command: `diagnose ${near}${place}` },
    ]);
  // A deployment that the config does not name may exist all the same.
  if (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(word))
    return {
      is: 'diagnose',
      playbook: specific(catalogue),
      region,
      namespace: namespace ?? catalogue.defaultNamespace,
      name: word,
    };
  return unclear(
    `\`${word.slice(0, 60)}\` is no name that Kubernetes allows. Services: ${catalogue.services.map((one) => one.name).join(', ')}.`,
  );
}

interface TargetWords {
  readonly is: 'target';
  readonly region: string | null;
  readonly namespace: string | null;
  readonly names: readonly string[];
  readonly left: readonly string[];
}

/** `deploy/model-server`, `-n ml-platform`, `--context eu-west-1`, `--context=eu`, plain names: in any order. */
export function readTarget(words: readonly string[], catalogue: Catalogue): TargetWords | Unclear {
  let region: string | null = null;
  let namespace: string | null = null;
  const names: string[] = [];
  const left: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const flag = /^(--context|--region|-n|--namespace)(?:=(.*))?$/.exec(word);
    if (flag !== null) {
      const value = flag[2] ?? words[++index] ?? '';
      if (flag[1] === '-n' || flag[1] === '--namespace') namespace = value;
      else region = findRegion(value, catalogue) ?? '';
      if (region === '') return unknownRegion(value, catalogue, 'diagnose');
      continue;
    }
    const kind = /^(?:deploy|deployment|deployments|deployment\.apps)\/(.+)$/i.exec(word);
    const place = kind === null ? findRegion(word, catalogue) : null;
    if (place !== null) region = place;
    else if (kind?.[1] !== undefined) names.push(kind[1]);
    else if (serviceOf(word, catalogue) !== null) names.push(serviceOf(word, catalogue) ?? word);
    else if (!FILLERS.has(word.toLowerCase())) left.push(word.toLowerCase());
  }
  return { is: 'target', region, namespace, names: [...new Set(names)], left };
}

function serviceOf(word: string, catalogue: Catalogue): string | null {
  return catalogue.services.find((one) => one.name.toLowerCase() === word.toLowerCase())?.name ?? null;
}
