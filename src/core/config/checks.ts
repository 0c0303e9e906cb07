import { z } from 'zod';
import { pagingProblems } from './paging.ts';
import { probeProblems } from './probes.ts';
import { oneOf } from './words.ts';
import type { Mode, ServiceMode } from '../policy.ts';
import { closest } from '../symptoms.ts';

/** What the parts of a config must agree about. Pure; runs on whatever of the file is readable, so that every problem is said at once. */

const name = z.string().min(1);

/** As much of a config as the checks below need; what does not parse is left out, for it is a problem already. */
const Place = z.object({ name, namespace: name.optional() });
const People = z.object({
  groups: z.array(z.string()).default([]),
  users: z.array(z.string()).default([]),
  need: z.number().default(1),
});
const listOf = <S extends z.ZodType>(item: S): z.ZodType<z.output<S>[]> =>
  z
    .array(z.unknown())
    .catch([])
    .transform((all) =>
      all.flatMap((one) => {
        const got = item.safeParse(one);
        return got.success ? [got.data] : [];
      }),
    );
const Rule = z.object({ region: z.string().nullish(), service: z.string().nullish(), playbook: z.string().nullish() });
const Loose = z
  .object({
    namespace: name.catch('default'),
    regions: listOf(z.object({ name, aliases: z.array(name).default([]) })),
    services: listOf(Place),
    modes: z
      .object({
        byRegion: z.record(z.string(), z.unknown()).catch({}),
        byService: z.record(z.string(), z.unknown()).catch({}),
        preApproved: listOf(z.string()),
      })
      .catch({ byRegion: {}, byService: {}, preApproved: [] }),
    freezes: listOf(z.object({ regions: listOf(z.string()) })),
    approvals: z.record(z.string(), z.unknown()).catch({}),
    alerts: z.object({ routes: listOf(Rule) }).catch({ routes: [] }),
  })
  .catch({
    namespace: 'default',
    regions: [],
    services: [],
    modes: { byRegion: {}, byService: {}, preApproved: [] },
    freezes: [],
    approvals: {},
    alerts: { routes: [] },
  });

/** What no field can say by itself. `raw`: the file as it was read; `known`: ids of all that there are, null where they are not known. */
export function crossChecks(
  raw: unknown,
  known: { readonly remedies: readonly string[]; readonly playbooks: readonly string[] } | null,
): readonly string[] {
  const config = Loose.parse(raw);
  return [
    ...aliasProblems(config),
    ...regionProblems(config),
    ...serviceProblems(config),
    ...approverProblems(config),
    ...routeProblems(config, known?.playbooks ?? null),
    ...pagingProblems(raw, unknown),
    ...probeProblems(raw, unknown),
    ...(known === null ? [] : remedyProblems(config, known.remedies)),
  ];
}

/** A rule that names what is not there would send alerts nowhere. */
function routeProblems(
  { alerts, regions, services }: z.infer<typeof Loose>,
  playbooks: readonly string[] | null,
): readonly string[] {
  const names = regions.map((one) => one.name);
  const known = services.map((one) => one.name);
  return alerts.routes.flatMap(({ region = null, service = null, playbook = null }, at) => [
    ...(region === null || names.includes(region)
      ? []
      : [`alerts.routes[${at}].region: ${unknown('region', region, names)}`]),
    ...(service === null || known.includes(service)
      ? []
      : [`alerts.routes[${at}].service: ${unknown('service', service, known)}`]),
    ...(playbook === null || playbooks === null || playbooks.includes(playbook)
      ? []
      : [`alerts.routes[${at}].playbook: ${unknown('playbook', playbook, playbooks)}`]),
  ]);
}

/** "no region is called mars: write us-east-1 or eu-west-1"; where one is near, that one. */
function unknown(what: string, word: string, known: readonly string[]): string {
  const near = closest(word, known);
  const instead = near === null ? `write ${oneOf(known.slice(0, 40))}` : `did you mean ${near}? Write that`;
  return `no ${what} is called ${word.slice(0, 60)}: ${known.length === 0 ? 'remove it' : instead}`;
}

/** A mode that nobody meant runs changes by itself, or never: ids are checked, and what is no remedy is said. */
function remedyProblems({ modes }: z.infer<typeof Loose>, remedies: readonly string[]): readonly string[] {
  const known = [...new Set(remedies)].toSorted();
  return modes.preApproved.flatMap((id, at) =>
    known.includes(id) ? [] : [`modes.preApproved[${at}]: ${unknown('remedy', id, known)}`],
  );
}

function aliasProblems({ regions }: z.infer<typeof Loose>): readonly string[] {
  const problems: string[] = [];
  const words = new Map<string, string>();
  for (const region of regions) {
    for (const word of new Set([region.name, ...region.aliases].map((one) => one.toLowerCase()))) {
      const other = words.get(word);
      if (other !== undefined)
        problems.push(`regions: "${word}" stands for ${other} and ${region.name}: give each word to one region`);
      words.set(word, region.name);
    }
  }
  return problems;
}

function regionProblems({ regions, services, modes, freezes }: z.infer<typeof Loose>): readonly string[] {
  const known = regions.map((one) => one.name);
  const wrong = (path: string, names: readonly string[]): readonly string[] =>
    names.filter((one) => !known.includes(one)).map((one) => `${path}: ${unknown('region', one, known)}`);
  const served = [...new Set(services.map((one) => one.name))];
  return [
    ...Object.keys(modes.byRegion).flatMap((one) => wrong(`modes.byRegion.${one}`, [one])),
    ...Object.entries(modes.byService).flatMap(([name, mode]) => [
      ...(served.includes(name) ? [] : [`modes.byService.${name}: ${unknown('service', name, served)}`]),
      ...(typeof mode === 'object' && mode !== null ? wrong(`modes.byService.${name}`, Object.keys(mode)) : []),
    ]),
    ...freezes.flatMap((one, at) => wrong(`freezes[${at}].regions`, one.regions)),
  ];
}

/** Per namespace, as the policy wants them. */
export function serviceModes(config: {
  readonly namespace: string;
  readonly services: readonly { readonly name: string; readonly namespace?: string | undefined }[];
  readonly modes: { readonly byService: Readonly<Record<string, Mode | Readonly<Record<string, Mode>>>> };
}): readonly ServiceMode[] {
  return config.services.flatMap(({ name, namespace = config.namespace }): readonly ServiceMode[] => {
    const mode = config.modes.byService[name];
    if (mode === undefined) return [];
    if (typeof mode === 'string') return [{ namespace, name, region: null, mode }];
    return Object.entries(mode).map(([region, one]) => ({ namespace, name, region, mode: one }));
  });
}

function serviceProblems({ services, namespace }: z.infer<typeof Loose>): readonly string[] {
  const seen = new Set<string>();
  return services.flatMap((one) => {
    const key = `${one.namespace ?? namespace}/${one.name}`;
    const twice = seen.has(key);
    seen.add(key);
    return twice ? [`services: ${key} is there twice: keep one`] : [];
  });
}

/** Three named people can never be four. Who is in a group is not known here. */
function approverProblems({ approvals }: z.infer<typeof Loose>): readonly string[] {
  return (['low', 'medium', 'high'] as const).flatMap((risk) => {
    const got = People.safeParse(approvals[risk]);
    if (!got.success || got.data.groups.length > 0 || got.data.users.length === 0) return [];
    const need = risk === 'high' ? Math.max(2, got.data.need) : got.data.need;
    const people = new Set(got.data.users).size;
    return people >= need ? [] : [`approvals.${risk}: needs ${need} people and names ${people}: name more, or a group`];
  });
}
