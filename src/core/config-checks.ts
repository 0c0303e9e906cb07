import { z } from 'zod';

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
const Loose = z
  .object({
    namespace: name.catch('default'),
    regions: listOf(z.object({ name, aliases: z.array(name).default([]) })),
    services: listOf(Place),
    modes: z.object({ byRegion: z.record(z.string(), z.unknown()).catch({}) }).catch({ byRegion: {} }),
    freezes: listOf(z.object({ from: z.string(), to: z.string(), regions: z.array(z.string()).default([]) })),
    approvals: z.record(z.string(), z.unknown()).catch({}),
  })
  .catch({ namespace: 'default', regions: [], services: [], modes: { byRegion: {} }, freezes: [], approvals: {} });

/** What no field can say by itself. `raw`: the file as it was read. */
export function crossChecks(raw: unknown): readonly string[] {
  const config = Loose.parse(raw);
  return [...regionProblems(config), ...serviceProblems(config), ...approverProblems(config)];
}

function regionProblems({ regions, modes, freezes }: z.infer<typeof Loose>): readonly string[] {
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
  const known = new Set(regions.map((one) => one.name));
  for (const region of Object.keys(modes.byRegion))
    if (!known.has(region)) problems.push(`modes.byRegion.${region}: no region has this name`);
  for (const [at, one] of freezes.entries()) {
    if (Date.parse(one.from) >= Date.parse(one.to)) problems.push(`freezes[${at}]: "from" must be before "to"`);
    for (const region of one.regions)
      if (!known.has(region)) problems.push(`freezes[${at}].regions: no region is called ${region}`);
  }
  return problems;
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
