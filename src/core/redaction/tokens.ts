interface Shape {
  readonly kind: string;
  readonly is: RegExp;
}

// Every quantifier is bounded: an endless run must cost neither time nor the regular expressions' stack.
// Looked for inside runs of token characters only, so most of a log is passed over. Each is anchored by its own literal.
// Shapes are those that the services document and secret scanners agree on.
const shapes: readonly Shape[] = [
  { kind: 'access key', is: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  {
    kind: 'jwt',
    is: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{4,8192}(?:\.[A-Za-z0-9_-]{0,8192}){1,3}/g,
  },
  { kind: 'token', is: /(?<![A-Za-z0-9])xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,4096}/g },
  { kind: 'token', is: /(?<![A-Za-z0-9])xapp-[A-Za-z0-9-]{8,4096}/g },
  { kind: 'token', is: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30,4096}|github_pat_[A-Za-z0-9_]{22,4096})/g },
  { kind: 'token', is: /(?<![A-Za-z0-9])gl(?:pat|dt|rt|rtr|cbt|ptt|ft|soat|agent|imt|oas)-[A-Za-z0-9_.-]{16,4096}/g },
  {
    kind: 'token',
    is: /(?<![A-Za-z0-9])(?:hf_[A-Za-z0-9]{20,4096}|npm_[A-Za-z0-9]{36}|dckr_pat_[A-Za-z0-9_-]{20,4096}|pypi-AgE[A-Za-z0-9_-]{40,4096})/g,
  },
  {
    kind: 'token',
    is: /(?<![A-Za-z0-9])(?:glsa_[A-Za-z0-9_]{32,4096}|glc_[A-Za-z0-9+/=]{32,4096}|dop_v1_[a-f0-9]{64}|dapi[a-f0-9]{32}(?:-\d)?|nvapi-[A-Za-z0-9_-]{32,4096})/g,
  },
  {
    kind: 'token',
    is: /(?<![A-Za-z0-9.])(?:hv[sbr]\.[A-Za-z0-9_-]{20,4096}|ya29\.[A-Za-z0-9_-]{20,4096}|SG\.[A-Za-z0-9_-]{16,4096}\.[A-Za-z0-9_-]{16,4096})/g,
  },
  {
    kind: 'key',
    is: /(?<![A-Za-z0-9])(?:AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{20,4096}|AGE-SECRET-KEY-1[A-Z0-9]{20,4096})/g,
  },
  {
    kind: 'key',
    is: /(?<![A-Za-z0-9])(?:sk-(?:proj-|ant-|svcacct-|or-)?[A-Za-z0-9_-]{20,4096}|[rs]k_(?:live|test)_[A-Za-z0-9]{16,4096})/g,
  },
  { kind: 'key', is: /(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~-])/g },
  { kind: 'key', is: /(?<![A-Za-z0-9_+])(?:u\+[A-Za-z0-9_-]{18}|R0[A-Z0-9]{30})(?![A-Za-z0-9_-])/g },
];

/** Takes out what is a secret by its own shape: keys of clouds and services, JWTs, AWS secret keys, `Authorization` and `Bearer` values. */
export function redactTokens(text: string): string {
  const now = redactHeaders(text);
  const kept: string[] = [];
  let at = 0;
  let from = 0;
  for (let to = 0; to <= now.length; to += 1) {
    if (to < now.length && isTokenCharacter[now.charCodeAt(to)] === 1) continue;
    if (to - from >= minRun) {
      const run = now.slice(from, to);
      const clean = redactRun(run);
      if (clean !== run) {
        kept.push(now.slice(at, from), clean);
        at = to;
      }
    }
    from = to + 1;
  }
  if (at === 0) return now;
  kept.push(now.slice(at));
  return kept.join('');
}

const minRun = 16;
/** Runs are found by hand: a regular expression that is greedy without a bound overflows its stack at some megabytes. */
const isTokenCharacter = new Uint8Array(65_536);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.~+/=-')
  isTokenCharacter[char.charCodeAt(0)] = 1;

function redactRun(run: string): string {
  let now = run;
  for (const { kind, is } of shapes) now = now.replace(is, `[redacted: ${kind}]`);
  return now.replace(/(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g, (key) =>
    looksRandom(key) ? '[redacted: secret key]' : key,
  );
}

/** 40 characters as AWS makes its secret keys: no commit (hex), no path and no identifier, which change character class far more rarely. */
function looksRandom(key: string): boolean {
  if (!/[A-Z]/.test(key) || !/[a-z]/.test(key) || !/\d/.test(key)) return false;
  if (/^\/|\/\/|\/$/.test(key) || /[a-z]{7}/.test(key)) return false;
  let changes = 0;
  for (let at = 1; at < key.length; at += 1)
    if (classOf(key.charCodeAt(at)) !== classOf(key.charCodeAt(at - 1))) changes += 1;
  return changes >= 15;
}

function classOf(code: number): number {
  if (code >= 97) return 0;
  if (code >= 65) return 1;
  return code >= 48 ? 2 : 3;
}

const scheme =
  /(\b(?:bearer|basic|token|digest|apikey|negotiate|geniekey|splunk|bot|aws4-hmac-sha256)[ \t]{1,8}(?:token=)?["']?)([^\s"',;\\<>]{1,8192})/iy;

/** `Authorization: <scheme> <value>` in any spelling, `Cookie:` lines, and a lone `Bearer <value>` whose value looks like one. */
function redactHeaders(text: string): string {
  return text
    .replace(
      /(\b(?:proxy-)?authorization(?:\\{0,3}["'])?[ \t]{0,8}[:=][ \t]{0,8}(?:\\{0,3}["'])?\[?["']?)([^\r\n"'\]\\]{1,8192})/gi,
      (all, head: string, rest: string) => authorization(all, head, rest),
    )
    .replace(
      /(\b(?:set-)?cookie(?:\\{0,3}["'])?[ \t]{0,8}:[ \t]{0,8}(?:\\{0,3}["'])?)([\w.-]{1,128}=)([^\r\n"'\\]{4,8192})/gi,
      (all, head: string, name: string, value: string) =>
        value.startsWith('[redacted:') ? all : `${head}${name}[redacted: cookie]`,
    )
    .replace(/(\bbearer[ \t]{1,4})([A-Za-z0-9._~+/-]{16,8192}={0,4})/gi, (all, head: string, value: string) =>
      /\d/.test(value) ? `${head}[redacted: bearer token]` : all,
    );
}

function authorization(all: string, head: string, rest: string): string {
  scheme.lastIndex = 0;
  const found = scheme.exec(rest);
  if (found === null) {
    const first = /^[^\s,;]+/.exec(rest)?.[0] ?? '';
    return first.length >= 12 && /\d/.test(first) && !first.startsWith('[redacted:')
      ? `${head}[redacted: authorization]${rest.slice(first.length)}`
      : all;
  }
  const [, word = '', value = ''] = found;
  if (value.startsWith('[redacted:')) return all;
  // A signature's parts follow its scheme on the same line (`Credential=…, Signature=…`).
  const isSigned = /^(?:aws4|digest)/i.test(word);
  return `${head}${word}[redacted: authorization]${isSigned ? '' : rest.slice(found[0].length)}`;
}
