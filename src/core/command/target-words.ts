import type { Diagnose, Unclear } from './command.ts';
import { findRegion } from '../routing.ts';
import type { Catalogue } from '../routing.ts';
import { closest, symptomOf } from '../symptoms.ts';

/** Region, namespace and names out of what was typed, in any order, with the habits of kubectl. Pure. */

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
  'to',
  'now',
  'asap',
]);

/** Kubernetes' own rules (RFC 1123): nothing else can be a name, and a playbook would not open it. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
export function isName(text: string): boolean {
  return NAME.test(text);
}
export function isNamespace(text: string): boolean {
  return NAMESPACE.test(text);
}
const POD = /^(.+)-[a-z0-9]{8,10}-[a-z0-9]{5}$/;

export interface TargetWords {
  readonly is: 'target';
  readonly region: string | null;
  readonly namespace: string | null;
  readonly names: readonly string[];
  readonly left: readonly string[];
  /** `statefulset/postgres`: a kind that no playbook opens; null: none was named. */
  readonly other: string | null;
}

/** Kinds whose pods are seen and nothing more, by all the names that kubectl takes. */
const OTHER: Readonly<Record<string, string>> = {
  statefulset: 'statefulset',
  sts: 'statefulset',
  daemonset: 'daemonset',
  ds: 'daemonset',
  cronjob: 'cronjob',
  cj: 'cronjob',
  job: 'job',
};
const KIND_AND_NAME = /^([a-z]+)(?:\.(?:apps|batch))?\/(.+)$/i;

/** `statefulset/postgres` for `sts/postgres`, `statefulsets.apps/postgres`; null for what is none of them. */
function otherIn(word: string): string | null {
  const [, kind, name] = KIND_AND_NAME.exec(word) ?? [];
  const other = kind === undefined ? null : otherKind(kind);
  return other === null || name === undefined ? null : `${other}/${name.toLowerCase()}`;
}
export function otherKind(word: string): string | null {
  const lower = word.toLowerCase().replace(/\.(apps|batch)$/, '');
  return OTHER[lower] ?? OTHER[lower.replace(/s$/, '')] ?? null;
}
export function isKindAndName(word: string): boolean {
  return /^(deploy|deployment|pod)s?\//i.test(word) || otherIn(word) !== null;
}

export function unclear(because: string, choices: Unclear['choices'] = []): Unclear {
  return { is: 'unclear', because, choices };
}

/** What was typed, as code: short, and its own quotes cannot end ours. */
export function quoted(text: string): string {
  return `\`${text.slice(0, 60).toWellFormed().replaceAll('`', "'")}\``;
}

export function isFiller(word: string): boolean {
  return FILLERS.has(word.toLowerCase());
}

export function unknownRegion(word: string, catalogue: Catalogue, command: string): Unclear {
  const near = closest(
    word,
    catalogue.regions.map((one) => one.name),
  );
  return unclear(
    `I know no region ${quoted(word)}. Regions: ${catalogue.regions.map((one) => one.name).join(', ')}.`,
    near === null ? [] : [{ label: `${command} ${near}`, command: `${command} ${near}` }],
  );
}

export function unknownFlag(word: string): Unclear {
  const flag = word.replace(/=.*$/s, '');
  return unclear(
    `I know no flag ${quoted(flag)}. I take \`-n <namespace>\`, \`-A\`, \`-l app=<deployment>\` and \`--context <region>\`; the rest is said in plain words.`,
  );
}

