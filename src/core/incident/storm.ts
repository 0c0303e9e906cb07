import type { Json } from '../json.ts';
import type { AlertSeen, Event } from './events.ts';
import type { Incident } from './state.ts';

/**
 * A storm: many workloads of one region alert at once. One thread takes them all, looks once, and says what they share. What does not
 * fit stays apart, in a thread of its own. This is the state; `storming.ts` decides.
 */

/** Where an alert would have gone by itself: what it needs to get there later. */
export interface OwnWay {
  readonly key: string;
  readonly playbook: string;
  readonly target: Json;
  readonly channel: string;
}
export interface HeldAlert {
  readonly alert: AlertSeen;
  /** Absent: it was meant for this thread from the beginning. */
  readonly way?: OwnWay;
}

/** An incident that was asked to become part of this one, or that was given its own thread from here. */
export interface Beside {
  readonly stream: string;
  readonly number: number | null;
  readonly title: string;
  readonly why: string;
  readonly alerts: number;
}

/** Alerts that go their own way from here. */
export interface Leaving {
  readonly id: number;
  readonly at: string;
  readonly fingerprints: readonly string[];
  readonly ways: Readonly<Record<string, OwnWay>>;
  readonly alerts: readonly AlertSeen[];
  readonly why: string;
  readonly by: string;
  readonly sent: boolean;
}

export interface Digest {
  readonly at: string;
  readonly total: number;
  readonly added: number;
  readonly firing: number;
}

export interface Storm {
  readonly region: string;
  readonly at: string;
  /** How each alert would have gone, by fingerprint. */
  readonly ways: Readonly<Record<string, OwnWay>>;
  /** The incidents of before it were asked whether they belong to it. */
  readonly asked: boolean;
  readonly joined: readonly Beside[];
  readonly apart: readonly Beside[];
  readonly leaving: readonly Leaving[];
  readonly digests: readonly Digest[];
  /** How many alerts it has taken, each once. */
  readonly taken: number;
}

/** Of an incident that was asked to become part of another. */
export interface Grouped {
  readonly into: string;
  readonly number: number | null;
  readonly link: string | null;
  readonly at: string;
  readonly joins: boolean;
  readonly why: string;
  /** A person's id, or `mlp-bot`. */
  readonly by: string;
  /** The other one knows. */
  readonly told: boolean;
}

const STORM_EVENTS = [
  'held',
  'gathered',
  'joined',
  'kept-apart',
  'let-go',
  'let-go-sent',
  'digest',
  'grouped',
  'group-told',
] as const;
export type StormEvent = Extract<Event, { is: (typeof STORM_EVENTS)[number] }>;
export function isStormEvent(event: Event): event is StormEvent {
  return (STORM_EVENTS as readonly string[]).includes(event.is);
}

export function stormOf(region: string, at: string): Storm {
  return {
    region,
    at,
    ways: {},
    asked: false,
    joined: [],
    apart: [],
    leaving: [],
    digests: [],
    taken: 0,
  };
}

export function nextStorm(state: Incident, event: StormEvent, at: string): Incident {
  switch (event.is) {
    case 'held':
      return heldInTurn(state, [{ alerts: event.alerts, at }]);
    case 'gathered':
      return put(state, () => ({ asked: true }));
    case 'joined': {
      const { beside, alerts } = event;
      const after = heldInTurn(state, [{ alerts, at }]);
      return put(after, (storm) => ({ joined: [...without(storm.joined, beside), beside] }));
    }
    case 'kept-apart':
      return put(state, (storm) => ({ apart: [...without(storm.apart, event.beside), event.beside] }));
    case 'let-go':
      return letGo(state, event, at);
    case 'let-go-sent':
      return put(state, (storm) => ({
        leaving: storm.leaving.map((one) => (one.id === event.id ? { ...one, sent: true } : one)),
      }));
    case 'digest': {
      const { is: _is, ...digest } = event;
      return put(state, (storm) => ({ digests: [...storm.digests, { at, ...digest }] }));
    }
    case 'grouped': {
      const { is: _is, ...grouped } = event;
      return { ...state, grouped: { ...grouped, at, told: false } };
    }
    case 'group-told':
      return state.grouped === null ? state : { ...state, grouped: { ...state.grouped, told: true } };
  }
}

function put(state: Incident, change: (storm: Storm) => Partial<Storm>): Incident {
  return state.storm === null ? state : { ...state, storm: { ...state.storm, ...change(state.storm) } };
}

function without(all: readonly Beside[], { stream }: Beside): readonly Beside[] {
  return all.filter((one) => one.stream !== stream);
}

export interface HeldNews {
  readonly alerts: readonly HeldAlert[];
  readonly at: string;
}

/** Much news is one copy of the list: a storm of thousands must not be thousands of copies. */
export function heldInTurn(state: Incident, news: readonly HeldNews[]): Incident {
  const alerts: Record<string, AlertSeen> = { ...state.alerts };
  const resolvedAt: Record<string, string> = { ...state.resolvedAt };
  const ways: Record<string, OwnWay> = { ...state.storm?.ways };
  let taken = state.storm?.taken ?? 0;
  let firedAt: string | null = null;
  for (const { at, alerts: all } of news) {
    for (const { alert, way } of all) {
      if (alerts[alert.fingerprint] === undefined) taken += 1;
      alerts[alert.fingerprint] = alert;
      if (alert.status === 'resolved') resolvedAt[alert.fingerprint] = at;
      else firedAt = at;
      if (way !== undefined) ways[alert.fingerprint] = way;
    }
  }
  return {
    ...state,
    question: state.question && firedAt === null,
    heardAt: firedAt ?? state.heardAt,
    alerts,
    resolvedAt,
    storm: state.storm === null ? null : { ...state.storm, ways, taken },
  };
}

function letGo(state: Incident, event: Extract<Event, { is: 'let-go' }>, at: string): Incident {
  const { storm } = state;
  if (storm === null) return state;
  const alerts = { ...state.alerts };
  const ways = { ...storm.ways };
  const gone: AlertSeen[] = [];
  const theirs: Record<string, OwnWay> = {};
  for (const fingerprint of event.fingerprints) {
    const alert = alerts[fingerprint];
    const way = ways[fingerprint];
    if (alert === undefined || way === undefined) continue;
    gone.push(alert);
    theirs[fingerprint] = way;
    delete alerts[fingerprint];
    delete ways[fingerprint];
  }
  const leaving: Leaving = {
    id: storm.leaving.length + 1,
    at,
    fingerprints: gone.map((one) => one.fingerprint),
    ways: theirs,
    alerts: gone,
    why: event.why,
    by: event.by,
    sent: false,
  };
  return { ...state, alerts, storm: { ...storm, ways, leaving: [...storm.leaving, leaving] } };
}
