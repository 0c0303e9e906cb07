import type { AckFn, App } from '@slack/bolt';
import { z } from 'zod';
import { whyOf } from '../../core/failure.ts';
import type { Answer, Modal } from '../../core/ports/intake.ts';
import { handOver } from './ears.ts';
import type { Ears } from './ears.ts';
import type { Prepared } from './gate.ts';
import { take } from './gate.ts';
import { homeView } from './home.ts';
import { within } from './limit.ts';
import type { Within } from './limit.ts';
import { MODAL_CALLBACK } from './modal.ts';
import type { Origin } from './modal.ts';
import { HANDLE_SHORTCUT, commandOf, homeOf, mentionOf, pressedOf, shortcutOf } from './payloads.ts';
import type { Command } from './payloads.ts';
import { CHANGED_BUTTON, LOOKING_MS, NOT_STORED, sentence, STILL_WORKING } from './reply.ts';
import { submitted } from './submitted.ts';

/** The words that Slack knows the bot by; manifest.yml declares the same. */
export const COMMAND = '/mlp';
export const SHORTCUT = 'diagnose_this';

/** Each listener: parse, hand over, acknowledge, answer. Nothing in the channel is touched here: that is the publisher's. */
export function listen(
  app: Pick<App, 'command' | 'action' | 'shortcut' | 'view' | 'event' | 'error'>,
  ears: Ears,
): void {
  app.command(COMMAND, ({ body, ack }) => onCommand(body, ack, ears));
  app.action(/^press:/, ({ body, ack }) => onPress(body, ack, ears));
  // A link button, or one of an older version: Slack only wants it acknowledged.
  app.action(/^(?!press:)/, ({ ack }) => ack());
  app.shortcut({ callback_id: SHORTCUT, type: 'message_action' }, ({ body, ack }) => onShortcut(body, ack, ears));
  app.shortcut({ callback_id: HANDLE_SHORTCUT, type: 'message_action' }, ({ body, ack }) =>
    onShortcut(body, ack, ears),
  );
  app.view(MODAL_CALLBACK, ({ body, ack }) => submitted(body, ack as AckFn<unknown>, ears));
  const answered = new Recent(500);
  app.event('app_mention', ({ body, context }) =>
    onMention(body, context['prepared'] as Prepared | undefined, answered, ears),
  );
  app.event('app_home_opened', ({ body }) => onHome(body, ears));
  app.error(async (error) => ears.log('error', 'A Slack listener failed', { why: whyOf(error) }));
}

async function onCommand(
  body: { readonly response_url: string; readonly trigger_id: string },
  ack: AckFn<never>,
  ears: Ears,
): Promise<void> {
  const acknowledge = ack as AckFn<unknown>;
  const command = commandOf(body);
  if (command === null) return acknowledge(ephemeral('I could not read this; nothing was done.'));
  const outcome = await handOver(command, ears);
  const later = (answer: Answer): Promise<void> =>
    lateAnswer(answer, (it, to) => ears.replies.byUrl(body.response_url, it, to));
  switch (outcome.is) {
    case 'failed':
      return acknowledge(ephemeral(NOT_STORED));
    case 'late':
      await acknowledge(ephemeral(STILL_WORKING));
      return outcome.later.then(later, () => ears.replies.byUrl(body.response_url, sentence(NOT_STORED)));
    case 'done':
      return answerCommand(outcome.value, command, body, acknowledge, ears);
  }
}

async function answerCommand(
  answer: Answer,
  command: Command,
  body: { readonly response_url: string; readonly trigger_id: string },
  ack: AckFn<unknown>,
  { replies }: Ears,
): Promise<void> {
  switch (answer.is) {
    case 'taken':
      return ack();
    case 'said': {
      const { text, blocks } = await replies.formatted(answer.message);
      return ack({ response_type: 'ephemeral', text, blocks });
    }
    case 'looking': {
      // An answer to a command cannot be replaced (bolt-js 2287): the first stays, what was seen follows it.
      const soon = await within(answer.answer, LOOKING_MS);
      const { text, blocks } = await replies.formatted(soon.is === 'done' ? soon.value : answer.first);
      const isForAll = soon.is === 'done' && answer.to === 'all';
      await ack({ response_type: isForAll ? 'in_channel' : 'ephemeral', text, blocks });
      return soon.is === 'done' ? undefined : replies.byUrl(body.response_url, await answer.answer, answer.to);
    }
    case 'ask': {
      await ack();
      const why = await replies.open(body.trigger_id, answer.modal, {
        channel: command.channel,
        messageTs: '',
        threadTs: null,
      });
      if (why !== null) await replies.byUrl(body.response_url, sentence(why));
    }
  }
}

function ephemeral(text: string): { readonly response_type: 'ephemeral'; readonly text: string } {
  return { response_type: 'ephemeral', text };
}

/** After the three seconds there is no form any more. */
async function lateAnswer(
  answer: Answer,
  tell: (message: ReturnType<typeof sentence>, to?: 'asker' | 'all') => Promise<void>,
): Promise<void> {
  if (answer.is === 'said') await tell(answer.message);
  if (answer.is === 'looking') await tell(await answer.answer, answer.to);
  if (answer.is === 'ask') await tell(sentence('That took too long for a form to open; nothing was done. Try again.'));
}

