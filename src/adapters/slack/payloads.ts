import { z } from 'zod';
import type { Press } from '../../core/message.ts';
import type { Taken } from '../../core/ports/intake.ts';

/** What Slack delivers, parsed at the edge: only what is used, and nothing of it trusted. */

const id = z.string().min(1).max(255);
const text = z.string().max(100_000);
const team = z.object({ id }).nullish();
const person = z.object({ id, team_id: id.nullish() });

/** The word that Slack knows it by; manifest.yml declares the same. */
export const HANDLE_SHORTCUT = 'handle_incident';

/** As a record, so that one that is missing does not compile. */
const PRESSES: Readonly<Record<Press['does'], true>> = {
  approve: true,
  deny: true,
  'not-now': true,
  'ask-again': true,
  'show-diff': true,
  mine: true,
  'hand-back': true,
  escalate: true,
  undo: true,
  stop: true,
  again: true,
  steps: true,
  timeline: true,
  'right-cause': true,
  'wrong-cause': true,
  'break-glass': true,
  lift: true,
  'ask-approvers': true,
  'list-alerts': true,
  split: true,
  more: true,
  reopen: true,
  choose: true,
};
const pressSchema = z.strictObject({
  does: z.enum(Object.keys(PRESSES) as Press['does'][]),
  thread: z.string().max(500),
  proposal: z.string().max(500).optional(),
  digest: z.string().max(500).optional(),
  command: z.string().max(2_000).optional(),
});

const commandBody = z.object({
  command: id,
  text: text.default(''),
  user_id: id,
  channel_id: id,
  team_id: id,
  trigger_id: id,
});
const actionBody = z.object({
  user: person,
  team,
  trigger_id: id,
  channel: z.object({ id }).optional(),
  container: z.object({ message_ts: id.optional(), channel_id: id.optional(), thread_ts: id.nullish() }),
  message: z.object({ ts: id, thread_ts: id.nullish() }).optional(),
  response_url: z.url().optional(),
  actions: z.array(z.object({ action_id: id, action_ts: id, value: z.string().max(3_000).optional() })).min(1),
});
const shortcutBody = z.object({
  user: person,
  team,
  trigger_id: id,
  callback_id: id,
  channel: z.object({ id }),
  message_ts: id,
  message: z.object({ text: text.nullish(), thread_ts: id.nullish() }),
});
const mentionBody = z.object({
  team_id: id,
  event_id: id,
  event: z.object({
    type: z.literal('app_mention'),
    user: id.optional(),
    bot_id: id.nullish(),
    text: text.default(''),
    channel: id,
    ts: id,
    thread_ts: id.nullish(),
    user_team: id.nullish(),
  }),
});
const homeBody = z.object({
  team_id: id,
  event_id: id,
  event: z.object({ type: z.literal('app_home_opened'), user: id, tab: z.string().nullish() }),
});

/** The workspace that the delivery is for; null where it does not say. */
const anyBody = z.looseObject({
  team_id: id.nullish(),
  team,
  user: z.looseObject({ team_id: id.nullish() }).optional().catch(undefined),
  authorizations: z.array(z.object({ team_id: id.nullish() })).nullish(),
});

export type Delivery = 'event' | 'command' | 'action' | 'shortcut' | 'view';

/** Null: this is nothing that Slack would send. */
export function deliveryOf(
  body: unknown,
): { readonly kind: Delivery; readonly team: string | null; readonly what: string } | null {
  const parsed = anyBody.safeParse(body);
  if (!parsed.success) return null;
  const it = parsed.data;
  const kind = kindOf(it);
  if (kind === null) return null;
  // In a shared channel `team_id` may be where the author is from; the authorization is where the app is installed.
  const team = it.authorizations?.[0]?.team_id ?? it.team_id ?? it.team?.id ?? it.user?.team_id ?? null;
  return { ...kind, team };
}

function kindOf(it: Readonly<Record<string, unknown>>): { readonly kind: Delivery; readonly what: string } | null {
  const type = typeof it['type'] === 'string' ? it['type'] : '';
  if (typeof it['command'] === 'string') return { kind: 'command', what: it['command'].slice(0, 40) };
  const user = it['user'];
  const known = typeof user === 'object' && user !== null;
  switch (type) {
    case 'event_callback': {
      const inner = z.looseObject({ type: z.string() }).safeParse(it['event']);
      return inner.success ? { kind: 'event', what: inner.data.type.slice(0, 40) } : null;
    }
    case 'block_actions':
      return known && Array.isArray(it['actions']) ? { kind: 'action', what: type } : null;
    case 'message_action':
    case 'shortcut':
      return known ? { kind: 'shortcut', what: type } : null;
    case 'view_submission':
    case 'view_closed':
      return known && typeof it['view'] === 'object' && it['view'] !== null ? { kind: 'view', what: type } : null;
    default:
      return null;
  }
}

export type Command = Extract<Taken, { is: 'command' }>;
export type Mention = Extract<Taken, { is: 'mention' }>;
export type Pressed = Extract<Taken, { is: 'pressed' }>;
export type Shortcut = Extract<Taken, { is: 'shortcut' }>;
export type Home = Extract<Taken, { is: 'home' }>;