/** `deploy/model-server`, `-n ml-platform`, `-A`, `--context eu-west-1`, `--context=eu`, plain names: in any order. */
export function readTarget(words: readonly string[], catalogue: Catalogue): TargetWords | Unclear {
  const read: Read = {
    regions: new Set(),
    namespaces: new Set(),
    all: false,
    names: new Set(),
    others: new Set(),
    left: [],
    after: null,
  };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (/^(-A|--all-namespaces)(=true)?$/.test(word)) {
      read.all = true;
      continue;
    }
    const flag = /^(--context|--region|-n|--namespace|-l|--selector)(?:=(.*))?$/.exec(word);
    if (flag !== null) {
      const value = flag[2] ?? words[++index] ?? '';
      const wrong = readFlag(read, flag[1] ?? '', value, catalogue);
      if (wrong !== null) return wrong;
      continue;
    }
    if (/^-./.test(word)) return unknownFlag(word);
    const next = words[index + 1] ?? '';
    const place = findRegion(word, catalogue);
    const name = place === null ? nameIn(word, catalogue) : null;
    const other = otherIn(word) ?? otherBefore(word, next, catalogue);
    if (other !== null) {
      read.others.add(other);
      if (!word.includes('/')) index++;
    } else if (place !== null) read.regions.add(place);
    else if (name !== null) read.names.add(name);
    else if (!isFiller(word)) {
      read.left.push(word.toLowerCase());
      if (/^in$/i.test(words[index - 1] ?? '')) read.after = word;
    }
  }
  return oneOfEach(read, catalogue);
}

interface Read {
  readonly regions: Set<string>;
  readonly namespaces: Set<string>;
  all: boolean;
  readonly names: Set<string>;
  readonly others: Set<string>;
  readonly left: string[];
  /** What came after "in" and is not known. */
  after: string | null;
}

/** Null: taken. */
function readFlag(read: Read, flag: string, value: string, catalogue: Catalogue): Unclear | null {
  if (value === '')
    return unclear(`${quoted(flag)} needs a value, for example \`${flag} ${example(flag, catalogue)}\`.`);
  if (flag === '-n' || flag === '--namespace') read.namespaces.add(value);
  else if (flag === '-l' || flag === '--selector') {
    const name = /(?:^|,)(?:app|app\.kubernetes\.io\/name)==?([^,]+)/.exec(value)?.[1];
    if (name === undefined)
      return unclear(
        `Of labels I take only the app: ${quoted('-l app=model-server')}, or the name of the deployment itself.`,
      );
    read.names.add(serviceOf(name, catalogue) ?? name);
  } else {
    const region = findRegion(value, catalogue);
    if (region === null) return unknownRegion(value, catalogue, 'diagnose');
    read.regions.add(region);
  }
  return null;
}

/** `statefulset postgres`; a job may be meant as a word like any other. */
function otherBefore(word: string, next: string, catalogue: Catalogue): string | null {
  const kind = /^jobs?$/i.test(word) ? null : otherKind(word);
  if (kind === null || next === '' || next.startsWith('-') || isFiller(next) || findRegion(next, catalogue) !== null)
    return null;
  return `${kind}/${next.toLowerCase()}`;
}

function example(flag: string | undefined, catalogue: Catalogue): string {
  if (flag === '-n' || flag === '--namespace') return catalogue.defaultNamespace;
  if (flag === '-l' || flag === '--selector') return `app=${catalogue.services[0]?.name ?? 'model-server'}`;
  return catalogue.regions[0]?.name ?? '';
}

/** One target, or a question: never a guess between two, and no word that looks like a region is passed over. */
function oneOfEach(read: Read, catalogue: Catalogue): TargetWords | Unclear {
  const { left } = read;
  const [regions, names, others] = [[...read.regions], [...read.names], [...read.others]];
  const [name, region, other = null] = [names[0] ?? '', regions[0] ?? '', others[0]];
  const said = (...words: readonly string[]): string => ['diagnose', ...words].filter((word) => word !== '').join(' ');
  const what = other ?? name;
  if (names.length + others.length > 1)
    return unclear(
      `Which one? ${[...names, ...others].slice(0, 5).join(' or ')}.`,
      [...names, ...others].slice(0, 5).map((one) => ({ label: one, command: said(one, region) })),
    );
  const namespaces = namespacesOf(read, name, catalogue);
  const [namespace = null] = namespaces;
  if (namespaces.length > 1)
    return unclear(
      `In which namespace? I look at one at a time: ${namespaces.slice(0, 5).join(' or ').replaceAll('`', "'")}.`,
      namespaces.slice(0, 5).map((one) => ({ label: one, command: said(what, region, `-n ${one}`) })),
    );
  if (regions.length > 1)
    return unclear(
      `Which region? ${regions.join(' or ')}. Without one I look at all.`,
      [...regions, ''].map((one) => ({ label: one === '' ? 'all regions' : one, command: said(what, one) })),
    );
  const astray = left.find(
    (word) => /^[a-z]{2}(-[a-z]+)+-\d+$/.test(word) || (name !== '' && word.length > 4 && nearRegion(word, catalogue)),
  );
  if (astray !== undefined && region === '') return unknownRegion(astray, catalogue, said(name));
  // Somebody meant a place by it.
  const meant =
    name !== '' && region === '' && read.after !== null && symptomOf(left.join(' '), catalogue.playbooks) === null;
  if (meant && read.after !== null) return unknownRegion(read.after, catalogue, said(name));
  return { is: 'target', region: region === '' ? null : region, namespace, names, left, other };
}

