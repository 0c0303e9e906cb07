import type { Parsed } from './command.ts';
import type { Json } from './json.ts';
import { CHANGE, CHANGE_NODE, findRegion } from './routing.ts';
import type { Catalogue } from './routing.ts';
import { closest } from './symptoms.ts';
import { isFiller, isName, isNamespace, quoted, readTarget, unclear, unknownFlag } from './target-words.ts';

/** `/mlp scale model-server eu-west-1 14` and its like: what is to be changed, of what, and where. The target is always named, and so is each region. Pure. */

export const CHANGES = ['restart', 'rollback', 'scale', 'bounds', 'set', 'replace', 'cordon', 'uncordon'] as const;
export type ChangeVerb = (typeof CHANGES)[number];

export interface ChangeWanted {
  readonly is: 'change';
  readonly playbook: string;
  readonly remedies: readonly string[];
  readonly details: { readonly [key: string]: Json };
  /** "scale model-server to 14". */
  readonly title: string;
  readonly namespace: string;
  readonly name: string;
  /** At least one, in the order in which they were named. */
  readonly regions: readonly string[];
}
/** `/mlp set` without a value: a form asks what. */
export interface SetForm {
  readonly is: 'set-form';
  readonly namespace: string;
  readonly name: string;
  readonly region: string;
}
/** Everything is clear but where. */
export interface RegionWanted {
  readonly is: 'region-form';
  /** With `{region}` where the region belongs. */
  readonly command: string;
  readonly title: string;
}

type What =
  | { readonly remedies: readonly string[]; readonly details: { readonly [key: string]: Json }; readonly says: string }
  | { readonly wrong: string };

const USAGE: Readonly<Record<ChangeVerb, string>> = {
  restart: 'restart <deployment> <region>',
  rollback: 'rollback <deployment> <region> [to <revision>]',
  scale: 'scale <deployment> <region> <replicas>',
  bounds: 'bounds <deployment> <region> min=<replicas> max=<replicas>',
  set: 'set <deployment> <region> [cpu=4 | memory=16Gi | gpu=2 | <VARIABLE>=<value>]',
  replace: 'replace <pod> <region>',
  cordon: 'cordon <node> <region>',
  uncordon: 'uncordon <node> <region>',
};
export function usageOf(verb: ChangeVerb): string {
  return USAGE[verb];
}

interface Read {
  readonly regions: readonly string[];
  /** Flags and words with a value: "replicas" → "14". */
  readonly values: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

export function parseChange(verb: ChangeVerb, words: readonly string[], catalogue: Catalogue): Parsed {
  const read = take(words, catalogue);
  if ('is' in read) return read;
  if (verb === 'cordon' || verb === 'uncordon') return nodeChange(verb, read, catalogue);
  if (verb === 'replace') return podChange(read, catalogue);
  const numbers = read.rest.filter((word) => /^[+-]?\d+x?$/.test(word));
  const target = targetOf(verb, { ...read, rest: read.rest.filter((word) => !numbers.includes(word)) }, catalogue);
  if ('is' in target) return target;
  const { name, namespace } = target;
  if (verb === 'set' && read.values.size === 0) return setForm(target, read, catalogue);
  const what = whatOf(verb, { read, numbers, name, catalogue });
  if ('wrong' in what) return unclear(`${what.wrong} Write \`/mlp ${USAGE[verb]}\`.`);
  const again = [verb, name, '{region}', ...spaceOf(namespace, name, catalogue), ...numbers, ...valuesText(read)];
  return placed({ ...what, playbook: CHANGE, name, namespace, again, regions: read.regions }, catalogue);
}

/** Flags that take the next word, by all their names, and what they are called here. */
const FLAGS: Readonly<Record<string, string>> = {
  '--replicas': 'replicas',
  '--to-revision': 'to',
  '--to': 'to',
  '-c': 'container',
  '--container': 'container',
  '--containers': 'container',
  '--limits': 'limits',
  '--requests': 'requests',
  '--min': 'min',
  '--max': 'max',
};
/** Those that change nothing of what is meant. */
const IDLE = /^--(record|overwrite|local)(=.*)?$/;

function take(words: readonly string[], catalogue: Catalogue): Read | Extract<Parsed, { is: 'unclear' }> {
  const regions: string[] = [];
  const values = new Map<string, string>();
  const rest: string[] = [];
  const place = (word: string): boolean => {
    const found = word.split(',').map((one) => findRegion(one, catalogue));
    if (found.length === 0 || found.some((one) => one === null)) return false;
    for (const one of found) if (one !== null && !regions.includes(one)) regions.push(one);
    return true;
  };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [, flag = '', inline] = /^(--?[a-z][a-z-]*)(?:=(.*))?$/i.exec(word) ?? [];
    const known = FLAGS[flag];
    if (known !== undefined || flag === '--context' || flag === '--region') {
      const value = inline ?? words[++index] ?? '';
      if (value === '') return unclear(`${quoted(flag)} needs a value.`);
      if (known !== undefined) values.set(known, value);
      else if (!place(value)) return unclear(`I know no region ${quoted(value)}. Regions: ${names(catalogue)}.`);
    } else if (word.startsWith('--dry-run')) {
      return unclear('Every change is shown first, with the server’s own dry run: leave out `--dry-run`.');
    } else if (IDLE.test(word)) continue;
    else if (word.startsWith('-') && !/^(-n|--namespace)(=|$)/.test(word)) return unknownFlag(word);
    else if (/^[a-z_][\w.-]*=/i.test(word)) {
      const at = word.indexOf('=');
      if (at < word.length - 1) values.set(word.slice(0, at), word.slice(at + 1));
    } else if (place(word)) continue;
    else rest.push(word);
  }
  return { regions, values, rest };
}

