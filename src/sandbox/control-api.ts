/**
 * What the sandbox's page and the sandbox process say to each other beside Slack: the platform, its faults, the bot's process. Types only.
 *
 * | request                               | answer |
 * |---|---|
 * | `GET /page/control`                   | one `ControlSnapshot` |
 * | `GET /page/control/events`            | server-sent events: `event: control`, `data: ControlSnapshot`; first at once, then when it has changed, at most four a second |
 * | `POST /page/control`, JSON `ControlAct` | `ControlResult`, status 200 |
 *
 * The same guard as for `/page/act`: loopback `Host`, own `Origin`, `content-type: application/json`; else 403 with `{"error":"…"}`.
 * Times in ms are Unix epoch.
 */

export interface ControlSnapshot {
  readonly regions: readonly RegionView[];
  readonly catalogue: readonly FaultEntry[];
  readonly active: readonly ActiveFault[];
  readonly bot: BotView;
  /** Newest first, at most 20. */
  readonly alerts: readonly SentAlerts[];
  /** What everybody has not read, for "you are now". */
  readonly people: readonly { readonly user: string; readonly unread: number; readonly mentions: number }[];
}

/** How the way from the bot to a region is. */
export type Link =
  | { readonly kind: 'normal' }
  | { readonly kind: 'slow'; readonly addedMs: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'hangs' }
  | { readonly kind: 'unreachable' };

export interface RegionView {
  readonly region: string;
  readonly link: Link;
  readonly nodes: { readonly ready: number; readonly total: number };
  readonly gpus: { readonly used: number; readonly total: number };
  readonly deployments: readonly DeploymentView[];
}

export interface DeploymentView {
  readonly namespace: string;
  readonly name: string;
  readonly wanted: number;
  readonly ready: number;
  readonly image: string;
  readonly revision: number;
  readonly paused: boolean;
  /** Null where nobody measures it. */
  readonly traffic: { readonly requestsPerSecond: number; readonly errorRatio: number; readonly p95Ms: number } | null;
  readonly pods: readonly PodView[];
}

/** `letter` in the page's squares: R W P I C E L. */
export type PodState = 'ready' | 'starting' | 'pending' | 'image' | 'crash' | 'ending' | 'lost';

export interface PodView {
  readonly name: string;
  readonly state: PodState;
  /** What kubectl would say: "ImagePullBackOff", "0/1 Running". */
  readonly says: string;
  readonly image: string;
  readonly node: string;
  readonly restarts: number;
}

export interface FaultEntry {
  readonly id: string;
  readonly title: string;
  /** The playbook or part of the guide that it belongs to. */
  readonly group: string;
  readonly about: string;
  /** How long ago it usually began; 0: it can only begin now. */
  readonly minutesAgo: number;
  /** What healing it by hand does, in words. */
  readonly byHand: string;
}

export interface ActiveFault {
  readonly id: string;
  readonly title: string;
  readonly region: string;
  readonly sinceMs: number;
}

export interface BotView {
  readonly state: 'starting' | 'ready' | 'not ready' | 'down';
  /** Since when it is in this state. */
  readonly sinceMs: number;
  readonly pid: number | null;
  readonly restarts: number;
  /** "killed by SIGKILL", "exit code 1". */
  readonly lastExit: string | null;
  /** When it is started again; only while down. */
  readonly againAtMs: number | null;
  /** The last lines of its standard error after a failed start. */
  readonly complaint: string | null;
}

export interface SentAlerts {
  readonly atMs: number;
  readonly names: readonly string[];
  readonly region: string;
  readonly status: 'firing' | 'resolved';
  /** HTTP status of the webhook; null: no answer. */
  readonly http: number | null;
}

export type ControlAct =
  | { readonly kind: 'inject'; readonly fault: string; readonly region: string; readonly minutesAgo: number }
  | { readonly kind: 'heal'; readonly fault: string; readonly region: string }
  | { readonly kind: 'reset' }
  /** All nodes of the region are lost, and so many alerts come within ten seconds; healing that fault there ends them. */
  | { readonly kind: 'storm'; readonly region: string; readonly alerts: number; readonly workloads: number }
  | { readonly kind: 'link'; readonly region: string; readonly link: Link }
  | { readonly kind: 'kill' };

export type ControlResult = { readonly ok: true } | { readonly ok: false; readonly error: string };
