/** What an error line is about, by the words of the libraries that write it. */
export type Kind =
  | 'gpu broken'
  | 'driver'
  | 'cuda oom'
  | 'model missing'
  | 'version'
  | 'load failing'
  | 'load slow'
  | 'outputs'
  | 'shared memory'
  | 'dependency'
  | 'keep-alive'
  | 'drain'
  | 'other';

/** The first that fits: the special before the general. */
const kinds: readonly (readonly [Kind, RegExp])[] = [
  [
    'driver',
    /driver version is insufficient|NVIDIA driver on your system is too old|Driver\/library version mismatch|no kernel image is available/i,
  ],
  // What only a device that is gone or ill makes the driver say. A failed launch may as well be the program's own fault.
  [
    'gpu broken',
    /initialize NVML|NVRM: Xid|fallen off the bus|uncorrectable (ECC|NVLink)|CUDA error: (no CUDA-capable device|uncorrectable)|nvml\w* ?(error)?.*(Unknown Error|GPU is lost)/i,
  ],
  // Three names of PyTorch's over the years; never Java's (domain fact 16).
  ['cuda oom', /CUDA out of memory|CUDA error: out of memory|(?<!java\.lang\.)\bOutOfMemoryError\b.*(CUDA|GPU)/i],
  [
    'model missing',
    /model file not found|(FileNotFoundError|No such file or directory|NoSuchKey|404)(?=.*(model|weights|checkpoint|\.(safetensors|pth?|onnx|bin|gguf|pb)\b))/i,
  ],
  [
    'load failing',
    /model[_ ]load failed|failed to load( the)? model|model failed to load|loading state_dict|PytorchStreamReader|invalid load key|SafetensorError|HeaderTooLarge|failed finding central directory|(AccessDenied|403|Forbidden)(?=.*(model|GetObject|s3))|checksum (mismatch|differs)/i,
  ],
  [
    'version',
    /model version mismatch|version mismatch.*model|has \d+ features, but|expects? \d+ (features|inputs|columns|channels)|schema (version )?mismatch|(unexpected|missing) (feature|column|field) .*model|tokenizer.*(mismatch|does not (match|fit))|index out of range in self/i,
  ],
  ['load slow', /model (is )?(still|not yet) load|model not (yet )?(loaded|ready)/i],
  ['shared memory', /Bus error|\/dev\/shm|unable to (open|allocate) shared memory|insufficient shared memory/i],
  ['keep-alive', /keep-?alive/i],
  ['drain', /\bSIGTERM\b|shutting down|pod (was|is) terminating|connection draining|closing \d+ open/i],
  [
    'dependency',
    /\bupstream [\w.-]+: |HTTP 5\d\d from |Max retries exceeded|Connect(ion)?(Refused|Reset|Timeout)?(Error|Exception)|connection refused|ECONNREFUSED|StatusCode\.(UNAVAILABLE|DEADLINE_EXCEEDED)|Name or service not known|getaddrinfo|no such host|too many (connections|clients)/i,
  ],
  ['outputs', /\bNaNs?\b|non-finite|not JSON compliant/],
];

export function kindOf(text: string): Kind {
  return kinds.find(([, words]) => words.test(text))?.[0] ?? 'other';
}

/** The numbers of PyTorch's message, in GiB; null: not in it. */
export interface CudaNumbers {
  readonly tried: number;
  readonly total: number | null;
  readonly free: number | null;
  readonly allocated: number | null;
  /** Held by PyTorch and not usable for this: much of it is fragmentation. */
  readonly unallocated: number | null;
  /** Held by other processes on the same GPU. */
  readonly others: number;
  readonly pid: string | null;
}

/** Both shapes of the message: that of PyTorch 2 and the older "(GPU 0; 22.09 GiB total capacity; …)". Null: it names no size. */
export function cudaNumbers(text: string): CudaNumbers | null {
  const tried = gib(/Tried to allocate ([\d.]+ \wi?B)/i.exec(text)?.[1]);
  if (tried === null) return null;
  const total = gib(/total capacity of ([\d.]+ \wiB)|([\d.]+ \wiB) total capacity/i.exec(text));
  const free = gib(/of which ([\d.]+ \wiB) is free|([\d.]+ \wiB) free/i.exec(text));
  const allocated = gib(
    /allocated memory ([\d.]+ \wiB) is allocated by PyTorch|([\d.]+ \wiB) already allocated/i.exec(text),
  );
  const reserved = gib(/([\d.]+ \wiB) reserved in total by PyTorch/i.exec(text)?.[1]);
  const named = gib(/([\d.]+ \wiB) is reserved by PyTorch but unallocated/i.exec(text)?.[1]);
  const others = [...text.matchAll(/Process (\d+) has ([\d.]+ \wiB) memory in use/g)];
  return {
    tried,
    total,
    free,
    allocated,
    unallocated: named ?? (reserved === null || allocated === null ? null : Math.max(0, reserved - allocated)),
    others: others.reduce((sum, [, , size]) => sum + (gib(size) ?? 0), 0),
    pid: others[0]?.[1] ?? null,
  };
}

const units: Readonly<Record<string, number>> = { k: 2 ** -20, m: 2 ** -10, g: 1, t: 2 ** 10 };

/** "311.44 MiB"; of a match the first group that took part. */
function gib(of: string | RegExpExecArray | null | undefined): number | null {
  const text = typeof of === 'string' ? of : of?.slice(1).find((one) => one !== undefined);
  const [, value, unit] = /^([\d.]+) (\w)/.exec(text ?? '') ?? [];
  return value === undefined ? null : Number(value) * (units[unit?.toLowerCase() ?? ''] ?? Number.NaN);
}

/** What the message's numbers say. `size`: this much at once does not fit: batch or sequence. */
export type CudaCause = 'neighbour' | 'fragmentation' | 'size';

export function cudaCause(of: CudaNumbers): CudaCause {
  // Without the neighbour it would have fitted.
  if (of.others >= of.tried - (of.free ?? 0) && of.others > 0) return 'neighbour';
  // As much as was asked for is held already, in pieces.
  const held = of.unallocated ?? 0;
  return held >= of.tried && held >= 0.05 * (of.total ?? held) ? 'fragmentation' : 'size';
}

/** Who did not answer, as the line names it: "feature-store". Null: it names nobody. */
export function dependencyIn(text: string): string | null {
  const named = /\bupstream ([\w.-]+):/.exec(text)?.[1];
  if (named !== undefined) return named;
  const host = /https?:\/\/([\w.-]+)|host=['"]?([\w.-]+)|Failed to connect to ([\w.-]+)/i.exec(text);
  const found = host?.slice(1).find((one) => one !== undefined) ?? null;
  // In a cluster the first part is the service's name; an address is kept whole.
  return found === null || /^[\d.]+$/.test(found) ? found : (found.split('.')[0] ?? found);
}
