import type { Diagnose, Unclear } from './command.ts';
import { findRegion } from './routing.ts';
import type { Catalogue } from './routing.ts';
import { closest } from './symptoms.ts';

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
]);

/** Kubernetes' own rules (RFC 1123): nothing else can be a name, and a playbook would not open it. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const POD = /^(.+)-[a-z0-9]{8,10}-[a-z0-9]{5}$/;

export interface TargetWords {
  readonly is: 'target';
  readonly region: string | null;
  readonly namespace: string | null;
  readonly names: readonly string[];
  readonly left: readonly string[];
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

/** `deploy/model-server`, `-n ml-platform`, `--context eu-west-1`, `--context=eu`, plain names: in any order. */
export function readTarget(words: readonly string[], catalogue: Catalogue): TargetWords | Unclear {
  const regions = new Set<string>();
  let namespace: string | null = null;
  const names: string[] = [];
  const left: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const flag = /^(--context|--region|-n|--namespace)(?:=(.*))?$/.exec(word);
    if (flag !== null) {
      const value = flag[2] ?? words[++index] ?? '';
      if (value === '')
        return unclear(`${quoted(word)} needs a value, for example \`${flag[1]} ${example(flag[1], catalogue)}\`.`);
      if (flag[1] === '-n' || flag[1] === '--namespace') namespace = value;
      else {
        const region = findRegion(value, catalogue);
        if (region === null) return unknownRegion(value, catalogue, 'diagnose');
        regions.add(region);
      }
      continue;
    }
    const place = findRegion(word, catalogue);
    const name = place === null ? nameIn(word, catalogue) : null;
    if (place !== null) regions.add(place);
    else if (name !== null) names.push(name);
    else if (!isFiller(word)) left.push(word.toLowerCase());
  }
  return oneOfEach({ regions: [...regions], namespace, names: [...new Set(names)], left }, catalogue);
}

function example(flag: string | undefined, catalogue: Catalogue): string {
  return flag === '-n' || flag === '--namespace' ? catalogue.defaultNamespace : (catalogue.regions[0]?.name ?? '');
}

/** One target, or a question: never a guess between two, and no word that looks like a region is passed over. */
function oneOfEach(
  read: {
    readonly regions: readonly string[];
    readonly namespace: string | null;
    readonly names: readonly string[];
    readonly left: readonly string[];
  },
  catalogue: Catalogue,
): TargetWords | Unclear {
  const { regions, namespace, names, left } = read;
  const [name, region] = [names[0] ?? '', regions[0] ?? ''];
  const said = (...words: readonly string[]): string => ['diagnose', ...words].filter((word) => word !== '').join(' ');
  if (names.length > 1)
    return unclear(
      `Which one? ${names.slice(0, 5).join(' or ')}.`,
      names.slice(0, 5).map((one) => ({ label: one, command: said(one, region) })),
    );
  if (regions.length > 1)
    return unclear(
      `Which region? ${regions.join(' or ')}. Without one I look at all.`,
      [...regions, ''].map((one) => ({ label: one === '' ? 'all regions' : one, command: said(name, one) })),
    );
  const astray = left.find(
    (word) => /^[a-z]{2}(-[a-z]+)+-\d+$/.test(word) || (name !== '' && word.length > 4 && nearRegion(word, catalogue)),
  );
  if (astray !== undefined && region === '') return unknownRegion(astray, catalogue, said(name));
  return { is: 'target', region: region === '' ? null : region, namespace, names, left };
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
  return { is: 'diagnose', playbook: playbook ?? (name === '' ? null : specific), region, namespace, name };
}
