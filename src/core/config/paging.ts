import { z } from 'zod';
import { ONCALL, isOncall } from '../words.ts';

/** How people are reached outside the chat, and when. Pure: keys are only named here, they come from the environment. */

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'write a name of small letters, digits and dashes, at most 40, such as oncall');
const theirs = z
  .string()
  .regex(/^[PQ][A-Z0-9]{5,20}$/, "write PagerDuty's id such as PF9KMXH: the end of its address there");
const person = z.string().regex(/^[UW][A-Z0-9]+$/, 'write a user id such as U0123ABC, not a name');
const email = z.string().regex(/^[^\s@]+@[^\s@]+$/, 'write an e-mail address');

const Route = z.strictObject({
  name: name.describe('As `escalation` calls it.'),
  routingKeyEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'write the name of an environment variable, never the key itself')
    .default('PAGERDUTY_ROUTING_KEY')
    .describe('Name of the environment variable that holds the integration key (Events API v2).'),
  service: theirs
    .nullable()
    .default(null)
    .describe(
      'Id of the service with that integration: then it is known why nobody was told, and only its incidents are looked at.',
    ),
  policy: theirs
    .nullable()
    .default(null)
    .describe('Id of the escalation policy whose on-call is shown; null: that of the service.'),
  fallback: name
    .nullable()
    .default(null)
    .describe('The route that is taken when this one refuses or does not answer; null: none.'),
});

export const PagerDutySchema = z
  .strictObject({
    routes: z.array(Route).min(1, 'name at least one route').describe('Ways to people.'),
    from: email
      .nullable()
      .default(null)
      .describe("E-mail of the PagerDuty user in whose name notes are written; null: the token's own user."),
    people: z
      .record(z.string(), person)
      .default({})
      .describe('Chat user ids by PagerDuty id or e-mail, of those whose e-mail differs: {PXPGF42: U0123ABC}.'),
  })
  .nullable()
  .default(null)
  .describe('null: nobody is paged.');
export type PagerDutyConfig = NonNullable<z.output<typeof PagerDutySchema>>;

export const PRIORITIES = ['P0', 'P1', 'P2', 'P3'] as const;
export type Priority = (typeof PRIORITIES)[number];

const routes = z.array(name).default([]);
const after = (text: string, fallback: number): z.ZodDefault<z.ZodNumber> =>
  z
    .number()
    .int()
    .min(0)
    .max(7 * 86_400_000)
    .default(fallback)
    .describe(`${text}, in milliseconds.`);
const silence = (what: string, afterMs: number) =>
  z
    .strictObject({
      page: routes.describe('Routes; left out: nobody.'),
      afterMs: after(`So long ${what}`, afterMs),
      priorities: z.array(z.enum(PRIORITIES)).default(['P0', 'P1']).describe('Of incidents that are so bad.'),
    })
    .prefault({});

export const EscalationSchema = z
  .strictObject({
    byPriority: z
      .strictObject({ P0: routes, P1: routes, P2: routes, P3: routes })
      .prefault({})
      .describe('Who is paged as soon as an incident is that bad. P0 does not wait for the diagnosis.'),
    unacknowledged: silence('may nobody acknowledge', 15 * 60_000).describe('Nobody acknowledged it.'),
    unapproved: silence('may a proposal wait', 10 * 60_000).describe('Nobody approved or refused a proposal.'),
    unknown: routes.describe('Of a change it is not known whether it was made.'),
    verifyFailed: routes.describe('A change failed, or did not help.'),
    undoFailed: routes.describe('What made it worse could not be undone.'),
    byHand: routes.describe('/mlp escalate and its button, where no route is named.'),
    duringMaintenance: z
      .array(z.enum(PRIORITIES))
      .default(['P0'])
      .describe('Who is so bad pages also while its region is in maintenance; P0 always does.'),
    slackUnusable: z
      .strictObject({
        page: z
          .array(name)
          .nullable()
          .default(null)
          .describe('Routes; null: those of byPriority.P1, or of P0 where P1 pages nobody. An empty list: nobody.'),
        afterMs: after(
          'So long may it take nothing where that may pass by itself; at once where its token is refused or no channel is left',
          5 * 60_000,
        ),
      })
      .prefault({})
      .describe('Slack takes no messages while somebody is to answer there.'),
    perHour: z
      .number()
      .int()
      .min(1)
      .max(1_000)
      .default(10)
      .describe('So many pages in an hour, resolved and acknowledged ones not counted; P0 is never held back.'),
    never: z
      .strictObject({
        regions: z.array(z.string().min(1)).default([]).describe('Names of regions.'),
        services: z.array(z.string().min(1)).default([]).describe('Names of services.'),
      })
      .prefault({})
      .describe('Never paged for, whatever happens there: staging.'),
  })
  .prefault({});
