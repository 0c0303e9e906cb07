import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { Failure, whyOf } from '../../core/failure.ts';
import type { Message } from '../../core/message.ts';
import type { Chat, Destination } from '../../core/ports/chat.ts';
import type { Modal } from '../../core/ports/intake.ts';
import type { Log } from '../../core/ports/log.ts';
import { say } from '../../core/words.ts';
import type { Calls } from './client.ts';
import { fit } from './format.ts';
import type { Fitted } from './format.ts';
import { within } from './limit.ts';
import { viewOf } from './modal.ts';
import type { Origin } from './modal.ts';
import type { NamedPeople } from './people.ts';

/** Answers to one person. None of them throws: there is nobody left to tell. */
export interface Replies {
  /** Small enough for one message; names that take too long to look up are ids. */
  formatted(message: Message): Promise<Fitted>;
  /** Only to this person, in the channel or thread; where the bot may not post, by the address that came with the click. */
  only(to: Destination & { readonly user: string }, message: Message, responseUrl: string | null): Promise<void>;
  byUrl(responseUrl: string, message: Message, to?: 'asker' | 'all'): Promise<void>;
  /** For everybody in this thread or channel. What takes longer than a moment is first said to be looked at, then replaced. */
  shown(to: Destination, id: string, first: Message, answer: Promise<Message>): Promise<void>;
  /** Opens a form. The sentence says why not; null: it is open. */
  open(trigger: string, modal: Modal, origin: Origin): Promise<string | null>;
  view(modal: Modal, origin: Origin): Promise<ModalView>;
}

export interface ReplyParts {
  readonly calls: Calls;
  readonly chat: Chat;
  readonly people: NamedPeople;
  readonly log: Log;
}

/** Within the three seconds that an acknowledgement has. */
const NAMES_MS = 250;
const RESPONSE_MS = 5_000;
/** An answer that takes longer is announced. */
export const LOOKING_MS = 1_500;
/** A response_url takes five uses. */
const RESPONSES_MAX = 4;

export function replies({ calls, chat, people, log }: ReplyParts): Replies {
  async function byUrl(responseUrl: string, message: Message, to: 'asker' | 'all' = 'asker'): Promise<void> {
    const names = await people.names(message, NAMES_MS);
    const { more, ...first } = fit(message, names, 'in thread');
    try {
      for (const it of [first, ...more].slice(0, RESPONSES_MAX)) {
        await respond(responseUrl, {
          response_type: to === 'all' ? 'in_channel' : 'ephemeral',
          replace_original: false,
          text: it.text,
          blocks: it.blocks,
        });
      }
    } catch (error) {
      log('warn', 'An answer to one person was lost', { why: whyOf(error) });
    }
  }

  async function shown(to: Destination, id: string, first: Message, answer: Promise<Message>): Promise<void> {
    const mark = { key: `look/${id}`, revision: 1 };
    try {
      const soon = await within(answer, LOOKING_MS);
      if (soon.is === 'done') {
        await chat.post(to, soon.value, mark);
        return;
      }
      const ref = await chat.post(to, first, mark);
      await chat.update(ref, await answer, { ...mark, revision: 2 });
    } catch (error) {
      log('warn', 'What was looked at could not be shown', { channel: to.channel, why: whyOf(error) });
    }
  }

  async function view(modal: Modal, origin: Origin): Promise<ModalView> {
    const names = await people.names({ lock: '', blocks: [{ is: 'note', words: modal.intro }] }, NAMES_MS);
    return viewOf(modal, origin, names);
  }

  return {
    byUrl,
    shown,
    view,
    formatted: async (message) => fit(message, await people.names(message, NAMES_MS), 'left out'),
    async only(to, message, responseUrl) {
      try {
        await chat.whisper(to, message);
      } catch (error) {
        const unsure = error instanceof Failure && error.maybeDone;
        if (responseUrl !== null && !unsure) await byUrl(responseUrl, message);
        else log('warn', 'An answer to one person was lost', { channel: to.channel, why: whyOf(error) });
      }
    },
    async open(trigger, modal, origin) {
      try {
        await calls.call('click', 'views.open', { trigger_id: trigger, view: await view(modal, origin) }, z.unknown());
        return null;
      } catch (error) {
        log('warn', 'A form could not be opened', { why: whyOf(error) });
        return 'I could not open the form; nothing was done. Try again.';
      }
    },
  };
}

async function respond(responseUrl: string, body: unknown): Promise<void> {
  const response = await fetch(responseUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(RESPONSE_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Failure('gone', `the answer's address says ${response.status}`);
}

export function sentence(text: string): Message {
  return { lock: text, blocks: [{ is: 'lines', lines: [say`${text}`] }] };
}

export const NOT_STORED = 'I could not store this; nothing was done. Try again.';
export const STILL_WORKING = 'Still working on it…';
export const CHANGED_BUTTON = 'I do not know this button, or what it stands for was changed. Nothing was done.';
