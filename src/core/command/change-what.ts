import type { Json } from '../json.ts';
import type { Catalogue } from '../routing.ts';
import { quoted } from './target-words.ts';

/** What is to be changed, out of the numbers and values that were typed: remedies with their details, or what is wrong with them. Pure. */

export const CHANGES = ['restart', 'rollback', 'scale', 'bounds', 'set', 'replace', 'cordon', 'uncordon'] as const;
export type ChangeVerb = (typeof CHANGES)[number];

export function isChange(word: string): word is ChangeVerb {
  return (CHANGES as readonly string[]).includes(word);
}

export type What =
  | { readonly remedies: readonly string[]; readonly details: { readonly [key: string]: Json }; readonly says: string }
  /** `usage`: what to write behind the name and the region. */
  | { readonly wrong: string; readonly usage?: string };

export interface Read {
  readonly regions: readonly string[];
  /** Flags and words with a value: "replicas" → "14". */
  readonly values: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

export interface Wanted {
  readonly read: Read;
  readonly numbers: readonly string[];
  readonly name: string;
  readonly catalogue: Catalogue;
}

export function whatOf(verb: ChangeVerb, wanted: Wanted): What {
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

/** `12 30`, `12-30`, `12 to 30`, `min 12 max 30`, `max: 30`: as `min=12`, `max=30`, and numbers of which it is not said which they are. */
export function boundsWords(words: readonly string[]): readonly string[] {
  const bare = words.flatMap((word) => {
    const [, min, max] = /^(\d+)(?:-|–|\.\.|:)(\d+)$/.exec(word) ?? [];
    return min === undefined || max === undefined ? [word] : [min, max];
  });
  const out: string[] = [];
  for (let index = 0; index < bare.length; index++) {
    const word = bare[index] ?? '';
    const next = bare[index + 1] ?? '';
    const [, which, value] = /^(?:--)?(min|max)(?:imum|replicas)?[:=]?(\d+)?$/i.exec(word) ?? [];
    if (which === undefined) {
      if (!/^(and|between|from|to|up|at|least|most|replicas?|pods?)$/i.test(word)) out.push(word);
      continue;
    }
    const isNext = value === undefined && /^=?\d/.test(next);
    if (isNext) index++;
    const given = value ?? (isNext ? next.replace(/^=/, '') : '');
    out.push(given === '' ? word : `${which.toLowerCase()}=${given}`);
  }
  return out;
}

function boundsOf({ read, numbers, name }: Wanted): What {
  const others = [...read.values.keys()].filter((key) => key !== 'min' && key !== 'max');
  if (others.length > 0) return { wrong: `I do not understand ${quoted(others.join(' '))}.` };
  const given = (['min', 'max'] as const).map((key) => read.values.get(key));
  const open = given.filter((one) => one === undefined).length;
  if (numbers.length > open)
    return { wrong: 'Two numbers are enough: how many replicas at least, and how many at most.', usage: '12 30' };
  // One number alone may be meant as either: guessing wrong would take pods away, or hold them back.
  if (open === 2 && numbers.length === 1)
    return {
      wrong: `Is ${numbers[0] ?? ''} the least or the most? Name one of them, or write both numbers.`,
      usage: `max=${numbers[0] ?? ''}`,
    };
  const rest = [...numbers];
  const [min, max] = given.map((one) => one ?? rest.shift());
  if (min === undefined && max === undefined)
    return { wrong: 'Between how many replicas, at least and at most?', usage: '12 30' };
  const details = {
    ...(min === undefined ? {} : { min: whole(min, 1_000) }),
    ...(max === undefined ? {} : { max: whole(max, 1_000) }),
  };
  if (Object.values(details).includes(null))
    return { wrong: 'Whole numbers of replicas, at most 1000.', usage: '12 30' };
  if (details.max === 0) return { wrong: 'At most 0 replicas is no bound that an autoscaler takes.', usage: '12 30' };
  if (details.min !== undefined && details.max !== undefined && Number(details.min) > Number(details.max))
    return {
      wrong: `At least ${details.min} and at most ${details.max} cannot both hold: the least comes first.`,
      usage: `${details.max} ${details.min}`,
    };
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

export function valuesText({ values }: Pick<Read, 'values'>): readonly string[] {
  return [...values].map(([key, value]) => `${key}=${value}`);
}
