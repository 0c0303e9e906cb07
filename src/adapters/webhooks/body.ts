/** Reading what a stranger sends: at most so much, unpacked as it comes. */

export interface Read {
  readonly bytes: Uint8Array;
  /** It was larger than the limit, or broke off. */
  readonly cut: boolean;
}

/** So much beyond the limit is passed over: a sender that is cut off while it writes sees no answer, and comes again. */
const PASSED_OVER = 50_000_000;

/** At most `maxBytes` (after unpacking); what comes after is not kept in memory. A body that breaks off is as good as one that was cut. */
export async function readBody(request: Request, maxBytes: number): Promise<Read | 'unknown encoding'> {
  const body = unpacked(request);
  if (body === 'unknown encoding') return body;
  const packed = body !== request.body;
  const chunks: Uint8Array[] = [];
  let size = 0;
  let cut = false;
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      if (!cut) chunks.push(chunk.subarray(0, Math.max(0, maxBytes - size)));
      size += chunk.length;
      cut ||= size > maxBytes;
      if (cut && (packed || size > maxBytes + PASSED_OVER)) break;
    }
  } catch {
    cut = true;
  }
  return { bytes: Buffer.concat(chunks), cut };
}

/** What was packed is unpacked as it comes, so that the limit is one of what is kept in memory. */
function unpacked(request: Request): ReadableStream<Uint8Array> | null | 'unknown encoding' {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (request.body === null || encoding === 'identity') return request.body;
  if (encoding !== 'gzip' && encoding !== 'deflate') return 'unknown encoding';
  return request.body.pipeThrough(new DecompressionStream(encoding) as TransformStream<Uint8Array, Uint8Array>);
}

/** Invalid UTF-8 becomes replacement characters. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8').decode(bytes);

/** Undefined when it is no JSON; nesting as deep as the engine refuses is no JSON either. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