function targetOf(
  verb: ChangeVerb,
  read: Read,
  catalogue: Catalogue,
): { readonly name: string; readonly namespace: string } | Extract<Parsed, { is: 'unclear' }> {
  const words = read.rest.filter((word) => !/^(to|revision|replicas?|version)$/i.test(word));
  const found = readTarget(words, catalogue);
  if (found.is === 'unclear') return found;
  if (found.other !== null) return unclear(`I change Deployments only, not ${quoted(found.other)}.`);
  const left = found.left.filter((word) => word !== found.names[0]);
  const [first, ...more] = found.names.length > 0 ? [found.names[0], ...left] : left;
  const near = first === undefined || found.names.length > 0 ? null : closest(first, known(catalogue));
  const rest = [...read.regions, ...valuesText(read)].join(' ');
  if (near !== null)
    return unclear(`I know no ${quoted(first ?? '')}. Did you mean ${near}?`, [
      { label: `/mlp ${verb} ${near}`, command: `${verb} ${near} ${rest}`.trim() },
    ]);
  if (first === undefined)
    return unclear(`Which deployment? Write \`/mlp ${USAGE[verb]}\`. Deployments: ${known(catalogue).join(', ')}.`);
  if (more.length > 0) return unclear(`I do not understand ${quoted(more.join(' '))}. Write \`/mlp ${USAGE[verb]}\`.`);
  const service = catalogue.services.find((one) => one.name === first);
  const namespace = found.namespace ?? service?.namespace ?? catalogue.defaultNamespace;
  if (!isName(first) || !isNamespace(namespace))
    return unclear(`${quoted(isName(first) ? namespace : first)} is no name that Kubernetes allows.`);
  return { name: first, namespace };
}

interface Wanted {
  readonly read: Read;
  readonly numbers: readonly string[];
  readonly name: string;
  readonly catalogue: Catalogue;
}

function whatOf(verb: ChangeVerb, wanted: Wanted): What {
  const { read, numbers, name } = wanted;
  switch (verb) {
    case 'restart':
      return numbers.length + read.values.size > 0
        ? { wrong: 'A restart takes no number.' }
        : { remedies: ['restart'], details: {}, says: `restart ${name}` };
    case 'rollback':
      return rollbackOf(wanted);
    case 'scale':
      return scaleOf(wanted);
    case 'bounds':
      return boundsOf(wanted);
    default:
      return setOf(wanted);
  }
}

function whole(text: string | undefined, most: number): number | null {
  return text !== undefined && /^\d{1,6}$/.test(text) && Number(text) <= most ? Number(text) : null;
}

function scaleOf({ read, numbers, name }: Wanted): What {
  const others = [...read.values.keys()].filter((key) => key !== 'replicas');
  if (others.length > 0) return { wrong: `I do not understand ${quoted(others.join(' '))}.` };
  const given = [...numbers, ...(read.values.has('replicas') ? [read.values.get('replicas') ?? ''] : [])];
  const replicas = given.length === 1 ? whole(given[0], 1_000) : null;
  return replicas === null
    ? { wrong: given.length === 0 ? 'To how many replicas?' : 'One whole number of replicas, at most 1000.' }
    : { remedies: ['scale'], details: { replicas }, says: `scale ${name} to ${replicas}` };
}

function rollbackOf({ read, numbers, name }: Wanted): What {
  const others = [...read.values.keys()].filter((key) => key !== 'to' && key !== 'revision');
  if (others.length > 0) return { wrong: `I do not understand ${quoted(others.join(' '))}.` };
  const given = [...numbers, ...['to', 'revision'].flatMap((key) => read.values.get(key) ?? [])];
  if (given.length === 0 || given[0] === '0') return { remedies: ['rollback'], details: {}, says: `roll back ${name}` };
  const to = given.length === 1 ? whole(given[0], 999_999) : null;
  return to === null
    ? { wrong: 'One revision, by its number in `kubectl rollout history`.' }
    : { remedies: ['rollback'], details: { to }, says: `roll back ${name} to revision ${to}` };
}

