import { telling, type Telling } from './names.ts';
import { valueAt, type Place } from './values.ts';

// Names have at most 128 characters; the look-behinds keep a long run from being tried at each of its characters. Each pattern ends where the
// value starts.
const patterns: readonly { readonly is: RegExp; readonly joint: Place['joint'] | null; readonly told?: Telling }[] = [
  // `name: DB_PASSWORD, value: …`: environment variables in manifests and as Go prints them
  {
    is: /(?<![\w.-])name(?:\\{0,3}["'])?[ \t]{0,8}[:=][ \t]{0,8}(?:\\{0,3}["'])?([\w.-]{1,128})(?:\\{0,3}["'])?[ \t]{0,8},?\s{0,80}(?:\\{0,3}["'])?value(?:\\{0,3}["'])?[ \t]{0,8}[:=][ \t]{0,8}/gi,
    joint: 'equals',
  },
  // `--password hunter2`, `"--password", "hunter2"`
  {
    is: /(?<![\w-])(--[A-Za-z][\w-]{1,64})(?:=|[ \t]{1,8}|\\{0,3}["'][ \t]{0,8},\s{0,64})(?=[^\s-])/g,
    joint: 'equals',
  },
  // `with password "x"`, `identified by password 'x'`
  { is: /(?<![\w.-])(password|passphrase)[ \t]{1,8}(?=["'])/gi, joint: 'equals' },
  // `mysql -u root -phunter2`
  {
    is: /(?<=\b(?:mysql|mariadb)[a-z]{0,8}[ \t][^\n|;]{0,120})(?<=[ \t])(-p)(?=[^\s-])/g,
    joint: 'equals',
    told: { kind: 'password', weak: false },
  },
  // A value on the line below its name; what is a name again is none
  {
    is: /(?<![\w.-])([A-Za-z_][\w.-]{0,127})(?:["'])?[ \t]{0,8}:[ \t]{0,8}\r?\n[ \t]{0,32}(?=[^\s:]{4,200}[ \t]{0,8}(?:\r?\n|$))/g,
    joint: 'colon',
  },
  // .netrc: `login ada password hunter2`
  { is: /(?<=\blogin[ \t]{1,8}[^\s]{1,64}\s{1,8})(password)[ \t]{1,8}/g, joint: 'equals' },
  // `password=…`, `"password": "…"`, `X-Api-Key: …`, `:password => …`, `params[password]=…`
  {
    is: /(?<![\w.-])([A-Za-z_][\w.-]{0,127}(?:\[[\w.-]{1,64}\])?)(?:\\{0,3}["'`])?[ \t]{0,8}(?:=>|:=|:|=|%3[Dd])[ \t]{0,64}/g,
    joint: null,
  },
];

/** Takes out the values of names that tell of a secret, in JSON (escaped too), YAML, env, URL query, header, flag and printed-struct form. */
export function redactPairs(text: string): string {
  const known = new Map<string, Telling>();
  const what = (name: string): Telling => {
    let told = known.get(name);
    if (told === undefined) {
      told = telling(name);
      if (known.size < 10_000) known.set(name, told);
    }
    return told;
  };
  let now = text;
  for (const { is, joint, told } of patterns)
    now = redactPattern(now, is, joint, told === undefined ? what : () => told);
  return now;
}

function redactPattern(
  text: string,
  pattern: RegExp,
  joint: Place['joint'] | null,
  what: (name: string) => Telling,
): string {
  const kept: string[] = [];
  let at = 0;
  pattern.lastIndex = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const name = found[1] ?? '';
    const told = what(name) ?? signature(text, found.index, name);
    if (told === null) continue;
    const value = valueAt(text, {
      at: pattern.lastIndex,
      nameAt: found.index,
      told,
      joint: joint ?? jointOf(found[0]),
    });
    if (value === null) continue;
    kept.push(text.slice(at, value.from), `[redacted: ${told.kind}]`);
    at = value.to;
    pattern.lastIndex = at;
  }
  if (at === 0) return text;
  kept.push(text.slice(at));
  return kept.join('');
}

/** "name: value" may be prose; "name:value", "name=value" and "name => value" are not. */
function jointOf(all: string): Place['joint'] {
  return /:[ \t]+$/.test(all) ? 'colon' : 'equals';
}

/** `?sig=…`, `&signature=…`, `&code=…`: secrets in a URL's query alone. */
function signature(text: string, nameAt: number, name: string): Telling {
  const before = text.charCodeAt(nameAt - 1);
  const isQuery = before === 63 || before === 38;
  return isQuery && /^(?:sig|signature|x-goog-signature|key|auth|code)$/i.test(name)
    ? { kind: 'signature', weak: false }
    : null;
}
