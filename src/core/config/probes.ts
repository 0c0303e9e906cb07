import { z } from 'zod';
import type { Json } from '../json.ts';
import type { ObjectName } from '../ports/kubernetes-objects.ts';

/** Public health pages, and how they are asked. Pure. */

const page = z
  .string()
  .max(2_000)
  .refine(
    (text) => isPage(text),
    'no address: write one such as https://$region.example.com/health, without a password',
  );

function isPage(text: string): boolean {
  const url = URL.parse(text.replaceAll(/\$(region|service|namespace)/g, 'x'));
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

export const PublicUrl = z
  .union(
    [page, z.record(z.string(), page)],
    'write an address with $region in it, or one per region: {eu-west-1: https://…}',
  )
  .nullable()
  .default(null)
  .describe(
    'Its public health page, which is asked as users would: an address ($region, $service and $namespace are replaced), or one per region. null: not asked.',
  );

const From = z.strictObject({
  region: z.string().min(1).describe('The region whose Prometheus holds the series.'),
  series: z
    .string()
    .min(1)
    .describe(
      'Selector of its probe_success. $url, $service, $namespace and $region (the one that is probed) are replaced.',
    ),
});

export const ProbesSchema = z
  .strictObject({
    intervalMs: z.number().int().min(1_000).max(600_000).default(15_000).describe('Between two probes of one page.'),
    limitMs: z.number().int().min(100).max(60_000).default(5_000).describe('No answer within this is none.'),
    from: z
      .array(From)
      .max(10)
      .default([])
      .describe('Other places that probe the same pages, with a blackbox exporter.'),
  })
  .prefault({})
  .describe('How the public pages of the services are asked.');

type PublicUrlOf = z.infer<typeof PublicUrl>;

/** One health page: of a service in a region. */
export interface Page {
  readonly service: ObjectName;
  readonly region: string;
  readonly url: string;
}

/** All of them that a config names. */
export function pagesOf(config: {
  readonly namespace: string;
  readonly regions: readonly { readonly name: string }[];
  readonly services: readonly {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly publicUrl: PublicUrlOf;
  }[];
}): readonly Page[] {
  return config.services.flatMap(({ name, namespace = config.namespace, publicUrl }) =>
    config.regions.flatMap(({ name: region }) => {
      const text = typeof publicUrl === 'string' ? publicUrl : publicUrl?.[region];
      const of = { region, namespace, name };
      return text === undefined ? [] : [{ service: { namespace, name }, region, url: filled(text, of) }];
    }),
  );
}

/** The page of what a subject is about; null: none. */
export function pageFor(
  pages: readonly Page[],
  { users, target }: { readonly target: Json; readonly users?: ObjectName },
  region: string,
): Page | null {
  const { name, namespace } = (users ??
    (typeof target === 'object' && target !== null ? target : {})) as Partial<ObjectName>;
  const isIt = ({ service }: Page): boolean =>
    service.name === name && (namespace === undefined || namespace === service.namespace);
  return pages.find((one) => one.region === region && isIt(one)) ?? null;
}

export function filled(
  text: string,
  of: { readonly region: string; readonly namespace: string; readonly name: string },
): string {
  return text
    .replaceAll('$service', () => of.name)
    .replaceAll('$namespace', () => of.namespace)
    .replaceAll('$region', () => of.region);
}

const Service = z.object({ name: z.string(), publicUrl: PublicUrl });
const Probed = z.object({ regions: z.array(z.object({ name: z.string() })), services: z.array(z.unknown()) });
const Places = z.object({ probes: z.object({ from: z.array(z.object({ region: z.string() })) }) });

/** What no field can say by itself. `unknown` says what to write in place of a name that is none. */
export function probeProblems(
  raw: unknown,
  unknown: (what: string, word: string, known: readonly string[]) => string,
): readonly string[] {
  const config = Probed.safeParse(raw);
  if (!config.success) return [];
  const regions = config.data.regions.map((one) => one.name);
  const places = Places.safeParse(raw);
  return [
    ...config.data.services.flatMap((one, at) => {
      const service = Service.safeParse(one);
      return service.success ? urlProblems(`services[${at}].publicUrl`, service.data.publicUrl, regions, unknown) : [];
    }),
    ...(places.success ? places.data.probes.from : []).flatMap(({ region }, at) =>
      regions.includes(region) ? [] : [`probes.from[${at}].region: ${unknown('region', region, regions)}`],
    ),
  ];
}

/** One address for several regions says nothing of any of them. */
function urlProblems(
  path: string,
  publicUrl: PublicUrlOf,
  regions: readonly string[],
  unknown: (what: string, word: string, known: readonly string[]) => string,
): readonly string[] {
  if (publicUrl === null) return [];
  const instead = 'whoever answers it says nothing of one of them. Put $region in it, or name one per region';
  if (typeof publicUrl === 'string')
    return regions.length > 1 && !publicUrl.includes('$region')
      ? [`${path}: the same address for ${regions.length} regions: ${instead}`]
      : [];
  const named = Object.entries(publicUrl);
  const strange = named.flatMap(([region]) =>
    regions.includes(region) ? [] : [`${path}.${region}: ${unknown('region', region, regions)}`],
  );
  const twice = named.filter(
    ([region, url], at) =>
      !url.includes('$region') && named.findIndex(([, other]) => other === url) !== at && region !== '',
  );
  return [...strange, ...twice.map(([region]) => `${path}.${region}: the same address as another region: ${instead}`)];
}
