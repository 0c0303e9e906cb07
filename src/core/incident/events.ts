import type { Part } from './proposal.ts';
import type { Offer, RegionDiagnosis } from '../diagnose.ts';
import type { Impact } from '../impact.ts';
import type { Json } from '../json.ts';
import type { Verdict } from '../contract.ts';
import type { Asked } from './changes.ts';
import type { ByHand, HandledEvent } from './handled.ts';
import type { MemoryEvent } from './memory.ts';
import type { PageOutcome, PageReached } from './pages.ts';
import type { Beside, Grouped, HeldAlert } from './storm.ts';

/**
 * What can have happened in a thread. Events are facts: they are appended, never changed, and the state is their fold.
 * `v` is the version of the shape; old ones are upcast on load (see `upcast`).
 */
export const EVENT_VERSION = 1;

export interface AlertSeen {
  readonly fingerprint: string;
  readonly name: string;
  readonly status: 'firing' | 'resolved';
  /** When it began to fire, after its `for`. */
  readonly startsAt: string;
  readonly region: string | null;
  readonly severity: string;
  readonly summary: string;
  readonly link: string;
  /** What kind of object its labels name, and which. Absent: an event of before. */
  readonly about?: { readonly kind: AlertKind; readonly name: string };
  /** It says itself that somebody must be called at once. Absent: no. */
  readonly urgent?: true;
  /** SHA-256 (hex) of its sender's group key: what that sender's own page has as dedup key. Absent: it has none. */
  readonly group?: string;
  /** Which kind of source sent it, and the labels by which it found its way here. Absent: the bot itself, or an event of before. */
  readonly from?: AlertFrom;
  readonly way?: Readonly<Record<string, string>>;
}
export type AlertFrom = 'alertmanager' | 'grafana' | 'cloudwatch';
export type AlertKind = 'pod' | 'deployment' | 'node' | 'target' | 'other';

/** What a thread is about: enough to open the playbook again. */
export interface Subject {
  readonly playbook: string;
  /** The playbook's own target, without the region. */
  readonly target: Json;
  readonly regions: readonly string[];
  /** The region that the alert or the person named; null: all alike. */
  readonly focus: string | null;
  /** Whose users are measured, where the target itself serves nobody. Absent: the target's own. */
  readonly users?: { readonly namespace: string; readonly name: string };
}

export type Asker =
  | { readonly is: 'alert'; readonly name: string }
  | { readonly is: 'person'; readonly id: string }
  /** Another incident saw it on its way. */
  | { readonly is: 'incident'; readonly number: number | null };

/** The incident that answers for what was found, where it is not this one. */
export interface Elsewhere {
  readonly stream: string;
  /** Null: it has none yet. */
  readonly number: number | null;
  /** To its message; null: not known. */
  readonly link: string | null;
  /** What it is called in lists: "model-server: image v2.4.1 not found". Absent: not known. */
  readonly title?: string;
}

/** What the engine saw right before or after an act. */
export interface Observed {
  readonly at: string;
  readonly state: Json;
  readonly impact: Impact;
}

/** One vote for a proposal. */
export interface Vote {
  readonly by: string;
  /** As people know them. Absent: the policy's own vote, or one of before. */
  readonly name?: string;
  readonly at: string;
  /** Set for break-glass. */
  readonly reason: string | null;
}

/** Who may approve, as far as it is for show: who really may is asked at the click. */
export interface Approvers {
  readonly need: number;
  readonly groups: readonly string[];
  readonly users: readonly string[];
  /** Names of those who could approve right now; null when the look-up failed. */
  readonly now: readonly string[] | null;
}

export type ActOutcome =
  | { readonly is: 'done'; readonly how: 'did it' | 'found it done' }
  /** Somebody else changed the target first: nothing was done. */
  | { readonly is: 'overtaken'; readonly because: string }
  | { readonly is: 'failed'; readonly because: string };

/** Users are hurt who were not; another cause than the one that was told; what was over is back. */
export type WorseStep = 'users' | 'cause' | 'back';

