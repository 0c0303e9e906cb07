const mark = '[redacted: private key]';
const begin = '-----BEGIN ';
const end = '-----END ';
const maxLabel = 64;
/** Characters; an RSA key of 16,384 bits has 12,700. Further apart, a BEGIN and an END do not belong together. */
const maxKey = 20_000;

interface Place {
  readonly from: number;
  readonly to: number;
}

/** Takes out PEM and PGP private keys: whole ones, ones with `\n` spelled out, and the halves that a cut log begins or ends with. */
export function redactPrivateKeys(text: string): string {
  if (!text.includes('PRIVATE KEY')) return text;
  const kept: string[] = [];
  let at = 0; // everything before is in `kept`
  let started = findLabelled(text, begin, 0);
  let ended = findLabelled(text, end, 0);
  while (started !== null || ended !== null) {
    if (ended !== null && (started === null || ended.from < started.from)) {
      kept.push(text.slice(at, backOverBase64(text, at, ended.from)), mark);
      at = ended.to;
    } else if (started !== null) {
      kept.push(text.slice(at, started.from), mark);
      at = ended !== null && ended.from - started.from <= maxKey ? ended.to : overBase64(text, started.to);
    }
    // Each is looked for only once it is used up, so that the text is read once.
    if (started !== null && started.from < at) started = findLabelled(text, begin, at);
    if (ended !== null && ended.from < at) ended = findLabelled(text, end, at);
  }
  kept.push(text.slice(at));
  return kept.join('');
}

/** The next `-----BEGIN … PRIVATE KEY-----` (or END) at or after `from`. */
function findLabelled(text: string, opening: string, from: number): Place | null {
  let at = text.indexOf(opening, from);
  while (at !== -1) {
    const label = at + opening.length;
    const head = text.slice(label, label + maxLabel);
    const close = head.indexOf('-----');
    if (close !== -1 && head.slice(0, close).includes('PRIVATE KEY')) return { from: at, to: label + close + 5 };
    at = text.indexOf(opening, label);
  }
  return null;
}

/** Behind a BEGIN whose END was cut off: the rest of its run, and the following lines that are nothing but base64. */
function overBase64(text: string, from: number): number {
  const run = /[A-Za-z0-9+/=\\]{0,20000}/y;
  run.lastIndex = from;
  run.test(text);
  let at = run.lastIndex;
  // A log may put its own prefix before each line: then only a long run is taken for a part of the key.
  const line =
    /\r?\n(?:[ \t]{0,64}[A-Za-z0-9+/=]{16,128}|[^\n]{1,80}[ \t\]|][A-Za-z0-9+/=]{40,128})[ \t]{0,8}(?=\r?\n|$)/y;
  for (;;) {
    line.lastIndex = at;
    if (!line.test(text)) return at;
    at = line.lastIndex;
  }
}

/** Before an END whose BEGIN was cut off: where the lines (or the run with `\n`) of nothing but base64 start; never before `floor`. */
function backOverBase64(text: string, floor: number, from: number): number {
  let at = from;
  const limit = Math.max(floor, from - maxKey);
  while (at > limit && isKeyText(text.charCodeAt(at - 1))) at -= 1;
  // The last line of a key may be short; the others are not.
  for (let least = 2; ; least = 16) {
    let lineEnd = at;
    while (lineEnd > limit && isBlank(text.charCodeAt(lineEnd - 1))) lineEnd -= 1;
    let lineStart = lineEnd;
    while (lineStart > limit && isKeyText(text.charCodeAt(lineStart - 1))) lineStart -= 1;
    const before = lineStart === 0 ? 10 : text.charCodeAt(lineStart - 1);
    if (lineEnd - lineStart < least || (lineStart > limit && !isBlank(before))) return at;
    at = lineStart;
  }
}

const isBlank = (code: number): boolean => code === 10 || code === 13 || code === 32 || code === 9;

/** A letter, a digit, `+`, `/`, `=` or the backslash of a spelled-out line end. */
function isKeyText(code: number): boolean {
  if (code >= 48 && code <= 57) return true;
  if ((code >= 65 && code <= 90) || (code >= 97 && code <= 122)) return true;
  return code === 43 || code === 47 || code === 61 || code === 92;
}
