import { z } from 'zod';

/** One cluster, and how to reach what belongs to it. Pure: what is named here is looked for by others. */

const name = z.string().min(1).max(253);

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'write the name of an environment variable');
const Prometheus = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'no address: write one such as https://prometheus.example.com' })
      .describe('Its base URL.'),
    bearerTokenFile: name.optional().describe('A file that holds a token; read anew for each query.'),
    bearerTokenEnv: variable.optional().describe('Name of the environment variable that holds a token.'),
    basic: z
      .strictObject({
        user: name.describe('The user.'),
        passwordFile: name.optional().describe('A file that holds the password; read anew for each query.'),
        passwordEnv: variable.optional().describe('Name of the environment variable that holds the password.'),
      })
      .refine(
        (one) => (one.passwordFile === undefined) !== (one.passwordEnv === undefined),
        'write passwordFile or passwordEnv, one of them',
      )
      .optional()
      .describe('User and password.'),
    regionLabel: z
      .string()
      .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'write the name of a label: letters, digits and _')
      .nullable()
      .default(null)
      .describe(
        'The label that tells regions apart, where one Prometheus holds several: "region"; null: it holds one.',
      ),
    caFile: name
      .optional()
      .describe('PEM file of the authority that signed its certificate; left out: those of the system.'),
  })
  .refine(
    (one) => [one.bearerTokenFile, one.bearerTokenEnv, one.basic].filter((way) => way !== undefined).length < 2,
    'write at most one of bearerTokenFile, bearerTokenEnv and basic',
  );

export const RegionSchema = z
  .strictObject({
    name: name.describe('How people and alerts call it: "eu-west-1".'),
    aliases: z.array(name).default([]).describe('Other words for it: [eu, ireland].'),
    context: name
      .optional()
      .describe('Context in KUBECONFIG. Left out: the same as `name`; with `inCluster: true`: not used.'),
    inCluster: z.boolean().default(false).describe('The cluster that the bot itself runs in.'),
    prometheus: z
      .preprocess((value) => (typeof value === 'string' ? { url: value } : value), Prometheus.nullable().default(null))
      .describe('Its Prometheus: a base URL, or a block with url and how to sign in; null: none.'),
  })
  .describe('One cluster with its systems.');
