import { z } from 'zod';

/** One cluster, and how to reach what belongs to it. Pure: what is named here is looked for by others. */

const name = z.string().min(1).max(253);

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'write the name of an environment variable');
const address = z.url({
  protocol: /^https?$/,
  error: 'no address: write one such as https://prometheus.example.com',
});
const Basic = z
  .strictObject({
    user: name.describe('The user.'),
    passwordFile: name.optional().describe('A file that holds the password; read anew for each query.'),
    passwordEnv: variable.optional().describe('Name of the environment variable that holds the password.'),
  })
  .refine(
    (one) => (one.passwordFile === undefined) !== (one.passwordEnv === undefined),
    'write passwordFile or passwordEnv, one of them',
  );
/** Where a system answers, and how it is signed in to. */
const reached = {
  url: address.describe('Its base URL.'),
  bearerTokenFile: name.optional().describe('A file that holds a token; read anew for each query.'),
  bearerTokenEnv: variable.optional().describe('Name of the environment variable that holds a token.'),
  basic: Basic.optional().describe('User and password.'),
  caFile: name
    .optional()
    .describe('PEM file of the authority that signed its certificate; left out: those of the system.'),
};
const signsInOnce = (one: {
  readonly bearerTokenFile?: unknown;
  readonly bearerTokenEnv?: unknown;
  readonly basic?: unknown;
}): boolean => [one.bearerTokenFile, one.bearerTokenEnv, one.basic].filter((way) => way !== undefined).length < 2;
const ONCE = 'write at most one of bearerTokenFile, bearerTokenEnv and basic';

const Prometheus = z
  .strictObject({
    ...reached,
    regionLabel: z
      .string()
      .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'write the name of a label: letters, digits and _')
      .nullable()
      .default(null)
      .describe(
        'The label that tells regions apart, where one Prometheus holds several: "region"; null: it holds one.',
      ),
  })
  .refine(signsInOnce, ONCE);
const Alertmanager = z
  .strictObject({
    ...reached,
    receivers: z
      .array(name)
      .min(1)
      .default(['mlp-bot'])
      .describe('Names of its receivers that post to the bot: it shows no addresses, so that they are known by these.'),
  })
  .refine(signsInOnce, ONCE);
const CloudWatch = z.strictObject({
  awsRegion: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'write a region of AWS such as eu-west-1')
    .describe('Its region of AWS.'),
  prefix: z.string().max(255).default('').describe('Only alarms whose names begin so; left out: all.'),
});
/** A base URL alone stands for a block with nothing but it. */
const orUrl = (value: unknown): unknown => (typeof value === 'string' ? { url: value } : value);

export const RegionSchema = z
  .strictObject({
    name: name.describe('How people and alerts call it: "eu-west-1".'),
    aliases: z.array(name).default([]).describe('Other words for it: [eu, ireland].'),
    context: name
      .optional()
      .describe('Context in KUBECONFIG. Left out: the same as `name`; with `inCluster: true`: not used.'),
    inCluster: z.boolean().default(false).describe('The cluster that the bot itself runs in.'),
    prometheus: z
      .preprocess(orUrl, Prometheus.nullable().default(null))
      .describe('Its Prometheus: a base URL, or a block with url and how to sign in; null: none.'),
    alertmanager: z
      .preprocess(orUrl, Alertmanager.nullable().default(null))
      .describe(
        'Its Alertmanager, which several regions may share: a base URL, or a block as for prometheus; null: none.',
      ),
    cloudwatch: CloudWatch.nullable()
      .default(null)
      .describe(
        "CloudWatch, asked which of its alarms still fire (the right cloudwatch:DescribeAlarms; the AWS SDK's own credentials); null: not asked.",
      ),
  })
  .describe('One cluster with its systems.');
