import { z } from 'zod';

/** Where drafts of post-mortems are stored beside their threads. Pure. */
export const PostmortemsSchema = z
  .strictObject({
    folder: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('A folder; null, and no bucket: `postmortems` in the folder of MLP_DATA.'),
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'write the name of a bucket, such as ml-postmortems')
      .nullable()
      .default(null)
      .describe('A bucket of S3 in place of a folder. The bot needs s3:PutObject there.'),
    prefix: z
      .string()
      .max(200)
      .regex(/^([A-Za-z0-9._-]+\/)*$/, 'write a prefix that ends with a slash, such as postmortems/')
      .default('postmortems/')
      .describe('What the names in the bucket begin with.'),
    awsRegion: z.string().min(1).nullable().default(null).describe('Of the bucket; null: as the environment says.'),
    endpoint: z.url().nullable().default(null).describe('Of another store that speaks S3; null: AWS.'),
  })
  .refine(({ folder, bucket }) => folder === null || bucket === null, 'name a folder or a bucket, not both')
  .prefault({})
  .describe('Where the drafts of post-mortems go beside their threads.');
export type PostmortemsConfig = z.infer<typeof PostmortemsSchema>;
