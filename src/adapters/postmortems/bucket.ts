import { Failure, whyOf } from '../../core/failure.ts';
import type { Postmortems } from '../../core/ports/postmortems.ts';
import { checkName } from './name.ts';

/** Objects in a bucket (`s3:PutObject` only). The SDK is loaded with the first one. */

export interface BucketOptions {
  readonly bucket: string;
  /** Of AWS: "eu-west-1"; null: as the environment says. */
  readonly awsRegion: string | null;
  /** `postmortems/`; '' : none. */
  readonly prefix: string;
  /** Of another store that speaks S3; null: AWS's own (or `AWS_ENDPOINT_URL`). */
  readonly endpoint: string | null;
}

const TRY_MS = 5_000;
const CONNECT_MS = 2_000;

export function postmortemBucket(options: BucketOptions): Postmortems & { close(): Promise<void> } {
  let opened: ReturnType<typeof open> | null = null;
  return {
    async write(name, markdown, limitMs) {
      checkName(name);
      const key = `${options.prefix}${name}`;
      const where = `s3://${options.bucket}/${key}`;
      const signal = AbortSignal.timeout(Math.ceil(limitMs));
      const late = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Failure('timeout', `no answer within ${limitMs} ms`)), {
          once: true,
        });
      });
      try {
        opened ??= open(options);
        // Also where the SDK waits for something that no signal ends: credentials, its own back-off.
        await Promise.race([opened.then((it) => it.put(key, markdown, signal)), late]);
        return where;
      } catch (error) {
        const kind = error instanceof Failure ? error.kind : 'server error';
        throw new Failure(kind, `${where} was not taken: ${nameOf(error)}${whyOf(error)}`, { cause: error });
      }
    },
    close: async () => (await opened)?.close(),
  };
}

/** "NoSuchBucket: ": what people look up. */
function nameOf(error: unknown): string {
  return error instanceof Error && error.name !== 'Error' && !(error instanceof Failure) ? `${error.name}: ` : '';
}

async function open({ bucket, awsRegion, endpoint }: BucketOptions): Promise<{
  readonly put: (key: string, body: string, signal: AbortSignal) => Promise<unknown>;
  readonly close: () => void;
}> {
  const { S3Client, PutObjectCommand } = await import('@aws-sdk/client-s3');
  const client = new S3Client({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: TRY_MS, throwOnRequestTimeout: true },
    ...(awsRegion === null ? {} : { region: awsRegion }),
    // Other stores have no host name for each bucket.
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
  });
  return {
    put: (Key, Body, abortSignal) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'text/markdown; charset=utf-8' }), {
        abortSignal,
      }),
    close: () => client.destroy(),
  };
}
