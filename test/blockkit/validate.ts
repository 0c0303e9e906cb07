import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { home, message, metadata, modal } from './schema.ts';

/** A call as it was recorded; the local Slack's `sent` fits. */
export interface Sent {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What the bot holds itself to: below every message that people reported as accepted (bolt-js issue 2509). */
export const budget = {
  textChars: 9_500,
  jsonChars: 15_000,
  fallbackChars: 4_000,
  markdownChars: 12_000,
  viewBytes: 250_000,
} as const;

const ajv = new Ajv({ allErrors: true, discriminator: true, strict: false });
const checks = {
  message: ajv.compile(message),
  modal: ajv.compile(modal),
  home: ajv.compile(home),
  metadata: ajv.compile(metadata),
};

type Thing = Readonly<Record<string, unknown>>;

function isThing(value: unknown): value is Thing {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function things(value: unknown): readonly Thing[] {
  return Array.isArray(value) ? value.filter(isThing) : [];
}

function sentence(error: ErrorObject): string {
  const at = error.instancePath === '' ? '' : ` at ${error.instancePath}`;
  const params = error.params as Readonly<Record<string, unknown>>;
  if (error.keyword === 'additionalProperties') return `unknown key "${String(params['additionalProperty'])}"${at}`;
  if (error.keyword === 'discriminator') return `a ${JSON.stringify(params['tagValue'])} may not stand here${at}`;
  if (error.keyword === 'enum') return `must be one of ${JSON.stringify(params['allowedValues'])}${at}`;
  return `${error.message ?? error.keyword}${at}`;
}

function bySchema(check: ValidateFunction, value: unknown): readonly string[] {
  if (check(value)) return [];
  // Of alternatives only the inner reasons say something.
  const errors = (check.errors ?? []).filter((one) => one.keyword !== 'oneOf' && one.keyword !== 'anyOf');
  return [...new Set((errors.length > 0 ? errors : (check.errors ?? [])).map(sentence))];
}

function* walk(value: unknown): Generator<Thing> {
  if (Array.isArray(value)) for (const one of value) yield* walk(one);
  if (!isThing(value)) return;
  yield value;
  for (const one of Object.values(value)) yield* walk(one);
}

/** Code points of everything called `text`. */
function shownChars(value: unknown): number {
  let sum = 0;
  for (const thing of walk(value)) if (typeof thing['text'] === 'string') sum += Array.from(thing['text']).length;
  return sum;
}

function idProblems(blocks: readonly Thing[]): readonly string[] {
  const out: string[] = [];
  const seen = new Set<unknown>();
  for (const [i, block] of blocks.entries()) {
    const id = block['block_id'];
    if (id !== undefined && seen.has(id)) out.push(`block_id ${JSON.stringify(id)} stands twice, again at /${i}`);
    seen.add(id);
    const actions = things(block['elements']).flatMap((one) =>
      one['action_id'] === undefined ? [] : [one['action_id']],
    );
    for (const one of new Set(actions.filter((a, at) => actions.indexOf(a) !== at))) {
      out.push(`action_id ${JSON.stringify(one)} stands twice in the block at /${i}`);
    }
    for (const one of things(block['elements']).filter((e) => e['type'] === 'button' && e['url'] === undefined)) {
      if (one['value'] === undefined) out.push(`button ${JSON.stringify(one['action_id'])} carries no value, at /${i}`);
    }
  }
  const focused = [...walk(blocks)].filter((one) => one['focus_on_load'] === true);
  if (focused.length > 1) out.push('only one element may have focus_on_load');
  return out;
}

/** What `<` may begin: a mention, a channel, a special word, a link, a date with its fallback. */
const token =
  /^<(?:@[UW][A-Z0-9]+(?:\|[^<>]*)?|#C[A-Z0-9]+(?:\|[^<>]*)?|!(?:here|channel|everyone)|!subteam\^S[A-Z0-9]+(?:\|[^<>]*)?|!date\^\d+\^[^<>|]+\|[^<>]+|(?:https?:\/\/|mailto:|tel:)[^<>]+)>/;

/** Text that Slack would read as markup where none was meant. */
function escapeProblems(text: string): readonly string[] {
  const out: string[] = [];
  for (const { index } of text.matchAll(/</g)) {
    if (!token.test(text.slice(index))) out.push(`an unescaped "<": ${JSON.stringify(text.slice(index, index + 30))}`);
  }
  for (const { index } of text.matchAll(/&(?!amp;|lt;|gt;)/g))
    out.push(`an unescaped "&": ${JSON.stringify(text.slice(index, index + 30))}`);
  return out;
}

function writtenProblems(blocks: readonly Thing[]): readonly string[] {
  const out: string[] = [];
  for (const thing of walk(blocks)) {
    const text = thing['text'];
    if (
      (thing['type'] === 'mrkdwn' || thing['type'] === 'plain_text') &&
      typeof text === 'string' &&
      text.trim() === ''
    )
      out.push('a text is only white space');
  }
  for (const thing of walk(blocks)) {
    const text = thing['text'];
    if (thing['type'] !== 'mrkdwn' || typeof text !== 'string') continue;
    out.push(...escapeProblems(text));
    if ((text.match(/```/g)?.length ?? 0) % 2 === 1)
      out.push(`a code fence is not closed: ${JSON.stringify(text.slice(-40))}`);
  }
  return out;
}

/** Problems of a message's blocks; also for those inside attachments and of a `response_url`. */
export function blockProblems(blocks: unknown): readonly string[] {
  const list = things(blocks);
  const out = [...bySchema(checks.message, blocks), ...idProblems(list), ...writtenProblems(list)];
  if (list.filter((one) => one['type'] === 'table' || one['type'] === 'data_table').length > 1)
    out.push('at most one table stands in a message');
  const shown = shownChars(list);
  if (shown > budget.textChars) out.push(`${shown} characters of text, budget ${budget.textChars}`);
  const json = JSON.stringify(blocks ?? []).length;
  if (json > budget.jsonChars) out.push(`${json} characters of JSON, budget ${budget.jsonChars}`);
  return out;
}

/** Problems of a modal or a Home tab. */
export function viewProblems(view: unknown): readonly string[] {
  if (!isThing(view)) return ['a view is an object'];
  if (view['type'] !== 'modal' && view['type'] !== 'home')
    return [`a view is a modal or a home, not ${JSON.stringify(view['type'])}`];
  const blocks = things(view['blocks']);
  const out = [...bySchema(checks[view['type']], view), ...idProblems(blocks), ...writtenProblems(blocks)];
  const hasInput = blocks.some((one) => one['type'] === 'input');
  if (view['type'] === 'modal' && hasInput && view['submit'] === undefined)
    out.push('a modal with an input needs `submit`');
  if (Buffer.byteLength(JSON.stringify(view)) > budget.viewBytes) out.push('the view is larger than 250 kB');
  return out;
}

function textProblems(args: Thing, needsText: boolean): readonly string[] {
  const text = args['text'];
  const out: string[] = [];
  if (needsText && (typeof text !== 'string' || text.trim() === ''))
    out.push('no `text`: the lock screen would be empty');
  if (typeof text === 'string' && Array.from(text).length > budget.fallbackChars)
    out.push(`\`text\` is longer than ${budget.fallbackChars} characters`);
  if (typeof text === 'string') out.push(...escapeProblems(text));
  const all = JSON.stringify([text ?? '', args['blocks'] ?? [], args['attachments'] ?? []]);
  const broadcast = /<!(channel|here|everyone)/.exec(all);
  if (broadcast !== null) out.push(`mentions everybody: ${broadcast[0]}>`);
  return out;
}

function messageProblems(args: Thing, needsText: boolean): readonly string[] {
  const out = [...textProblems(args, needsText)];
  if (args['blocks'] !== undefined) out.push(...blockProblems(args['blocks']));
  for (const one of things(args['attachments']))
    if (one['blocks'] !== undefined) out.push(...blockProblems(one['blocks']));
  if (args['metadata'] !== undefined)
    out.push(...bySchema(checks.metadata, args['metadata']).map((one) => `metadata: ${one}`));
  return out;
}

const posts = new Set(['chat.postMessage', 'chat.update', 'chat.postEphemeral']);

/** What is wrong with one call; calls that show nothing to people have no problems. */
export function problemsOf({ method, args }: Sent): readonly string[] {
  if (posts.has(method)) return messageProblems(args, true);
  if (method === 'response_url' || method === 'ack:command')
    return messageProblems(args, args['delete_original'] !== true);
  if (method === 'files.completeUploadExternal')
    return args['blocks'] === undefined ? [] : blockProblems(args['blocks']);
  const isView =
    /^views\.(open|push|update|publish)$/.test(method) ||
    (method === 'ack:view_submission' && args['view'] !== undefined);
  return isView ? viewProblems(args['view']) : [];
}

/** Throws with every problem of every call. Hand it `slack.sent` at the end of any test. */
export function judge(sent: readonly Sent[]): void {
  const lines = sent.flatMap((call, i) => problemsOf(call).map((one) => `  call ${i + 1}, ${call.method}: ${one}`));
  if (lines.length > 0) throw new Error(`What was sent to Slack breaks its rules, or ours:\n${lines.join('\n')}`);
}
