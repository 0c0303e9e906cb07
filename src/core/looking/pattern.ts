/**
 * What `grep` looks for: a plain text, or a /regular expression/ that is run by a machine of states, not by backtracking: the time is at
 * most (length of the text) × (size of the pattern), whatever the pattern is. Pure.
 */

export type Pattern =
  /** Case is ignored. */
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'regex'; readonly source: string; readonly ignoreCase: boolean };

export function patternText(pattern: Pattern): string {
  return pattern.is === 'text' ? pattern.text : `/${pattern.source}/${pattern.ignoreCase ? 'i' : ''}`;
}

/** Steps of the machine for one log; beyond it the rest is not searched, which is said. About a tenth of a second. */
const MOST_STEPS = 500_000;
/** Longer lines are searched up to here. */
const LINE_CHARS = 4_000;
const MOST_STATES = 400;

export interface Matcher {
  /** Null: not searched any more, too much was to be done. */
  matches(line: string): boolean | null;
}

/** A sentence when the expression cannot be read or is too large. */
export function matcherOf(pattern: Pattern, steps = MOST_STEPS): Matcher | { readonly wrong: string } {
  if (pattern.is === 'text') {
    const wanted = pattern.text.toLowerCase();
    return { matches: (line) => line.toLowerCase().includes(wanted) };
  }
  const { ignoreCase } = pattern;
  try {
    const program = compile(new Reader(pattern.source, ignoreCase).whole());
    let left = steps;
    return {
      matches: (line) => {
        if (left <= 0) return null;
        const { found, used } = run(program, line.slice(0, LINE_CHARS));
        left -= used;
        return found;
      },
    };
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}

type Test = (char: string) => boolean;
type Part =
  | { readonly is: 'char'; readonly test: Test }
  | { readonly is: 'start' | 'end' | 'word edge' }
  | { readonly is: 'all'; readonly of: readonly Part[] }
  | { readonly is: 'any'; readonly of: readonly Part[] }
  | { readonly is: 'times'; readonly of: Part; readonly min: number; readonly max: number };

const CLASSES: Readonly<Record<string, Test>> = {
  d: (c) => c >= '0' && c <= '9',
  w: (c) => /^\w$/.test(c),
  s: (c) => /^\s$/.test(c),
};
const SPECIAL: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' };

class Reader {
  readonly #text: string;
  readonly #ignoreCase: boolean;
  #at = 0;

  constructor(text: string, ignoreCase: boolean) {
    this.#text = text;
    this.#ignoreCase = ignoreCase;
  }

  whole(): Part {
    const part = this.#choice();
    if (this.#at < this.#text.length) throw new Error(`a \`)\` too many at ${this.#at + 1}`);
    return part;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }
  #take(): string {
    return this.#text.charAt(this.#at++);
  }

  #choice(): Part {
    const all = [this.#row()];
    while (this.#peek() === '|') {
      this.#take();
      all.push(this.#row());
    }
    return { is: 'any', of: all };
  }

  #row(): Part {
    const all: Part[] = [];
    while (this.#at < this.#text.length && this.#peek() !== '|' && this.#peek() !== ')') all.push(this.#repeated());
    return { is: 'all', of: all };
  }

  #repeated(): Part {
    let part = this.#one();
    for (;;) {
      const times = this.#times();
      if (times === null) return part;
      part = { is: 'times', of: part, ...times };
      // What is lazy finds the same lines.
      if (this.#peek() === '?') this.#take();
    }
  }

  #times(): { readonly min: number; readonly max: number } | null {
    const next = this.#peek();
    if (next === '*' || next === '+' || next === '?') {
      this.#take();
      return { min: next === '+' ? 1 : 0, max: next === '?' ? 1 : Number.POSITIVE_INFINITY };
    }
    const found = /^\{(\d{1,3})(,(\d{1,3})?)?\}/.exec(this.#text.slice(this.#at));
    if (found === null) return null;
    this.#at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === undefined ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (max < min) throw new Error(`\`${found[0]}\`: the second number is smaller`);
    return { min, max };
  }

  #one(): Part {
    const char = this.#take();
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return this.#set();
      case '.':
        return { is: 'char', test: () => true };
      case '^':
        return { is: 'start' };
      case '$':
        return { is: 'end' };
      case '\\':
        return this.#escaped();
      case '*':
      case '+':
      case '?':
        throw new Error(`nothing to repeat before \`${char}\``);
      default:
        return { is: 'char', test: this.#between(char, char) };
    }
  }

  #between(low: string, high: string): Test {
    const within: Test = (c) => c >= low && c <= high;
    return this.#ignoreCase ? (c) => within(c.toLowerCase()) || within(c.toUpperCase()) : within;
  }

  #group(): Part {
    if (this.#peek() === '?') {
      if (!this.#text.startsWith('?:', this.#at)) throw new Error('groups that look ahead or behind are not taken');
      this.#at += 2;
    }
    const part = this.#choice();
    if (this.#take() !== ')') throw new Error('a `)` is missing');
    return part;
  }

  #escaped(): Part {
    const char = this.#take();
    if (char === '') throw new Error('nothing after the last `\\`');
    if (char === 'b') return { is: 'word edge' };
    if (/[1-9]/.test(char)) throw new Error('references to a group are not taken');
    return { is: 'char', test: CLASSES[char.toLowerCase()] === undefined ? this.#literal(char) : classOf(char) };
  }

  #literal(char: string): Test {
    const meant = SPECIAL[char] ?? char;
    return this.#between(meant, meant);
  }

  #set(): Part {
    const not = this.#peek() === '^';
    if (not) this.#take();
    const tests: Test[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#at >= this.#text.length) throw new Error('a `]` is missing');
      const from = this.#take();
      const low = from === '\\' ? this.#take() : from;
      if (from === '\\' && CLASSES[low.toLowerCase()] !== undefined) {
        tests.push(classOf(low));
        continue;
      }
      const range = this.#peek() === '-' && this.#text.charAt(this.#at + 1) !== ']' && this.#at + 1 < this.#text.length;
      if (!range) {
        tests.push(from === '\\' ? this.#literal(low) : this.#between(low, low));
        continue;
      }
      this.#take();
      tests.push(this.#between(low, this.#take()));
    }
    this.#take();
    return { is: 'char', test: (c) => tests.some((test) => test(c)) !== not };
  }
}

function classOf(char: string): Test {
  const known = CLASSES[char.toLowerCase()] ?? ((): boolean => false);
  return char === char.toLowerCase() ? known : (c) => !known(c);
}

type State =
  | { readonly is: 'char'; readonly test: Test }
  | { readonly is: 'edge'; readonly at: 'start' | 'end' | 'word edge' }
  | { readonly is: 'split'; readonly to: readonly number[] }
  | { readonly is: 'done' };

/** States in a row: each goes on to the one after it, a split to those that it names. */
function compile(part: Part): readonly State[] {
  const out: State[] = [];
  const push = (state: State): void => {
    if (out.length >= MOST_STATES) throw new Error('it is too large: fewer or smaller repetitions');
    out.push(state);
  };
  const emit = (one: Part): void => {
    switch (one.is) {
      case 'char':
        return push(one);
      case 'all':
        for (const each of one.of) emit(each);
        return;
      case 'any':
        return choice(one.of);
      case 'times':
        return times(one);
      default:
        return push({ is: 'edge', at: one.is });
    }
  };
  const choice = (all: readonly Part[]): void => {
    const [first, ...rest] = all;
    if (first === undefined) return;
    if (rest.length === 0) return emit(first);
    const split = out.length;
    push({ is: 'split', to: [] });
    emit(first);
    const jump = out.length;
    push({ is: 'split', to: [] });
    out[split] = { is: 'split', to: [split + 1, out.length] };
    choice(rest);
    out[jump] = { is: 'split', to: [out.length] };
  };
  const times = ({ of, min, max }: Extract<Part, { is: 'times' }>): void => {
    for (let n = 0; n < min; n++) emit(of);
    const optional = max === Number.POSITIVE_INFINITY ? 1 : max - min;
    const splits: number[] = [];
    for (let n = 0; n < optional; n++) {
      splits.push(out.length);
      push({ is: 'split', to: [] });
      emit(of);
      if (max === Number.POSITIVE_INFINITY) push({ is: 'split', to: [splits.at(-1) ?? 0] });
    }
    for (const split of splits) out[split] = { is: 'split', to: [split + 1, out.length] };
  };
  emit(part);
  out.push({ is: 'done' });
  return out;
}

/** A match may begin anywhere: its first state joins at every place. No list is made anew for each character. */
function run(program: readonly State[], text: string): { readonly found: boolean; readonly used: number } {
  const isWord = (at: number): boolean => /^\w$/.test(text.charAt(at));
  const holds = (edge: 'start' | 'end' | 'word edge', at: number): boolean =>
    edge === 'start' ? at === 0 : edge === 'end' ? at === text.length : isWord(at - 1) !== isWord(at);
  const lastAt = new Int32Array(program.length + 1).fill(-1);
  let [waiting, next]: [number[], number[]] = [[], []];
  let used = 0;
  for (let at = 0; at <= text.length; at++) {
    waiting.push(0);
    next.length = 0;
    const char = text.charAt(at);
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      if (lastAt[state] === at) continue;
      lastAt[state] = at;
      used += 1;
      const one = program[state];
      if (one?.is === 'done') return { found: true, used };
      if (one?.is === 'split') waiting.push(...one.to);
      else if (one?.is === 'edge' && holds(one.at, at)) waiting.push(state + 1);
      else if (one?.is === 'char' && at < text.length && one.test(char)) next.push(state + 1);
    }
    [waiting, next] = [next, waiting];
  }
  return { found: false, used };
}
