import type { Chart } from './chart.ts';
import type { Words } from './words.ts';

/** A message before any chat system formats it. */
export interface Message {
  /** What a phone's lock screen shows: the whole point in one line, no markup. */
  readonly lock: string;
  readonly blocks: readonly Block[];
  /** To look at beside it, in its thread. Left out: none. Nobody gets them with a whisper. */
  readonly files?: readonly Attachment[];
  /** Drawn by whoever publishes it, and then files. No chat adapter sees them. */
  readonly charts?: readonly { readonly name: string; readonly chart: Chart }[];
}

/** A file in the thread of a message: a chart, a log, a diff. */
export interface Attachment {
  /** With its ending: `inc-214-errors-0216.png`. A name is posted once in a thread and kept: what changed needs a new one. */
  readonly name: string;
  readonly title: string;
  /** `image/png`, `text/plain`. */
  readonly mime: string;
  readonly content: { readonly text: string } | { readonly base64: string };
  /** For who cannot see it: what it shows, in a sentence. At most 1,000 characters; '' for a text. */
  readonly altText: string;
}

export type Block =
  /** Lines of one paragraph; the adapter splits what is too long for one block. */
  | { readonly is: 'lines'; readonly lines: readonly Words[] }
  /** Somebody else's words (a log, an event, a diff): shown as they are, never formatted. */
  | { readonly is: 'verbatim'; readonly text: string }
  | { readonly is: 'quote'; readonly text: string }
  | { readonly is: 'buttons'; readonly buttons: readonly Button[] }
  /** Small print. */
  | { readonly is: 'note'; readonly words: Words }
  | { readonly is: 'rule' };

export interface Button {
  /** Unique in its message. What it does is in `press`. */
  readonly id: string;
  readonly label: string;
  readonly style: 'primary' | 'danger' | 'plain';
  /** For screen readers, where the label alone is ambiguous. */
  readonly describe: string;
  /** Comes back when it is pressed. Not trusted: the engine checks everything again. At most 1,900 characters as JSON. */
  readonly press: Press;
  /** It opens this address instead; the press is only what it is called. Left out: it does what `press` says. */
  readonly url?: string;
}

/** What a button asks for. `thread` is the stream's id. */
export interface Press {
  readonly does:
    | 'approve'
    | 'deny'
    | 'not-now'
    | 'ask-again'
    | 'show-diff'
    | 'mine'
    | 'hand-back'
    | 'escalate'
    | 'undo'
    | 'stop'
    | 'again'
    | 'steps'
    | 'timeline'
    | 'right-cause'
    | 'wrong-cause'
    | 'break-glass'
    | 'lift'
    | 'ask-approvers'
    | 'list-alerts'
    | 'split'
    | 'more'
    | 'reopen'
    | 'choose';
  readonly thread: string;
  /** The proposal that is meant, and the digest of exactly what was shown. */
  readonly proposal?: string;
  readonly digest?: string;
  /** For `choose`: the command that the button stands for. */
  readonly command?: string;
}

/** Where a message goes, and how it changes. */
export type Placement =
  /** Kept equal to the newest wanted state by editing in place; `under` is the key of the message whose thread it is in. */
  | { readonly is: 'kept'; readonly under: string | null }
  /** Posted once and never changed: it notifies. */
  | { readonly is: 'said'; readonly under: string | null }
  /** Only this person sees it; worthless after `notAfter` (ISO 8601). */
  | { readonly is: 'whispered'; readonly to: string; readonly under: string | null; readonly notAfter: string };

/** One row of the outbox: the message that should be in the channel by now. */
export interface Desired {
  /** `incident/42`, `incident/42/p1/card`: one message for ever. */
  readonly key: string;
  /** The chat system's channel id. */
  readonly channel: string;
  readonly placement: Placement;
  readonly message: Message;
  /** Waiting people before progress before detail: 0 a person must act, 1 progress, 2 detail. */
  readonly priority: 0 | 1 | 2;
  /**
   * `fold`: not worth a post when it is ten minutes late, since the thread or its timeline says it anyway. `unseen`, of a thread's first
   * message: while nobody has seen that, nothing of the thread is posted any more. Left out: it is always sent.
   */
  readonly late?: 'fold' | 'unseen';
}