async function onPress(body: unknown, ack: AckFn<never>, ears: Ears): Promise<void> {
  const got = pressedOf(body);
  if (got === null) return ack();
  const { pressed, trigger, responseUrl } = got;
  if (pressed === null) {
    await ack();
    if (responseUrl !== null) await ears.replies.byUrl(responseUrl, sentence(CHANGED_BUTTON));
    return;
  }
  const outcome = await handOver(pressed, ears);
  await ack();
  const where = { channel: pressed.channel, threadTs: pressed.threadTs, user: pressed.by };
  const origin: Origin = { channel: pressed.channel, messageTs: pressed.messageTs, threadTs: pressed.threadTs };
  await answerClick(outcome, (it) => ears.replies.only(where, it, responseUrl), { trigger, origin }, ears);
}

async function onShortcut(body: unknown, ack: AckFn<never>, ears: Ears): Promise<void> {
  const got = shortcutOf(body);
  if (got === null) return ack();
  const { shortcut, trigger } = got;
  const outcome = await handOver(shortcut, ears);
  await ack();
  const url = responseUrlOf(body);
  // The bot may not be in the channel of the message: the address that came along works everywhere.
  const tell = async (it: ReturnType<typeof sentence>): Promise<void> =>
    url === null
      ? ears.replies.only({ channel: shortcut.channel, threadTs: shortcut.threadTs, user: shortcut.by }, it, null)
      : ears.replies.byUrl(url, it);
  await answerClick(
    outcome,
    tell,
    { trigger, origin: { channel: shortcut.channel, messageTs: shortcut.messageTs, threadTs: shortcut.threadTs } },
    ears,
  );
}

const withUrl = z.object({ response_url: z.url() });
function responseUrlOf(body: unknown): string | null {
  return withUrl.safeParse(body).data?.response_url ?? null;
}

async function answerClick(
  outcome: Within<Answer>,
  tell: (message: ReturnType<typeof sentence>) => Promise<void>,
  form: { readonly trigger: string; readonly origin: Origin },
  ears: Ears,
): Promise<void> {
  if (outcome.is === 'failed') return tell(sentence(NOT_STORED));
  if (outcome.is === 'late') {
    await tell(sentence(STILL_WORKING));
    return outcome.later.then(
      (answer) => lateAnswer(answer, tell),
      () => tell(sentence(NOT_STORED)),
    );
  }
  if (outcome.value.is === 'said') return tell(outcome.value.message);
  if (outcome.value.is === 'looking') {
    const soon = await within(outcome.value.answer, LOOKING_MS);
    if (soon.is !== 'done') await tell(outcome.value.first);
    return tell(await outcome.value.answer);
  }
  if (outcome.value.is === 'ask') return ask(outcome.value.modal, form, tell, ears);
}

async function ask(
  modal: Modal,
  form: { readonly trigger: string; readonly origin: Origin },
  tell: (message: ReturnType<typeof sentence>) => Promise<void>,
  { replies }: Ears,
): Promise<void> {
  const why = await replies.open(form.trigger, modal, form.origin);
  if (why !== null) await tell(sentence(why));
}

/** Stored before it was acknowledged, by the gate; what is left is to answer. */
async function onMention(
  body: unknown,
  prepared: Prepared | undefined,
  answered: Recent,
  { replies, self }: Ears,
): Promise<void> {
  const mention = mentionOf(body, self());
  const answer = prepared?.answer;
  if (mention === null || answer === undefined || answer.is === 'taken') return;
  if (!answered.first(mention.id)) return;
  const where = { channel: mention.channel, threadTs: mention.threadTs, user: mention.by };
  if (answer.is === 'said') return replies.only(where, answer.message, null);
  if (answer.is === 'looking') {
    if (answer.to === 'all') return replies.shown(where, mention.id, answer.first, answer.answer);
    const soon = await within(answer.answer, LOOKING_MS);
    if (soon.is !== 'done') await replies.only(where, answer.first, null);
    return replies.only(where, await answer.answer, null);
  }
  await replies.only(
    where,
    sentence(`This needs a form, which a mention cannot open: type ${COMMAND} ${mention.text} in the channel.`),
    null,
  );
}

/** Events come twice now and then; what was answered need not be answered again. */
class Recent {
  private readonly ids = new Set<string>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }
  first(id: string): boolean {
    if (this.ids.has(id)) return false;
    if (this.ids.size >= this.most) this.ids.clear();
    this.ids.add(id);
    return true;
  }
}

async function onHome(body: unknown, { intake, replies, calls, log, limitMs }: Ears): Promise<void> {
  const home = homeOf(body);
  if (home === null) return;
  const outcome = await within(take(intake, home), limitMs);
  const said =
    outcome.is === 'done' && outcome.value.is === 'said' ? await replies.formatted(outcome.value.message) : null;
  try {
    await calls.call('bulk', 'views.publish', { user_id: home.by, view: homeView(said?.blocks ?? null) }, z.unknown());
  } catch (error) {
    log('warn', 'The Home page could not be shown', { why: whyOf(error) });
  }
}