export function commandOf(body: unknown): Command | null {
  const parsed = commandBody.safeParse(body);
  if (!parsed.success) return null;
  const it = parsed.data;
  return {
    is: 'command',
    id: `slack:trigger:${it.trigger_id}`,
    text: plainWords(it.text),
    by: it.user_id,
    channel: it.channel_id,
    team: it.team_id,
  };
}

/** `press: null`: the button is not ours, or its value was changed. */
export function pressedOf(
  body: unknown,
): { readonly pressed: Pressed | null; readonly trigger: string; readonly responseUrl: string | null } | null {
  const parsed = actionBody.safeParse(body);
  if (!parsed.success) return null;
  const it = parsed.data;
  const action = it.actions[0];
  const channel = it.channel?.id ?? it.container.channel_id;
  const messageTs = it.container.message_ts ?? it.message?.ts;
  if (action === undefined) return null;
  const rest = { trigger: it.trigger_id, responseUrl: it.response_url ?? null };
  const press = pressOf(action.value);
  if (channel === undefined || messageTs === undefined || press === null) return { pressed: null, ...rest };
  const pressed: Pressed = {
    is: 'pressed',
    id: `slack:action:${channel}:${messageTs}:${it.user.id}:${action.action_ts}`,
    press,
    by: it.user.id,
    channel,
    messageTs,
    threadTs: inThread(it.container.thread_ts ?? it.message?.thread_ts, messageTs),
    reason: null,
    team: it.user.team_id ?? it.team?.id ?? '',
  };
  return { pressed, ...rest };
}

/** A root with replies names itself as its thread; who pressed there stands in the channel, and is answered there. */
function inThread(threadTs: string | null | undefined, messageTs: string): string | null {
  return threadTs === messageTs ? null : (threadTs ?? null);
}

export function pressOf(value: string | undefined): Press | null {
  if (value === undefined) return null;
  try {
    const parsed = pressSchema.safeParse(JSON.parse(value));
    return parsed.success ? asPress(parsed.data) : null;
  } catch {
    return null;
  }
}
/** A field that is not there must not be there as undefined. */
export function asPress(it: z.infer<typeof pressSchema>): Press {
  return {
    does: it.does,
    thread: it.thread,
    ...(it.proposal === undefined ? {} : { proposal: it.proposal }),
    ...(it.digest === undefined ? {} : { digest: it.digest }),
    ...(it.command === undefined ? {} : { command: it.command }),
  };
}
export { pressSchema };

export function shortcutOf(body: unknown): { readonly shortcut: Shortcut; readonly trigger: string } | null {
  const parsed = shortcutBody.safeParse(body);
  if (!parsed.success) return null;
  const it = parsed.data;
  const shortcut: Shortcut = {
    is: 'shortcut',
    id: `slack:trigger:${it.trigger_id}`,
    callback: it.callback_id === HANDLE_SHORTCUT ? 'handle' : 'diagnose',
    by: it.user.id,
    channel: it.channel.id,
    messageTs: it.message_ts,
    messageText: plainWords(it.message.text ?? ''),
    threadTs: it.message.thread_ts ?? null,
    team: it.user.team_id ?? it.team?.id ?? '',
  };
  return { shortcut, trigger: it.trigger_id };
}

/** Null: not a mention by a person (bots that answer each other never stop). */
export function mentionOf(body: unknown, self: string | null): Mention | null {
  const parsed = mentionBody.safeParse(body);
  if (!parsed.success) return null;
  const { event, event_id: eventId, team_id: teamId } = parsed.data;
  if (event.user === undefined || event.user === self || (event.bot_id ?? null) !== null) return null;
  const said = self === null ? event.text : event.text.replaceAll(new RegExp(`<@${self}(?:\\|[^>]*)?>`, 'g'), ' ');
  return {
    is: 'mention',
    id: `slack:event:${eventId}`,
    text: plainWords(said).trim(),
    by: event.user,
    channel: event.channel,
    threadTs: event.thread_ts ?? null,
    ts: event.ts,
    team: event.user_team ?? teamId,
  };
}

export function homeOf(body: unknown): Home | null {
  const parsed = homeBody.safeParse(body);
  if (!parsed.success || parsed.data.event.tab !== 'home') return null;
  return {
    is: 'home',
    id: `slack:event:${parsed.data.event_id}`,
    by: parsed.data.event.user,
    team: parsed.data.team_id,
  };
}

/** Slack's own notation back into what was typed: `<http://a.example|a.example>`, `<@U1|ada>`, `&lt;`. */
export function plainWords(slackText: string): string {
  return slackText
    .replace(/<([^<>]*)>/g, (_, inner: string) => {
      const [target = '', label] = inner.split('|', 2);
      if (label !== undefined && label !== '')
        return /^[@#]/.test(target) ? target.slice(0, 1) + label.replace(/^[@#]/, '') : label;
      return target
        .replace(/^mailto:/, '')
        .replace(/^![a-z]+\^/, '@')
        .replace(/^!/, '@');
    })
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