export type Escalation = z.output<typeof EscalationSchema>;

/** Who is told that Slack cannot be used. */
export function slackRoutes({ slackUnusable, byPriority }: Escalation): readonly string[] {
  return slackUnusable.page ?? (byPriority.P1.length > 0 ? byPriority.P1 : byPriority.P0);
}

const Named = z.looseObject({ name: z.string(), fallback: z.string().nullish() });
const Loose = z.looseObject({}).catch({});

/** What of a list has a name; what does not parse is a problem already. */
function namedIn(list: unknown): readonly z.infer<typeof Named>[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one) => {
    const read = Named.safeParse(one);
    return read.success ? [read.data] : [];
  });
}

/** What `pagerduty` and `escalation` must agree about, with the sentence `unknown` gives for a word that nothing is called. */
export function pagingProblems(
  raw: unknown,
  unknown: (what: string, word: string, known: readonly string[]) => string,
): readonly string[] {
  const { pagerduty, escalation, regions, services, approvals }: Readonly<Record<string, unknown>> = Loose.parse(raw);
  const routes = namedIn(Loose.parse(pagerduty)['routes']);
  const known = routes.map((one) => one.name);
  const read = EscalationSchema.safeParse(escalation ?? {});
  const problems = known.flatMap((one, at) =>
    known.indexOf(one) === at
      ? []
      : [`pagerduty.routes: ${one.slice(0, 60)} is there twice: give each a name of its own`],
  );
  for (const [at, { name: own, fallback }] of routes.entries()) {
    const path = `pagerduty.routes[${at}].fallback`;
    if (fallback === own) problems.push(`${path}: it is the route itself: write another, or null`);
    else if (fallback != null && !known.includes(fallback))
      problems.push(`${path}: ${unknown('route', fallback, known)}`);
  }
  for (const [risk, rule] of Object.entries(Loose.parse(approvals))) {
    const groups = z.array(z.string()).catch([]).parse(Loose.parse(rule)['groups']);
    for (const route of groups.filter((one) => isOncall(one)).map((one) => one.slice(ONCALL.length)))
      if (!known.includes(route)) problems.push(`approvals.${risk}.groups: ${unknown('route', route, known)}`);
  }
  if (!read.success) return problems;
  for (const [path, names] of routesIn(read.data))
    for (const one of names)
      if (!known.includes(one)) problems.push(`escalation.${path}: ${unknown('route', one, known)}`);
  if (known.length > 0 && read.data.byPriority.P0.length === 0)
    problems.push('escalation.byPriority.P0: nobody would be paged when a region is gone: write at least one route');
  const { never } = read.data;
  const places = { region: [never.regions, regions], service: [never.services, services] } as const;
  for (const [what, [wanted, all]] of Object.entries(places)) {
    const names = namedIn(all).map((one) => one.name);
    for (const one of wanted)
      if (!names.includes(one)) problems.push(`escalation.never.${what}s: ${unknown(what, one, names)}`);
  }
  return problems;
}

function* routesIn(config: Escalation): Generator<readonly [string, readonly string[]]> {
  for (const priority of PRIORITIES) yield [`byPriority.${priority}`, config.byPriority[priority]];
  for (const what of ['unacknowledged', 'unapproved'] as const) yield [`${what}.page`, config[what].page];
  yield ['slackUnusable.page', config.slackUnusable.page ?? []];
  for (const what of ['unknown', 'verifyFailed', 'undoFailed', 'byHand'] as const) yield [what, config[what]];
}