export type Ended =
  | 'verified'
  | 'not verified'
  | 'made worse'
  | 'failed'
  | 'denied'
  | 'expired'
  | 'withdrawn'
  | 'superseded'
  | 'stopped';

export type Event =
  | {
      readonly is: 'opened';
      readonly by: Asker;
      readonly subject: Subject;
      readonly channel: string;
      readonly key: string;
      readonly question: boolean;
      /** The region in which many workloads alert at once. Absent: it is no storm. */
      readonly storm?: string;
    }
  | { readonly is: 'numbered'; readonly number: number }
  | { readonly is: 'alerted'; readonly alert: AlertSeen }
  /** Several at once, as one fact. */
  | { readonly is: 'held'; readonly alerts: readonly HeldAlert[] }
  /** The incidents that a storm found open were asked whether they belong to it. */
  | { readonly is: 'gathered' }
  /** One of them does, with its alerts. */
  | { readonly is: 'joined'; readonly beside: Beside; readonly alerts: readonly HeldAlert[] }
  /** One does not, or has a thread of its own now. */
  | { readonly is: 'kept-apart'; readonly beside: Beside }
  /** Alerts go their own way from here. */
  | { readonly is: 'let-go'; readonly fingerprints: readonly string[]; readonly why: string; readonly by: string }
  | { readonly is: 'let-go-sent'; readonly id: number }
  | { readonly is: 'digest'; readonly total: number; readonly added: number; readonly firing: number }
  /** Another incident asked this one to become part of it. */
  | ({ readonly is: 'grouped' } & Pick<Grouped, 'into' | 'number' | 'link' | 'joins' | 'why' | 'by'>)
  | { readonly is: 'group-told' }
  /** A person asked for a person. */
  | { readonly is: 'called'; readonly by: string; readonly why: string }
  | { readonly is: 'paged'; readonly page: string; readonly why: string; readonly outcome: PageOutcome }
  /** It could not be sent so far: it is tried again. */
  | { readonly is: 'page-trouble'; readonly page: string; readonly because: string }
  | {
      readonly is: 'page-reached';
      readonly page: string;
      readonly reached: PageReached;
      readonly incident: { readonly id: string; readonly link: string } | null;
    }
  | { readonly is: 'page-told'; readonly page: string; readonly told: 'acknowledged' | 'resolved' }
  | { readonly is: 'page-noted'; readonly page: string; readonly notes: number }
  | {
      readonly is: 'page-acked';
      readonly by: string;
      /** Who that is in the chat. Left out: not known. */
      readonly as?: string;
      /** Of which call: its dedup key, and their id of its incident, since several have one key. Left out: of any. */
      readonly key?: string;
      readonly incident?: string;
    }
  /** The first look takes long: from here on the thread says that it is looking. */
  | { readonly is: 'first-look-slow' }
  | { readonly is: 'round-began'; readonly round: number; readonly why: string; readonly subject: Subject }
  | {
      readonly is: 'looked';
      readonly round: number;
      readonly diagnosis: RegionDiagnosis;
      /** Id of the stored evidence. */ readonly evidence: string;
      /** Absent: nobody else answers for it. */
      readonly elsewhere?: Elsewhere;
    }
  /** The round gave what the one before gave: only the time and the users' numbers are new. */
  | {
      readonly is: 'looked-same';
      readonly round: number;
      readonly region: string;
      readonly impact: Impact;
      readonly elsewhere?: Elsewhere;
    }
  /** A different fault was found in another region, and given a thread of its own. */
  | { readonly is: 'branched'; readonly region: string }
  | {
      readonly is: 'proposed';
      readonly proposal: string;
      readonly region: string;
      readonly offer: Offer;
      /** Over remedy, plan, undo and preview as canonical JSON: what an approval names. */
      readonly digest: string;
      /** Over the bound part of the observation. */
      readonly state: string;
      readonly rehearsal: readonly string[];
      readonly noPreview: string | null;
      readonly expiresAt: string;
      /** The proposal that this one takes back. */
      readonly undoOf: string | null;
      readonly may: Approvers;
      /** The change that a person asked for. Absent: found by a check, or an undo. */
      readonly change?: string;
      /** Whose remedy it is. Absent: of the thread's own playbook. */
      readonly playbook?: string;
      /** When its plan was made, where that was before it was its turn (ISO 8601). Absent: now. */
      readonly plannedAt?: string;
      /** What the same approval lets follow it, in this order. Absent: nothing. */
      readonly list?: readonly Part[];
    }
  /** Of a change in several regions: the plan for one more; when all are there they are proposed as one. */
  | { readonly is: 'part-planned'; readonly change: string; readonly part: Part; readonly may: Approvers }
  | {
      readonly is: 'not-offered';
      readonly region: string;
      readonly remedy: string;
      readonly because: string;
      readonly round: number;
      /** The proposal whose undo was asked for and cannot be offered; null: a fix of its own. */
      readonly undoOf: string | null;
      /** What the undo would take back no longer stands. */
      readonly gone?: true;
    }
  | { readonly is: 'voted'; readonly proposal: string; readonly vote: Vote }
  | { readonly is: 'granted'; readonly proposal: string }
  /** Its turn has come, and another incident changes the same target: `for` names that one. */
  | { readonly is: 'waits'; readonly proposal: string; readonly for: string }
  | {
      readonly is: 'acting';
      readonly proposal: string;
      readonly attempt: number;
      readonly fence: string;
      readonly notAfter: string;
      readonly before: Observed;
    }
  | { readonly is: 'acted'; readonly proposal: string; readonly attempt: number; readonly outcome: ActOutcome }
  | {
      readonly is: 'observed';
      readonly proposal: string;
      readonly verdict: Verdict;
      readonly progress: string;
      readonly impact: Impact;
    }
  | {
      readonly is: 'ended';
      readonly proposal: string;
      readonly how: Ended;
      readonly because: string;
      readonly by: string | null;
    }
  /** By command. */
  | { readonly is: 'change-asked'; readonly change: Asked }
  /** Refused, replaced or stopped; what ends with its proposal needs no word of its own. */
  | {
      readonly is: 'change-over';
      readonly change: string;
      readonly how: 'refused' | 'not done';
      readonly because: string;
    }
  /** By a person, or by the bot itself after it made things worse. */
  | { readonly is: 'undo-asked'; readonly proposal: string; readonly by: string }
  /** The time in which it could be taken back with a click is over: a closed thread offers it no more. */
  | { readonly is: 'undo-over'; readonly proposal: string }
  /** What was changed for a while is still so: its owner was reminded. */
  | { readonly is: 'reminded'; readonly proposal: string }
  | { readonly is: 'on-it'; readonly who: string | null }
  /** Somebody wants a new look: what was denied or expired before may be proposed again. */
  /** `round`: the look that it began; absent: one was under way, or it is an event of before. */
  | { readonly is: 'asked'; readonly who: string; readonly round?: number }
  /** `said`: the thread says it as well. `whom`: who is given something by it, and is told. */
  | { readonly is: 'noted'; readonly who: string; readonly what: string; readonly said?: true; readonly whom?: string }
  | { readonly is: 'stopped'; readonly who: string }
  /** A look saw more than people were told: a post tells them, since an edit tells nobody. */
  | {
      readonly is: 'worsened';
      readonly round: number;
      readonly region: string;
      readonly steps: readonly WorseStep[];
      /** The check that found the cause as it is now; null: none did. */
      readonly check: string | null;
    }
  | {
      readonly is: 'judged';
      readonly who: string;
      readonly right: boolean;
      /** What it was, in that person's words. Absent: not said. */ readonly said?: string;
    }
  /** Seen by the bot itself: what fired is over, or is not. */
  | { readonly is: 'quiet'; readonly since: string | null; readonly because: string }
  /** `audit`: number and MAC of the audit log's head at that moment, so that a cut tail shows; null when it could not be read. */
  | { readonly is: 'closed'; readonly how: string; readonly audit: string | null; readonly byHand?: ByHand }
  | { readonly is: 'reopened'; readonly because: string }
  | HandledEvent
  | MemoryEvent;

export interface Recordable {
  readonly v: number;
  readonly at: string;
  readonly event: Event;
}
