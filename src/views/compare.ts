import { Failure } from '../core/failure.ts';
import { viewOf } from '../core/looking/view.ts';
import type { Seen } from '../core/looking/view.ts';
import type { Block } from '../core/message.ts';
import type { Autoscaler, Deployment, Node, PodRow } from '../core/ports/kubernetes.ts';
import { bold, say } from '../core/words.ts';
import { tried, untold } from './found.ts';
import { counted, table, view } from './show.ts';
import { configMapsOf, environmentText, imageName, placementText, probesText, resourcesText } from './template.ts';

/** One deployment in several regions: what differs first, what is equal in a line. Values of variables only of those that the config lists. */

interface Facts {
  /** By what they are: "image", "replicas"; the region's own name in a value is written `<region>`. */
  readonly facts: Readonly<Record<string, string>>;
  readonly untold: readonly string[];
}

/** Wider cells are shown below the table. */
const CELL = 34;

export const compare = viewOf<Facts>({
  word: 'compare',
  also: ['diff'],
  options: [],
  of: 'one',
  withinMs: 10_000,
  help: {
    usage: 'compare <region> <region> <deployment>',
    short: 'image, model version, environment, config, resources, replicas, placement: what differs first',
    more: [
      'Without regions: all of them. Of variables I compare the names, and the values of those that the config lists; of config maps a hash.',
      'Only you see the answer; with `here` at the end, or in a thread, everybody does.',
    ],
    examples: ['compare <deployment>', 'compare us eu <deployment>'],
  },
  async look(read, asked) {
    const { kubernetes } = read;
    const { namespace, name } = asked;
    const deployment = await kubernetes.deployment({ namespace, name });
    if (deployment === null) throw new Failure('not found', `there is no deployment ${name} in ${namespace}`);
    const { modelVersion, batchSize, threads } = read.service({ namespace, name }).variables;
    const [main] = deployment.template.containers;
    const listed = [...new Set([modelVersion, batchSize, threads])];
    const [variables, autoscaler, rows, nodes, ...maps] = await Promise.all([
      tried(kubernetes.variables({ namespace, name }, main?.name ?? '', listed)),
      tried(kubernetes.autoscaler({ namespace, name })),
      tried(kubernetes.pods(namespace, deployment.selector)),
      tried(kubernetes.nodes()),
      ...configMapsOf(deployment.template).map(async (map) => ({
        map,
        found: await tried(kubernetes.configMap({ namespace, name: map })),
      })),
    ]);
    const values = variables.known
      ? Object.entries(variables.value).map(([key, value]) => [key, value ?? 'not set'] as const)
      : [];
    const config = maps.flatMap(({ map, found }) =>
      found.known
        ? [[`config map ${map}`, found.value === null ? 'not there' : found.value.digest.slice(0, 8)] as const]
        : [],
    );
    return {
      facts: {
        ...templateFacts(deployment),
        ...Object.fromEntries([...values, ...config]),
        ...(autoscaler.known ? scalerFacts(autoscaler.value) : {}),
        ...(rows.known && nodes.known ? { zones: zonesOf(rows.value, nodes.value) } : {}),
      },
      untold: untold({
        variables,
        'the autoscaler': autoscaler,
        pods: rows,
        nodes,
        ...Object.fromEntries(maps.map(({ map, found }) => [`config map ${map}`, found])),
      }),
    };
  },
  render(asked, all, at) {
    const known = all.flatMap(({ region, outcome }) =>
      outcome.known ? [{ region, facts: inPlace(outcome.value.facts, region) }] : [],
    );
    return view(asked, all, at, {
      before: known.length < 2 ? [] : compared(known),
      part: ({ facts, untold: missing }, region) => ({
        line: say`${bold(region)}: ${facts['image'] ?? ''}, ${facts['replicas'] ?? ''}`,
        more: missing.length === 0 ? [] : [say`*Could not see* in ${region}: ${missing.join('; ')}`],
      }),
      notes: [known.length < 2 ? say`${lonely(all)}` : null],
    });
  },
});

function lonely(all: readonly Seen<unknown>[]): string {
  return all.length < 2
    ? 'Name a second region to compare with, or none for all'
    : 'Fewer than two regions have it: there is nothing to compare';
}

