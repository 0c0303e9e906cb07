import type { Outcome, Verdict } from '../contract.ts';
import type { Offer, RegionDiagnosis } from '../diagnose.ts';
import type { Impact } from '../impact.ts';
import type { Message, Press } from '../message.ts';
import type { Policy, Who } from '../policy.ts';
import type { AuditEntry } from '../ports/store.ts';
import type { Words } from '../words.ts';
import type { Asked } from './changes.ts';
import type { Escalation } from '../config/paging.ts';
import type { PagedEvent } from '../ports/paging.ts';
import type { FlapRule } from './flapping.ts';
import type { Handling } from './handling.ts';
import type { Maintenance } from './maintained.ts';
import type { Remembered } from './memory.ts';
import type { Beside, HeldAlert } from './storm.ts';
import type { ActOutcome, AlertSeen, Approvers, Elsewhere, Event, Observed, Subject } from './events.ts';

/** What a thread is told. From outside (inbox rows), or by the engine about an effect that it carried out. */

/** The kill switch was set or lifted: what everybody is told. */
export interface StopNotice {
  readonly on: boolean;
  readonly by: string;
  readonly at: string;
  /** Changes that had begun: "INC-7 (model-server: image v2.4.1 not found)". */
  readonly underWay: readonly string[];
  /** "@ml-leads or @ml-approvers". */
  readonly mayLift: string;
}

/** Part of what a sender of alerts delivered, or could have, is not known here: said where everybody sees it. */
export interface LostNotice {
  /** What, in words: "Alertmanager left out 37 alerts of this group (its max_alerts)". */
  readonly lost: string;
  readonly at: string;
}

export type Notice = StopNotice | LostNotice | ShownNotice;

/** What is posted by the clock: a list as it was then. */
export interface ShownNotice {
  readonly shown: Message;
  readonly at: string;
}

/** Stored in the inbox as JSON. */
export type Outside =
  | {
      readonly is: 'alert';
      readonly alert: AlertSeen;
      readonly subject: Subject;
      readonly channel: string;
      readonly key: string;
      /** Many workloads of its region alert at once: the thread that it opens is about all of them. Absent: it opens its own. */
      readonly storm?: {
        readonly region: string;
        readonly key: string;
        readonly subject: Subject;
        readonly channel: string;
      };
    }
  /** A storm, or a person, wants this incident to become part of another one. */
  | {
      readonly is: 'group';
      readonly into: string;
      readonly number: number | null;
      readonly link: string | null;
      readonly by: string;
      readonly byPerson: boolean;
      readonly why: string;
      /** When the storm began (ISO 8601), and where; null: anywhere. */
      readonly since: string;
      readonly region: string | null;
    }
  /** The answer to that, at the other one. */
  | { readonly is: 'joined'; readonly beside: Beside; readonly alerts: readonly HeldAlert[] }
  | { readonly is: 'apart'; readonly beside: Beside }
  | {
      readonly is: 'ask';
      readonly by: string;
      readonly subject: Subject;
      readonly channel: string;
      readonly key: string;
    }
  /** A person wants something changed. */
  | {
      readonly is: 'change';
      readonly change: Asked;
      readonly subject: Subject;
      readonly channel: string;
      readonly key: string;
    }
  /** Another incident saw a fault of its own in this region on its way. */
  | {
      readonly is: 'found';
      readonly by: number | null;
      readonly subject: Subject;
      readonly channel: string;
      readonly key: string;
    }
  | {
      readonly is: 'press';
      readonly press: Press;
      readonly by: string;
      readonly reason: string | null;
      /** Where it was pressed, so that the answer is seen there; left out: in the thread. */
      readonly from?: 'channel' | 'thread';
    }
  /** Something typed in the thread, or a note from elsewhere in the bot. */
  | { readonly is: 'note'; readonly by: string; readonly what: string }
  /** Something cluster-wide changed (the kill switch): show it. */
  | { readonly is: 'refresh' }
  /** Alertmanager has no longer these silences, by their ids. */
  | { readonly is: 'silence-gone'; readonly ids: readonly string[] }
  /** What a person decided about the incident as such. */
  | { readonly is: 'handle'; readonly by: string; readonly what: Handling }
  /** What happened in PagerDuty. */
  | { readonly is: 'paged-event'; readonly event: PagedEvent }
  /** What belongs to no incident: one post in each channel. */
  | { readonly is: 'announce'; readonly notice: Notice; readonly channels: readonly string[] };

