import { boundsWords, valuesText, whatOf } from './change-what.ts';
import type { ChangeVerb, Read } from './change-what.ts';
import type { Parsed } from './command.ts';
import type { Json } from '../json.ts';
import { CHANGE, CHANGE_NODE, findRegion } from '../routing.ts';
import type { Catalogue } from '../routing.ts';
import { closest } from '../symptoms.ts';
import { isFiller, isName, isNamespace, quoted, readTarget, unclear, unknownFlag } from './target-words.ts';

/** `/mlp scale model-server eu-west-1 14` and its like: what is to be changed, of what, and where. The target is always named, and so is each region. Pure. */

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

const USAGE: Readonly<Record<ChangeVerb, string>> = {
  restart: 'restart <deployment> <region>',
  rollback: 'rollback <deployment> <region> [to <revision>]',
  scale: 'scale <deployment> <region> <replicas>',
  bounds: 'bounds <deployment> <region> <least> <most>',
  set: 'set <deployment> <region> [cpu=4 | memory=16Gi | gpu=2 | <VARIABLE>=<value>]',
  replace: 'replace <pod> <region>',
  cordon: 'cordon <node> <region>',
  uncordon: 'uncordon <node> <region>',
};
export function usageOf(verb: ChangeVerb): string {
  return USAGE[verb];
}

export function parseChange(verb: ChangeVerb, words: readonly string[], catalogue: Catalogue): Parsed {
  const read = take(verb === 'bounds' ? boundsWords(words) : words, catalogue);
  if ('is' in read) return read;
  if (verb === 'cordon' || verb === 'uncordon') return nodeChange(verb, read, catalogue);
  if (verb === 'replace') return podChange(read, catalogue);
  const numbers = read.rest.filter((word) => /^[+-]?\d+x?$/.test(word));
  const target = targetOf(verb, { ...read, rest: read.rest.filter((word) => !numbers.includes(word)) }, catalogue);
  if ('is' in target) return target;
  const { name, namespace } = target;
  if (verb === 'set' && read.values.size === 0) return setForm(target, read, catalogue);
  const what = whatOf(verb, { read, numbers, name, catalogue });
  if ('wrong' in what) {
    const place = read.regions.length === 0 ? '<region>' : read.regions.join(' ');
    const usage = what.usage === undefined ? USAGE[verb] : `${verb} ${name} ${place} ${what.usage}`;
    return unclear(`${what.wrong} Write \`/mlp ${usage}\`.`);
  }
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

function known(catalogue: Catalogue): readonly string[] {
  return catalogue.services.map((one) => one.name);
}
function names(catalogue: Catalogue): string {
  return catalogue.regions.map((one) => one.name).join(', ');
}
