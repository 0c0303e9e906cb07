import { commandText, typedBlocks, typedText } from './compose.ts';
import type { Deliverer } from './delivery.ts';
import { allBlocks, elementAt, labelOf, pick, placedIn } from './find.ts';
import type { Placed } from './find.ts';
import { react } from './methods-other.ts';
import type { Json, Message, ViewRecord } from './model.ts';
import type { PageActResult, PageElementValue, PageOption, PageViewValues } from './page-api.ts';
import type { Payloads } from './payloads.ts';
import { respond } from './responses.ts';
import { fieldErrors, takeAnswer, troubleUnless } from './submission.ts';
import { isObject } from './shape.ts';
import { choiceFor, clientErrors, fromPlain, stateValues } from './state.ts';
import type { PlainValues } from './state.ts';
import { closeViews } from './views.ts';
import type { Workspace } from './workspace.ts';

export interface HumanParts {
  readonly ws: Workspace;
  readonly payloads: Payloads;
  readonly deliverer: Deliverer;
  /** Records what the bot put into an acknowledgement. */
  readonly acknowledged: (kind: string, body: Json) => void;
  readonly mistake: (where: string, error: string, detail: string) => void;
}

const slackbot = 'USLACKBOT';
const done: PageActResult = { ok: true };
type MessageRef = Pick<Message, 'channel' | 'ts'>;

/** One person at their client. Impossible acts throw, with what was possible; what the bot did is in the result. */
export class Human {
  readonly user: string;
  readonly #parts: HumanParts;

  constructor(user: string, parts: HumanParts) {
    this.user = user;
    this.#parts = parts;
    parts.ws.person(user);
  }