export type Inside =
  | { readonly is: 'numbered'; readonly number: number }
  | {
      readonly is: 'looked';
      readonly round: number;
      readonly diagnosis: RegionDiagnosis;
      readonly evidence: string;
      /** Who else answers for what was found; left out: nobody. */
      readonly elsewhere?: Elsewhere;
      /** The same fault before; left out: not that is known. */
      readonly remembered?: Remembered;
    }
  /** `region`: by what it is remembered. `beside`: the thread that has it now. */
  | { readonly is: 'branched'; readonly region: string; readonly beside?: Beside }
  | {
      readonly is: 'prepared';
      readonly round: number;
      readonly region: string;
      readonly remedy: string;
      readonly undoOf: string | null;
      readonly result:
        | {
            readonly offer: Offer;
            readonly digest: string;
            readonly state: string;
            readonly rehearsal: readonly string[];
            readonly noPreview: string | null;
            readonly may: Approvers;
          }
        /** `gone`: what it would take back no longer stands. */
        | { readonly no: string; readonly gone?: true };
    }
  /** What was asked for by command: the plan for its next region, or why there is none. */
  | {
      readonly is: 'planned';
      readonly change: string;
      readonly region: string;
      readonly tries: number;
      readonly result: Extract<Inside, { is: 'prepared' }>['result'];
    }
  /** Before the write: the state was read again and the target is about to be changed. */
  | {
      readonly is: 'acting';
      readonly proposal: string;
      readonly fence: string;
      readonly notAfter: string;
      readonly before: Observed;
      readonly now: Now;
      /** An earlier attempt that is now known not to have happened (the target was fenced and read); null: the first. */
      readonly retryOf: number | null;
    }
  | {
      readonly is: 'acted';
      readonly proposal: string;
      readonly attempt: number;
      readonly outcome: ActOutcome | { readonly is: 'unknown' };
    }
  /** The outcome of a write is not known and could not be looked up yet. */
  | { readonly is: 'unsettled'; readonly proposal: string; readonly attempt: number; readonly because: string }
  | { readonly is: 'cannot-act'; readonly proposal: string; readonly because: string }
  /** Another incident holds the target: `by` names it for people. */
  | { readonly is: 'held'; readonly proposal: string; readonly by: string }
  | {
      readonly is: 'observed';
      readonly proposal: string;
      readonly verdict: Verdict;
      readonly progress: string;
      readonly impact: Impact;
    }
  /** Several alerts that wait in the inbox, as one. */
  | { readonly is: 'alerts'; readonly all: readonly Extract<Outside, { is: 'alert' }>[] }
  /** The incidents that were open before a storm have been asked. */
  | { readonly is: 'gathered' }
  /** Alerts that go their own way are in the inbox again. */
  | { readonly is: 'let-go-sent'; readonly id: number }
  | { readonly is: 'group-told' }
  | Extract<Event, { is: 'paged' | 'page-trouble' | 'page-reached' | 'page-told' | 'page-noted' }>
  | Extract<Event, { is: 'draft-filed' | 'draft-trouble' }>
  | { readonly is: 'tick' };

export type Command = Outside | Inside;

/** The target as of now, against the plan. */
export interface Now {
  readonly fits: Verdict;
  /** Digest of the bound part of the observation. */
  readonly state: string;
  /** Digest of the stored plan, parsed and rendered again by the present code. */
  readonly digest: string;
}

export interface Facts {
  readonly at: string;
  /** Who pressed; null for commands without a person. */
  readonly who: Outcome<Who> | null;
  /** Read anew for approvals; null where it does not matter. */
  readonly now: Outcome<Now> | null;
  /** Those of what the same approval lets follow, in order. Absent: nothing follows. */
  readonly rest?: readonly Outcome<Now>[];
  /** Who approved what is about to be done, as of now, in the order of the votes. Null or absent: just now, or nobody in person. */
  readonly voters?: readonly Outcome<Who>[] | null | undefined;
  /** The kill switch: who set it; null: off. */
  readonly killSwitch: string | null;
  /** Regions in maintenance as of now. Absent: as they were. */
  readonly maintenance?: readonly Maintenance[];
  /** "1234:9f86d081884c": number and first digits of the MAC of the newest audit row; null: not read. */
  readonly auditHead: string | null;
  /** To this thread's summary, for an answer elsewhere; absent or null: not known. */
  readonly link?: string | null;
}

export interface Timing {
  readonly approvalMs: number;
  /** Without a break, before an incident closes. */
  readonly quietMs: number;
  /** After a verified fix: so long may numbers over a window still show the harm of before without being a new fault. */
  readonly drainMs: number;
  /** Between rounds while an incident is open. */
  readonly watchMs: number;
  readonly undoMs: number;
  /** What was changed for a while is spoken of again after so long; absent: after a day. */
  readonly temporaryMs?: number;
  /** How long after an act a worse verdict may undo without a new click. */
  readonly undoAloneMs: number;
  /** Between two digests of a storm; absent: ten minutes. */
  readonly digestMs?: number;
  /** Time limit of one write. */
  readonly actMs: number;
  /** Clock skew between replicas and targets that must be waited out. */
  readonly skewMs: number;
  /** Between observations while verifying. */
  readonly observeMs: number;
  /** At most so long must a fix be seen to hold; null or absent: as long as its remedy says. */
  readonly settleMs?: number | null;
}

export interface Rules {
  readonly policy: Policy;
  readonly timing: Timing;
  /** Drafts of post-mortems are stored outside as well. Absent: only in the thread. */
  readonly postmortems?: true;
  /** Absent: no way to call people is configured. */
  readonly escalation?: Escalation;
  /** When an alert that comes and goes is held open. Absent: as usual. */
  readonly flapping?: FlapRule;
}

export interface Decision {
  readonly events: readonly Event[];
  /** Only the person sees it. */
  readonly whispers: readonly { readonly to: string; readonly words: Words }[];
  readonly audit: readonly Omit<AuditEntry, 'stream'>[];
  /** In the channels themselves, under no root; left out: none. */
  readonly posts?: readonly { readonly channel: string; readonly notice: Notice }[];
}

export const NOTHING: Decision = { events: [], whispers: [], audit: [] };

export function events(...all: readonly Event[]): Decision {
  return { ...NOTHING, events: all };
}
export function whisper(to: string, words: Words): Decision {
  return { ...NOTHING, whispers: [{ to, words }] };
}
export function both(...all: readonly Decision[]): Decision {
  return {
    events: all.flatMap((one) => one.events),
    whispers: all.flatMap((one) => one.whispers),
    audit: all.flatMap((one) => one.audit),
  };
}
export function later(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString();
}