function inPlace(facts: Readonly<Record<string, string>>, region: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, value.replaceAll(region, '<region>')]));
}

function compared(
  all: readonly { readonly region: string; readonly facts: Readonly<Record<string, string>> }[],
): readonly Block[] {
  const names = [...new Set(all.flatMap(({ facts }) => Object.keys(facts)))];
  const valuesOf = (name: string): readonly string[] => all.map(({ facts }) => facts[name] ?? '(not seen)');
  const differ = names.filter((name) => new Set(valuesOf(name)).size > 1);
  const equal = names.filter((name) => !differ.includes(name));
  const narrow = differ.filter((name) => valuesOf(name).every((value) => value.length <= CELL));
  const wide = differ.filter((name) => !narrow.includes(name));
  const rows = narrow.map((name) => [name, ...valuesOf(name)]);
  const long = wide.map((name) =>
    [`${name}:`, ...all.map(({ region, facts }) => `  ${region}: ${facts[name] ?? '(not seen)'}`)].join('\n'),
  );
  return [
    {
      is: 'lines',
      lines: [
        differ.length === 0
          ? say`*No difference* in what I compare`
          : say`${bold(counted(differ.length, 'difference'))}`,
      ],
    },
    ...(rows.length === 0
      ? []
      : [{ is: 'verbatim' as const, text: table(['', ...all.map(({ region }) => region)], rows) }]),
    ...(long.length === 0 ? [] : [{ is: 'verbatim' as const, text: long.join('\n') }]),
    ...(equal.length === 0 ? [] : [{ is: 'lines' as const, lines: [say`*Equal:* ${equal.join(', ')}`] }]),
  ];
}

function templateFacts({ template, replicas, strategy, paused, owner }: Deployment): Readonly<Record<string, string>> {
  const several = template.containers.length > 1;
  const ofEach = template.containers.flatMap((one) => {
    const of = several ? ` of ${one.name}` : '';
    return [
      [`image${of}`, imageName(one.image)],
      [`registry${of}`, one.image.slice(0, Math.max(0, one.image.lastIndexOf('/'))) || 'none named'],
      [`resources${of}`, resourcesText(one)],
      [`environment${of}`, environmentText(one) || 'none'],
      [`probes${of}`, probesText(one)],
      [`command${of}`, one.command.join(' ') || "the image's own"],
    ];
  });
  return {
    ...Object.fromEntries(ofEach),
    ...Object.fromEntries(template.initContainers.map((one) => [`image of ${one.name}`, imageName(one.image)])),
    replicas: `${replicas.ready} of ${replicas.wanted} ready`,
    'rollout strategy': `${strategy.type}, ${strategy.maxSurge} more, ${strategy.maxUnavailable} fewer`,
    placement: placementText(template),
    'service account': template.serviceAccount,
    volumes:
      template.volumes
        .map((one) => `${one.name} (${one.from}${one.source === '' ? '' : ` ${one.source}`})`)
        .join(', ') || 'none',
    paused: paused ? 'yes' : 'no',
    owner: owner.kind === 'none' ? 'none' : `${owner.kind} ${owner.name}`,
  };
}

function scalerFacts(one: Autoscaler | null): Readonly<Record<string, string>> {
  if (one === null) return { autoscaler: 'none' };
  const targets = one.metrics.map(({ name, target }) => `${name} ${target}`).join(', ');
  return { autoscaler: `${one.min} to ${one.max}${targets === '' ? '' : `, ${targets}`}` };
}

/** "a: 4, b: 4, c: 4": pods by zone; the zone's last letter, as its beginning is the region. */
function zonesOf(rows: readonly PodRow[], nodes: readonly Node[]): string {
  const zone = (name: string): string => {
    const label = nodes.find((one) => one.name === name)?.labels['topology.kubernetes.io/zone'];
    return label === undefined ? (name === '' ? 'not placed' : 'no zone known') : label.slice(label.search(/[a-z]$/));
  };
  const all = Map.groupBy(
    rows.filter((row) => !row.terminating),
    (row) => zone(row.node),
  );
  return [...all]
    .map(([name, of]) => `${name}: ${of.length}`)
    .toSorted()
    .join(', ');
}
