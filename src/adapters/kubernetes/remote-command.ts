import { z } from 'zod';

/**
 * The remote command protocol over a web socket (`k8s.io/apimachinery/pkg/util/remotecommand`): each message begins with a byte that names its
 * stream. Version 5 adds the closing of streams, which only matters to who sends; older servers know 4.
 */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const [stdout, stderr, failure] = [1, 2, 3];

export type Outcome =
  | {
      readonly is: 'ran';
      readonly exitCode: number;
      readonly out: string;
      readonly err: string;
      readonly isCut: boolean;
    }
  /** It could not be started: the runtime's words. */
  | { readonly is: 'not run'; readonly because: string }
  /** The server did not open a web socket. */
  | { readonly is: 'refused'; readonly because: string }
  | { readonly is: 'overdue' };

/** What is used of a web socket. */
interface Socket {
  binaryType: string;
  addEventListener(type: string, listen: (event: { readonly data?: unknown; readonly error?: unknown }) => void): void;
  close(): void;
}

const statusOf = z.object({
  status: z.string().optional(),
  message: z.string().optional(),
  reason: z.string().optional(),
  details: z
    .object({ causes: z.array(z.object({ reason: z.string().optional(), message: z.string().optional() })).optional() })
    .optional(),
});

/** Runs until the status comes, the socket closes, or `signal` ends it; of each stream at most so many bytes are kept. */
export async function runOver(
  open: (protocols: readonly string[]) => Promise<unknown>,
  signal: AbortSignal,
  maxBytes: number,
): Promise<Outcome> {
  if (signal.aborted) return { is: 'overdue' };
  const socket = (await open(protocols)) as Socket;
  socket.binaryType = 'arraybuffer';
  const [out, err] = [new Kept(maxBytes), new Kept(maxBytes)];
  let status = '';
  const outcome = await new Promise<Outcome>((resolve) => {
    let isOpen = false;
    let why = '';
    signal.addEventListener('abort', () => resolve({ is: 'overdue' }), { once: true });
    socket.addEventListener('open', () => (isOpen = true));
    socket.addEventListener('error', ({ error }) => (why = error instanceof Error ? error.message : 'not opened'));
    socket.addEventListener('message', ({ data }) => {
      if (!(data instanceof ArrayBuffer)) return;
      const bytes = Buffer.from(data);
      const stream = bytes[0];
      if (stream === stdout) out.add(bytes.subarray(1));
      else if (stream === stderr) err.add(bytes.subarray(1));
      else if (stream === failure) status += bytes.subarray(1).toString();
    });
    socket.addEventListener('close', () => {
      if (!isOpen) return resolve({ is: 'refused', because: why });
      resolve(ended(status, out, err, why));
    });
  });
  if (outcome.is === 'overdue') socket.close();
  return outcome;
}

function ended(text: string, out: Kept, err: Kept, why: string): Outcome {
  const streams = { out: out.text(), err: err.text(), isCut: out.isCut || err.isCut };
  const parsed = statusOf.safeParse(jsonOf(text));
  if (!parsed.success) return { is: 'not run', because: `the connection ended without an exit code ${why}`.trim() };
  const { status, message = '', details } = parsed.data;
  if (status === 'Success') return { is: 'ran', exitCode: 0, ...streams };
  const code = details?.causes?.find((one) => one.reason === 'ExitCode')?.message;
  if (code !== undefined && /^\d{1,3}$/.test(code)) return { is: 'ran', exitCode: Number(code), ...streams };
  return { is: 'not run', because: message === '' ? 'the container runtime did not say why' : message };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The beginning of a stream; what is beyond is dropped as it comes. */
class Kept {
  isCut = false;
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    const room = this.#maxBytes - this.#bytes;
    if (chunk.length > room) this.isCut = true;
    if (room <= 0) return;
    this.#chunks.push(chunk.subarray(0, room));
    this.#bytes += Math.min(room, chunk.length);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
