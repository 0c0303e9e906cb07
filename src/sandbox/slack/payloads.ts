import type { Placed } from './find.ts';
import type { Interactivity } from './interactivity.ts';
import type { Json, Message, ViewRecord } from './model.ts';
import type { PageElementValue, PageViewValues } from './page-api.ts';
import { stateValues, valueFields } from './state.ts';
import { wireMessage, wireView } from './wire.ts';
import type { Workspace } from './workspace.ts';

/** The payloads of commands and interactions, key for key as Slack sends them. */
export class Payloads {
  readonly #ws: Workspace;
  readonly #interactivity: Interactivity;
  readonly #baseUrl: () => string;

  constructor(ws: Workspace, interactivity: Interactivity, baseUrl: () => string) {
    this.#ws = ws;
    this.#interactivity = interactivity;
    this.#baseUrl = baseUrl;
  }

  command(user: string, channelId: string, command: string, text: string): Json {
    const { app, team } = this.#ws.seed;
    const channel = this.#ws.channels.get(channelId);
    const name =
      channel?.kind === 'dm' ? 'directmessage' : channel?.kind === 'private' ? 'privategroup' : (channel?.name ?? '');
    return {
      token: app.verificationToken,
      team_id: team.id,
      team_domain: team.domain,
      channel_id: channelId,
      channel_name: name,
      user_id: user,
      user_name: this.#ws.person(user).name,
      command,
      text,
      api_app_id: app.appId,
      is_enterprise_install: 'false',
      response_url:
        this.#baseUrl() +
        this.#interactivity.responsePath('commands', { channel: channelId, user, message: null, threadTs: null }),
      trigger_id: this.#interactivity.trigger(user),
    };
  }

  #common(user: string): Json {
    const { app, team } = this.#ws.seed;
    const person = this.#ws.person(user);
    return {
      user: { id: person.id, username: person.name, name: person.name, team_id: team.id },
      api_app_id: app.appId,
      token: app.verificationToken,
      team: { id: team.id, domain: team.domain },
      enterprise: null,
      is_enterprise_install: false,
    };
  }

  #channel(id: string): Json {
    const channel = this.#ws.channels.get(id);
    return { id, name: channel?.kind === 'dm' ? 'directmessage' : (channel?.name ?? '') };
  }

  #action(placed: Placed, given: PageElementValue | undefined): Json {
    const { element, blockId } = placed;
    const shown = ['button', 'overflow'].includes(String(element['type']))
      ? { text: element['text'], style: element['style'] }
      : { placeholder: element['placeholder'] };
    const defined = Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined));
    return {
      action_id: element['action_id'],
      block_id: blockId,
      type: element['type'],
      ...defined,
      ...valueFields(element, given),
      action_ts: this.#ws.nextTs(),
    };
  }

  pressInMessage(user: string, message: Message, placed: Placed, given: PageElementValue | undefined): Json {
    const ephemeral = message.onlyFor !== null;
    const thread = message.threadTs === null ? {} : { thread_ts: message.threadTs };
    const target = { channel: message.channel, user, message, threadTs: message.threadTs };
    return {
      type: 'block_actions',
      ...this.#common(user),
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: message.channel,
        is_ephemeral: ephemeral,
        ...thread,
      },
      trigger_id: this.#interactivity.trigger(user),
      channel: this.#channel(message.channel),
      // Slack does not show an ephemeral message again.
      ...(ephemeral ? {} : { message: wireMessage(this.#ws, message) }),
      state: {
        values: stateValues(
          message.blocks,
          given === undefined ? {} : { [placed.blockId]: { [String(placed.element['action_id'])]: given } },
        ),
      },
      response_url: this.#baseUrl() + this.#interactivity.responsePath('actions', target),
      actions: [this.#action(placed, given)],
    };
  }

  pressInView(
    user: string,
    view: ViewRecord,
    placed: Placed,
    given: PageElementValue | undefined,
    values: PageViewValues,
  ): Json {
    const actionId = String(placed.element['action_id']);
    const all =
      given === undefined ? values : { ...values, [placed.blockId]: { ...values[placed.blockId], [actionId]: given } };
    return {
      type: 'block_actions',
      ...this.#common(user),
      container: { type: 'view', view_id: view.id },
      trigger_id: this.#interactivity.trigger(user, view.id),
      view: wireView(this.#ws, view, stateValues(view.blocks, all)),
      actions: [this.#action(placed, given)],
    };
  }

  submission(user: string, view: ViewRecord, values: Json): Json {
    return {
      type: 'view_submission',
      ...this.#common(user),
      trigger_id: this.#interactivity.trigger(user, view.id),
      view: wireView(this.#ws, view, values),
      response_urls: [],
    };
  }

  closed(user: string, view: ViewRecord, cleared: boolean): Json {
    return { type: 'view_closed', ...this.#common(user), view: wireView(this.#ws, view), is_cleared: cleared };
  }

  messageShortcut(user: string, callbackId: string, message: Message): Json {
    const target = { channel: message.channel, user, message: null, threadTs: message.threadTs };
    return {
      type: 'message_action',
      ...this.#common(user),
      action_ts: this.#ws.nextTs(),
      channel: this.#channel(message.channel),
      callback_id: callbackId,
      trigger_id: this.#interactivity.trigger(user),
      message_ts: message.ts,
      message: wireMessage(this.#ws, message),
      response_url: this.#baseUrl() + this.#interactivity.responsePath('app', target),
    };
  }

  globalShortcut(user: string, callbackId: string): Json {
    return {
      type: 'shortcut',
      ...this.#common(user),
      action_ts: this.#ws.nextTs(),
      callback_id: callbackId,
      trigger_id: this.#interactivity.trigger(user),
    };
  }

  suggestion(user: string, where: Message | ViewRecord, placed: Placed, typed: string): Json {
    const isMessage = 'ts' in where;
    return {
      type: 'block_suggestion',
      ...this.#common(user),
      container: isMessage
        ? { type: 'message', message_ts: where.ts, channel_id: where.channel, is_ephemeral: where.onlyFor !== null }
        : { type: 'view', view_id: where.id },
      action_id: placed.element['action_id'],
      block_id: placed.blockId,
      value: typed,
      ...(isMessage
        ? { channel: this.#channel(where.channel), message: wireMessage(this.#ws, where) }
        : { view: wireView(this.#ws, where) }),
    };
  }
}