function boundsOf({ read, name }: Wanted): What {
  const others = [...read.values.keys()].filter((key) => key !== 'min' && key !== 'max');
  if (others.length > 0) return { wrong: `I do not understand ${quoted(others.join(' '))}.` };
  const [min, max] = (['min', 'max'] as const).map((key) => read.values.get(key));
  if (min === undefined && max === undefined) return { wrong: 'Which bounds?' };
  const details = {
    ...(min === undefined ? {} : { min: whole(min, 1_000) }),
    ...(max === undefined ? {} : { max: whole(max, 1_000) }),
  };
  if (Object.values(details).includes(null)) return { wrong: 'Whole numbers of replicas, at most 1000.' };
  const says = Object.entries(details).map(([key, value]) => `${key} ${String(value)}`);
  return {
    remedies: ['autoscaler-bounds', 'scaled-object-bounds'],
    details,
    says: `set the autoscaler of ${name} to ${says.join(', ')}`,
  };
}

const RESOURCES: Readonly<Record<string, { readonly remedy: string; readonly word: string }>> = {
  cpu: { remedy: 'set-cpu', word: 'CPU' },
  memory: { remedy: 'set-memory', word: 'memory' },
  mem: { remedy: 'set-memory', word: 'memory' },
  gpu: { remedy: 'set-gpu', word: 'GPUs' },
  gpus: { remedy: 'set-gpu', word: 'GPUs' },
  'nvidia.com/gpu': { remedy: 'set-gpu', word: 'GPUs' },
};

/** One thing at a time, so that what helped, and what hurt, can be told. */
function setOf({ read, name, catalogue }: Wanted): What {
  const container = read.values.get('container');
  const of = container === undefined ? {} : { container };
  const amounts = limitsOf(read.values);
  if ('wrong' in amounts) return amounts;
  const others = [...read.values].filter(([key]) => !/^(container|request|limits|requests)$/.test(key));
  const [first, ...more] = [...amounts.given, ...others];
  if (first === undefined) return { wrong: 'Which resource or variable?' };
  if (more.length > 0) return { wrong: 'One thing at a time, so that it can be told what helped.' };
  const [key, value] = first;
  const resource = RESOURCES[key.toLowerCase()];
  if (resource !== undefined) {
    const request = amounts.request ?? read.values.get('request');
    const details = { limit: value, ...(request === undefined ? {} : { request }), ...of };
    return { remedies: [resource.remedy], details, says: `set ${resource.word} of ${name} to ${value}` };
  }
  const { variables } = catalogue.services.find((one) => one.name === name) ?? {};
  const listed = variables ?? { modelVersion: 'MODEL_VERSION', batchSize: 'BATCH_SIZE', threads: 'OMP_NUM_THREADS' };
  const remedy =
    key === listed.modelVersion
      ? 'set-model-version'
      : key === listed.batchSize
        ? 'set-batch-size'
        : key === listed.threads
          ? 'set-threads'
          : null;
  if (remedy === null)
    return {
      wrong: `${quoted(key)} is none that I may change: cpu, memory, gpu, ${Object.values(listed).join(', ')} (the config lists the variables).`,
    };
  return { remedies: [remedy], details: { value }, says: `set ${key} of ${name} to ${value}` };
}

/** `--limits=cpu=4 --requests=cpu=2`, as kubectl takes them. */
function limitsOf(
  values: Read['values'],
): { readonly given: readonly (readonly [string, string])[]; readonly request?: string } | { readonly wrong: string } {
  const pairs = (text: string | undefined): readonly (readonly [string, string])[] =>
    (text ?? '')
      .split(',')
      .filter((one) => one !== '')
      .map((one) => {
        const at = one.lastIndexOf('=');
        return [one.slice(0, Math.max(at, 0)), one.slice(at + 1)] as const;
      });
  const limits = pairs(values.get('limits'));
  const requests = pairs(values.get('requests'));
  if (requests.length === 0) return { given: limits };
  const [request] = requests;
  if (limits.length !== 1 || requests.length > 1 || limits[0]?.[0] !== request?.[0])
    return { wrong: 'With a request I need the limit of the same resource, of one resource at a time.' };
  return request === undefined ? { given: limits } : { given: limits, request: request[1] };
}