  get #ws(): Workspace {
    return this.#parts.ws;
  }

  /** Posts words to a channel or a thread. */
  async say(
    text: string,
    where: { readonly channel: string; readonly thread?: string },
  ): Promise<{ readonly ok: true; readonly ts: string }> {
    this.#mustBeIn(where.channel);
    const sent = typedText(this.#ws, text);
    const message = this.#ws.post({
      channel: where.channel,
      user: this.user,
      text: sent,
      blocks: typedBlocks(this.#ws, sent),
      threadTs: where.thread ?? null,
    });
    return { ok: true, ts: message.ts };
  }

  /** `/mlp diagnose …`. Resolves when the bot acknowledged, or failed to. */
  async command(typed: string, where: { readonly channel: string; readonly thread?: string }): Promise<PageActResult> {
    this.#mustBeIn(where.channel);
    const [, command = '', rest = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(typed.trim()) ?? [];
    const spec = this.#ws.seed.app.commands.find((one) => one.command === command);
    if (where.thread !== undefined) return this.#slackSays(where, `${command} is not supported in threads. Sorry!`);
    if (spec === undefined)
      return this.#slackSays(
        where,
        `${command || typed} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.`,
      );
    const payload = this.#parts.payloads.command(
      this.user,
      where.channel,
      command,
      commandText(this.#ws, rest, spec.shouldEscape),
    );
    const attempt = await this.#parts.deliverer.interact('slash_commands', payload, true);
    if (attempt.kind === 'failed') {
      const error = attempt.reason === 'http_timeout' ? 'operation_timeout' : 'dispatch_failed';
      return this.#slackSays(where, `${command} failed with the error "${error}"`);
    }
    const body = typeof attempt.body === 'string' && attempt.body !== '' ? { text: attempt.body } : attempt.body;
    if (isObject(body) && Object.keys(body).length > 0) {
      this.#parts.acknowledged('command', body);
      const answer = respond(
        this.#ws,
        { channel: where.channel, user: this.user, message: null, threadTs: null },
        body,
      );
      if (answer.status !== 200) this.#parts.mistake('ack:command', 'invalid_payload', JSON.stringify(answer.body));
    }
    return done;
  }

  /** Presses what carries this action id, or this label. `choice` for selects, menus and pickers: values or labels. */
  async press(where: MessageRef, actionOrLabel: string, choice?: string | readonly string[]): Promise<PageActResult> {
    const message = this.#message(where);
    const placed = pick(placedIn(allBlocks(message)), actionOrLabel);
    return this.#pressPlaced(message, placed, choiceFor(placed, choice));
  }

  /** Presses in a message as it was when `seen` was taken (`slack.seen`): the person's screen is behind. */
  async pressSeen(seen: Message, actionOrLabel: string): Promise<PageActResult> {
    return this.#pressPlaced(seen, pick(placedIn(allBlocks(seen)), actionOrLabel), undefined);
  }

  /** The same by block and action id, as the page does it. */
  async pressAt(
    where: MessageRef,
    blockId: string,
    actionId: string,
    value?: PageElementValue,
  ): Promise<PageActResult> {
    const message = this.#message(where);
    return this.#pressPlaced(message, elementAt(placedIn(allBlocks(message)), blockId, actionId), value);
  }

  async #pressPlaced(message: Message, placed: Placed, value: PageElementValue | undefined): Promise<PageActResult> {
    const payload = this.#parts.payloads.pressInMessage(this.user, message, placed, value);
    const attempt = await this.#parts.deliverer.interact('interactive', payload, false);
    if (attempt.kind === 'answered') return done;
    return this.#slackSays(
      { channel: message.channel, ...(message.threadTs === null ? {} : { thread: message.threadTs }) },
      `"${labelOf(placed.element)}" did not reach ${this.#ws.seed.app.name}. Try again in a moment.`,
    );
  }

  /** Presses inside a modal or on Home. */
  async pressInView(
    viewId: string,
    actionOrLabel: string,
    options: { readonly choice?: string | readonly string[]; readonly values?: PlainValues } = {},
  ): Promise<PageActResult> {
    const view = this.#view(viewId);
    const placed = pick(placedIn(view.blocks), actionOrLabel);
    return this.pressInViewAt(
      viewId,
      placed.blockId,
      String(placed.element['action_id']),
      choiceFor(placed, options.choice),
      fromPlain(view.blocks, options.values ?? {}),
    );
  }

  async pressInViewAt(
    viewId: string,
    blockId: string,
    actionId: string,
    value?: PageElementValue,
    values: PageViewValues = {},
  ): Promise<PageActResult> {
    const view = this.#view(viewId);
    const payload = this.#parts.payloads.pressInView(
      this.user,
      view,
      elementAt(placedIn(view.blocks), blockId, actionId),
      value,
      values,
    );
    return troubleUnless(this.#ws, view, await this.#parts.deliverer.interact('interactive', payload, false));
  }

  /** The modal on top, if one is open. */
  view(): ViewRecord | undefined {
    const top = this.#ws.stacks.get(this.user)?.at(-1);
    return top === undefined ? undefined : this.#ws.views.get(top);
  }

  /** Submits the modal on top. Values by block id, action id or field label. */
  async submit(values: PlainValues = {}, view = this.view()): Promise<PageActResult> {
    if (view === undefined) throw new Error('no modal is open');
    return this.submitValues(view.id, fromPlain(view.blocks, values));
  }

  async submitValues(viewId: string, values: PageViewValues): Promise<PageActResult> {
    const view = this.#view(viewId);
    if (this.view()?.id !== view.id) throw new Error('another modal is on top');
    if (view.body['submit'] === undefined) throw new Error('this modal has no submit button');
    const state = stateValues(view.blocks, values);
    const wrong = clientErrors(view, state);
    if (Object.keys(wrong).length > 0) return fieldErrors(this.#ws, view, wrong);
    const attempt = await this.#parts.deliverer.interact(
      'interactive',
      this.#parts.payloads.submission(this.user, view, state),
      true,
    );
    if (attempt.kind === 'failed') return troubleUnless(this.#ws, view, attempt);
    return takeAnswer(this.#parts, view, attempt.body);
  }

  /** Cancel (the top view) or the X of the stack (all). */
  async close(all = false): Promise<PageActResult> {
    const closed = closeViews(this.#ws, this.user, all || this.view()?.body['clear_on_close'] === true);
    for (const view of closed) {
      if (view.body['notify_on_close'] === true)
        await this.#parts.deliverer.interact(
          'interactive',
          this.#parts.payloads.closed(this.user, view, closed.length > 1),
          false,
        );
    }
    return done;
  }

  /** A message shortcut, or a global one when no message is given. */
  async shortcut(callbackId: string, where?: MessageRef): Promise<PageActResult> {
    const spec = this.#ws.seed.app.shortcuts.find(
      (one) => one.callbackId === callbackId && one.kind === (where === undefined ? 'global' : 'message'),
    );
    if (spec === undefined) throw new Error(`no such shortcut: ${callbackId}`);
    const payload =
      where === undefined
        ? this.#parts.payloads.globalShortcut(this.user, callbackId)
        : this.#parts.payloads.messageShortcut(this.user, callbackId, this.#message(where));
    const attempt = await this.#parts.deliverer.interact('interactive', payload, false);
    if (attempt.kind === 'answered') return done;
    const text = `"${spec.name}" did not reach ${this.#ws.seed.app.name}. Try again in a moment.`;
    return where === undefined
      ? { ok: false, kind: 'bot', error: text }
      : this.#slackSays({ channel: where.channel }, text);
  }

  async openHome(): Promise<PageActResult> {
    const channel = this.#ws.dm(this.#ws.seed.app.botUser, this.user);
    this.#ws.tell({ kind: 'home-opened', user: this.user, channel: channel.id });
    return done;
  }

  async openDm(withUser: string): Promise<{ readonly ok: true; readonly channel: string }> {
    this.#ws.person(withUser);
    return { ok: true, channel: this.#ws.dm(withUser, this.user).id };
  }

  async react(where: MessageRef, name: string, remove = false): Promise<PageActResult> {
    react({ ws: this.#ws }, this.#message(where), this.user, name.replaceAll(':', ''), !remove);
    return done;
  }

  /** What an external select offers for typed words. */
  async suggest(
    where: MessageRef | { readonly viewId: string },
    blockId: string,
    actionId: string,
    typed: string,
  ): Promise<PageActResult> {
    const place = 'viewId' in where ? this.#view(where.viewId) : this.#message(where);
    const placed = elementAt(placedIn('ts' in place ? allBlocks(place) : place.blocks), blockId, actionId);
    const attempt = await this.#parts.deliverer.interact(
      'interactive',
      this.#parts.payloads.suggestion(this.user, place, placed, typed),
      true,
    );
    if (attempt.kind === 'failed') return { ok: false, kind: 'bot', error: 'Options could not be loaded' };
    const body = isObject(attempt.body) ? attempt.body : {};
    this.#parts.acknowledged('block_suggestion', body);
    const groups = Array.isArray(body['option_groups']) ? body['option_groups'].filter(isObject) : [];
    const all = [
      ...(Array.isArray(body['options']) ? body['options'] : []),
      ...groups.flatMap((one) => (Array.isArray(one['options']) ? one['options'] : [])),
    ].filter(isObject);
    if (all.length > 100) this.#parts.mistake('ack:block_suggestion', 'invalid_payload', 'no more than 100 options');
    const options: PageOption[] = all.map((one) => ({ label: labelOf(one), value: String(one['value']) }));
    return { ok: true, options };
  }

  #slackSays(where: { readonly channel: string; readonly thread?: string }, text: string): PageActResult {
    this.#ws.post({ channel: where.channel, user: slackbot, text, threadTs: where.thread ?? null, onlyFor: this.user });
    return { ok: false, kind: 'bot', error: text };
  }

  #mustBeIn(channel: string): void {
    if (!(this.#ws.channels.get(channel)?.members.includes(this.user) ?? false))
      throw new Error(`${this.#ws.person(this.user).realName} is not in ${channel}`);
  }

  #message(where: MessageRef): Message {
    const found = this.#ws.findAny(where.channel, where.ts);
    if (found === undefined || (found.onlyFor !== null && found.onlyFor !== this.user))
      throw new Error(`no message ${where.ts} that ${this.user} can see`);
    return found;
  }

  #view(id: string): ViewRecord {
    const view = id === 'home' ? this.#ws.homes.get(this.user) : this.#ws.views.get(id);
    if (view === undefined || view.user !== this.user) throw new Error(`no view ${id} is open`);
    return view;
  }
}