/** Those that were named; with `-A` those of the config where it may be. */
function namespacesOf(read: Read, name: string, catalogue: Catalogue): readonly string[] {
  if (!read.all) return [...read.namespaces];
  const of = catalogue.services.filter((one) => one.name === name);
  const known = (of.length === 0 ? catalogue.services : of).map((one) => one.namespace);
  const all = of.length === 0 ? [catalogue.defaultNamespace, ...known] : known;
  return [...new Set([...read.namespaces, ...all])];
}

function nearRegion(word: string, catalogue: Catalogue): boolean {
  return (
    closest(
      word,
      catalogue.regions.flatMap((one) => [one.name, ...one.aliases]),
    ) !== null
  );
}

/** `deploy/x`, `pod/x-5d8c7b9f4-x2x7k`, a pod's name, a service of the config. */
function nameIn(word: string, catalogue: Catalogue): string | null {
  const [, kind, rest] = /^(deploys?|deployments?|deployment\.apps|pods?|po|svc|services?)\/(.+)$/i.exec(word) ?? [];
  const bare = rest ?? word;
  const known = serviceOf(bare, catalogue);
  if (known !== null) return known;
  const ofPod = POD.exec(bare.toLowerCase())?.[1];
  if (ofPod !== undefined) return ofPod;
  return kind === undefined ? null : bare;
}

export function serviceOf(word: string, catalogue: Catalogue): string | null {
  return catalogue.services.find((one) => one.name.toLowerCase() === word.toLowerCase())?.name ?? null;
}

/** A deployment that was named is looked at closely; the whole namespace is triaged. */
export function asDiagnose(
  wanted: {
    readonly name: string;
    readonly namespace: string | null;
    readonly region: string | null;
    readonly playbook: string | null;
  },
  catalogue: Catalogue,
): Diagnose | Unclear {
  const { name, region, playbook } = wanted;
  const service = catalogue.services.find((one) => one.name === name);
  const namespace = wanted.namespace ?? service?.namespace ?? catalogue.defaultNamespace;
  const wrong = name !== '' && !NAME.test(name) ? name : NAMESPACE.test(namespace) ? null : namespace;
  if (wrong !== null)
    return unclear(
      `${quoted(wrong)} is no name that Kubernetes allows. Services: ${catalogue.services.map((one) => one.name).join(', ')}.`,
    );
  const specific = catalogue.playbooks.some((one) => one.id === 'rollout-stuck') ? 'rollout-stuck' : null;
  return { is: 'diagnose', playbook: playbook ?? (name === '' ? null : specific), region, namespace, name, note: null };
}

/** What is wrong around it is looked at; what it is itself is said not to be. */
export function aroundOther(
  other: string,
  where: { readonly region: string | null; readonly namespace: string | null },
  catalogue: Catalogue,
): Diagnose | Unclear {
  const name = other.slice(other.indexOf('/') + 1);
  if (!NAME.test(name)) return asDiagnose({ name, playbook: null, ...where }, catalogue);
  const around = asDiagnose({ name: '', playbook: null, ...where }, catalogue);
  if (around.is === 'unclear') return around;
  const note = `I look fully into Deployments only. Of ${quoted(other)} I see its pods and events: I look at everything in ${quoted(around.namespace)} that is not as it should be.`;
  return { ...around, note };
}