function setForm(
  { name, namespace }: { readonly name: string; readonly namespace: string },
  { regions }: Read,
  catalogue: Catalogue,
): Parsed {
  const [region, ...more] = regions;
  const again = ['set', name, '{region}', ...spaceOf(namespace, name, catalogue)].join(' ');
  if (region === undefined) return whereTo(again, `set something of ${name}`, catalogue);
  if (more.length > 0) return unclear(`For several regions say what: \`/mlp set ${name} ${regions.join(' ')} cpu=4\`.`);
  return { is: 'set-form', name, namespace, region };
}

function nodeChange(verb: 'cordon' | 'uncordon', read: Read, catalogue: Catalogue): Parsed {
  const words = read.rest
    .map((word) => word.replace(/^(nodes?|no)\//i, ''))
    .filter((word) => !/^nodes?$/i.test(word) && !isFiller(word));
  const [name, ...more] = words;
  if (name === undefined || more.length + read.values.size > 0)
    return unclear(`One node, and the region that it is in. Write \`/mlp ${USAGE[verb]}\`.`);
  if (!isName(name)) return unclear(`${quoted(name)} is no name that Kubernetes allows.`);
  if (read.regions.length > 1)
    return unclear(`A node is in one region: which one?`, choices(`${verb} ${name} {region}`, read.regions));
  const what = { remedies: [verb], details: {}, says: `${verb} ${name}` };
  const again = [verb, name, '{region}'];
  return placed({ ...what, playbook: CHANGE_NODE, name, namespace: '', again, regions: read.regions }, catalogue);
}

/** `model-server-5d8c7b9f4-x2x7k`: its deployment is in its name. */
const POD = /^(.+)-[a-z0-9]{5,10}-[a-z0-9]{5}$/;

function podChange(read: Read, catalogue: Catalogue): Parsed {
  const spaces = read.rest.findIndex((word) => /^(-n|--namespace)$/.test(word));
  const given = spaces === -1 ? undefined : read.rest[spaces + 1];
  const words = read.rest
    .filter((_word, index) => spaces === -1 || (index !== spaces && index !== spaces + 1))
    .map((word) => word.replace(/^(pods?|po)\//i, ''))
    .filter((word) => !/^pods?$/i.test(word) && !isFiller(word));
  const [pod, ...more] = words;
  const name = POD.exec(pod ?? '')?.[1];
  if (pod === undefined || name === undefined || more.length + read.values.size > 0)
    return unclear(`One pod of a deployment, by its full name. Write \`/mlp ${USAGE.replace}\`.`);
  const service = catalogue.services.find((one) => one.name === name);
  const namespace = given ?? service?.namespace ?? catalogue.defaultNamespace;
  if (!isName(pod) || !isNamespace(namespace)) return unclear(`${quoted(pod)} is no name that Kubernetes allows.`);
  if (read.regions.length > 1)
    return unclear(`A pod is in one region: which one?`, choices(`replace ${pod} {region}`, read.regions));
  const again = ['replace', pod, '{region}', ...spaceOf(namespace, name, catalogue)];
  const what = { remedies: ['replace-pod'], details: { pod }, says: `replace pod ${pod}` };
  return placed({ ...what, playbook: CHANGE, name, namespace, again, regions: read.regions }, catalogue);
}

function placed(
  wanted: Omit<ChangeWanted, 'is' | 'title'> & { readonly says: string; readonly again: readonly string[] },
  catalogue: Catalogue,
): Parsed {
  const { says, again, ...rest } = wanted;
  if (rest.regions.length === 0) return whereTo(again.join(' '), says, catalogue);
  return { is: 'change', title: says, ...rest };
}

const FEW = 5;

/** Nothing is changed in a region that was not named. */
function whereTo(command: string, title: string, catalogue: Catalogue): Parsed {
  const { regions } = catalogue;
  if (regions.length > FEW) return { is: 'region-form', command, title };
  return unclear(
    `In which region shall I ${title}? I change one after the other, and only where you say.`,
    choices(
      command,
      regions.map((one) => one.name),
    ),
  );
}

function choices(command: string, regions: readonly string[]): { readonly label: string; readonly command: string }[] {
  return regions.map((region) => ({ label: region, command: command.replace('{region}', region) }));
}

function spaceOf(namespace: string, name: string, catalogue: Catalogue): readonly string[] {
  const usual = catalogue.services.find((one) => one.name === name)?.namespace ?? catalogue.defaultNamespace;
  return namespace === usual ? [] : ['-n', namespace];
}

function valuesText({ values }: Pick<Read, 'values'>): readonly string[] {
  return [...values].map(([key, value]) => `${key}=${value}`);
}

function known(catalogue: Catalogue): readonly string[] {
  return catalogue.services.map((one) => one.name);
}
function names(catalogue: Catalogue): string {
  return catalogue.regions.map((one) => one.name).join(', ');
}
export function isChange(word: string): word is ChangeVerb {
  return (CHANGES as readonly string[]).includes(word);
}
