import type { Alertmanager, CloudWatch } from '../../core/ports/alert-sources.ts';
import type { ChatExam, StoreExam } from '../../core/ports/exam.ts';
import type { Paging } from '../../core/ports/paging.ts';
import type { Page } from '../../core/config/probes.ts';
import type { Platform } from '../../core/ports/platform.ts';
import type { Probe } from '../../core/ports/probe.ts';
import type { MetricNames } from '../../core/promql.ts';
import type { Clock } from '../parts.ts';

/** What the doctor is given, by the bot itself or by `npm run doctor`. It constructs none of it. */
export interface DoctorParts {
  readonly platform: Platform;
  readonly alertmanagers: readonly Alertmanager[];
  readonly cloudwatches: readonly CloudWatch[];
  /** Public health pages, and how long one may take (ms). Null: the config names none. */
  readonly pages: { readonly probe: Probe; readonly all: readonly Page[]; readonly limitMs: number } | null;
  readonly chat: ChatExam;
  readonly store: StoreExam;
  /** Null: the config has no way to reach people. */
  readonly paging: Paging | null;
  /** What that way needs of the environment and does not find there: a sentence for each. */
  readonly pagingUnset: readonly string[];
  readonly config: Examined;
  readonly webhooks: readonly Webhook[];
  readonly clock: Clock;
}

/** What the config says, as far as the doctor looks at it. */
export interface Examined {
  readonly regions: readonly ExaminedRegion[];
  /** The default one first. */
  readonly namespaces: readonly string[];
  readonly services: readonly { readonly namespace: string; readonly name: string }[];
  readonly metrics: MetricNames;
  /** The queries of a service's users in a region; empty: none configured. */
  readonly health: (
    service: { readonly namespace: string; readonly name: string },
    region: string,
  ) => readonly string[];
  readonly channels: readonly string[];
  /** Groups that may approve, with their names for people. */
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly skewMs: number;
}

export interface ExaminedRegion {
  readonly name: string;
  readonly prometheus: boolean;
  /** Names of Alertmanager's receivers that post to the bot. */
  readonly receivers: readonly string[];
}

export interface Webhook {
  /** "Alertmanager". */
  readonly name: string;
  readonly path: string;
  /** Its secret is there. */
  readonly open: boolean;
  /** The variable that holds it. */
  readonly variable: string;
}
