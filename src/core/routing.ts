import type { Playbook } from './contract.ts';
import type { AlertFrom, AlertSeen, Subject } from './incident/events.ts';
import { canonical } from './json.ts';
import type { Json } from './json.ts';
import type { View } from './looking/view.ts';
import { seenOf } from './alert-seen.ts';
import type { UrgentLabels } from './alert-seen.ts';
import { ruleFor } from './route-rules.ts';
import type { RouteRule } from './route-rules.ts';
import type { StormRule } from './storm-gate.ts';

/** From an alert's labels or a person's words to playbook, target and regions; and to the key that decides which incident it joins. */

export interface Catalogue {
  readonly regions: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly services: readonly Service[];
  readonly defaultNamespace: string;
  readonly playbooks: readonly Playbook[];
  /** What `/mlp pods`, `logs` … show. */
  readonly views: readonly View[];
  /** Labels that may name the region, in the order in which they are asked. */
  readonly regionLabels: readonly string[];
  readonly channel: string;
  /** The config's rules for alerts, the first that fits decides. Absent: none. */
  readonly routes?: readonly RouteRule[];
  /** When many alerts are one storm. Absent: never. */
  readonly storms?: StormRule;
  /** Which alerts are P0 by their labels (small letters). Absent: the usual ones. */
  readonly urgent?: UrgentLabels;
}
export interface Service {
  readonly name: string;
  readonly namespace: string;
  /** Where its incidents are posted; null: the default channel. */
  readonly channel: string | null;
  /** The config says how its users' health is read. Absent: no. */
  readonly measured?: boolean;
  /** Its variables that may be changed, as the config names them. Absent: by their usual names. */
  readonly variables?: { readonly modelVersion: string; readonly batchSize: string; readonly threads: string };
}

/** The playbook of a thread that takes the alerts of many workloads. */
export const STORM = 'storm';
/** The playbook for everything that no other one owns. */
export const FALLBACK = 'triage';
/** Playbooks that carry out what a person asks for, and look for no cause. */
export const CHANGE = 'change';
export const CHANGE_NODE = 'change-node';
export function isChanging(playbook: string): boolean {
  return playbook === CHANGE || playbook === CHANGE_NODE;
}
/** Alerts that only say that alerting works. */
const HEARTBEATS = new Set(['Watchdog', 'DeadMansSwitch', 'InfoInhibitor']);

/** It only says that alerting works. */
export function isHeartbeat(name: string): boolean {
  return HEARTBEATS.has(name);
}

/** Clocks of other machines may be so far ahead. */
const AHEAD_MS = 5 * 60_000;

/** One alert as every webhook gives it. */
export interface AlertIn {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly link: string;
  /** SHA-256 (hex) of the key of its group at the sender. Absent: it has none. */
  readonly group?: string;
  /** Which kind of source sent it. Absent: the bot itself. */
  readonly from?: AlertFrom;
}

export interface Routed {
  readonly key: string;
  readonly subject: Subject;
  readonly channel: string;
  readonly alert: AlertSeen;
  /** Which label was missing, in words; null when everything was there. */
  readonly missing: string | null;
  /** Place of the config's rule that decided (from 1); null: by its labels, as usual. */
  readonly by: number | null;
}

/** Null: it opens nothing and belongs nowhere. */
export function routeAlert(alert: AlertIn, catalogue: Catalogue): Routed | null {
  const name = alert.labels['alertname'] ?? '';
  if (HEARTBEATS.has(name)) return null;
  // A label without a value is one that is not there.
  const labels = Object.fromEntries(Object.entries(alert.labels).filter(([, value]) => value !== ''));
  const found = ruleFor(labels, catalogue.routes ?? []);
  if (found?.rule.ignore === true) return null;
  const rule = found?.rule ?? null;
  const region = rule?.region ?? regionOf(alert.labels, catalogue);
  const { target, playbook, missing } = placeOf(name, labels, rule, catalogue);
  const all = [...missing, ...(region === null ? [noRegion(alert.labels, catalogue)] : [])];
  return {
    key: keyOf(region, target),
    subject: subjectOf(playbook, target, region, catalogue),
    channel: rule?.channel ?? channelOf(target, catalogue),
    alert: seenOf(alert, name, region, catalogue),
    missing: all.length === 0 ? null : all.join('; '),
    by: found?.place ?? null,
  };
}

/** What it is about, and with which playbook that is looked at. */
function placeOf(
  name: string,
  given: Readonly<Record<string, string>>,
  rule: RouteRule | null,
  catalogue: Catalogue,
): { readonly target: Json; readonly playbook: string; readonly missing: readonly string[] } {
  const service = catalogue.services.find((one) => one.name === rule?.service);
  const labels = {
    namespace: catalogue.defaultNamespace,
    ...given,
    ...(service === undefined ? {} : { namespace: service.namespace, deployment: service.name }),
  };
  const wanted = rule?.playbook ?? null;
  const owner = catalogue.playbooks.find((one) => (wanted === null ? one.alerts.includes(name) : one.id === wanted));
  const own = owner === undefined ? null : targetOf(owner, labels, catalogue);
  if (own !== null && 'target' in own && owner !== undefined)
    return { target: own.target, playbook: owner.id, missing: [] };
  const fallback = catalogue.playbooks.find((one) => one.id === FALLBACK);
  const wide = fallback === undefined ? null : targetOf(fallback, labels, catalogue);
  const missing =
    own !== null && 'missing' in own ? [own.missing] : wide !== null && 'missing' in wide ? [wide.missing] : [];
  const target = wide !== null && 'target' in wide ? wide.target : { namespace: catalogue.defaultNamespace, name: '' };
  return { target, playbook: FALLBACK, missing };
}

/** What the labels speak of, as the playbook reads them; labels come from anywhere, so what it could not open is missing too. */
function targetOf(
  playbook: Playbook,
  labels: Readonly<Record<string, string>>,
  catalogue: Catalogue,
): ReturnType<Playbook['target']['from']> {
  const found = playbook.target.from(labels);
  if ('missing' in found) return found;
  try {
    playbook.open({ ...(found.target as object), region: catalogue.regions[0]?.name ?? '' });
    return found;
  } catch {
    return { missing: `labels that name a Kubernetes object (they say ${canonical(found.target).slice(0, 120)})` };
  }
}

function noRegion(labels: Readonly<Record<string, string>>, catalogue: Catalogue): string {
  const unknown = catalogue.regionLabels.find((label) => (labels[label] ?? '') !== '');
  return unknown === undefined
    ? `none of the labels ${catalogue.regionLabels.join(', ')} names a region that I know`
    : `the label ${unknown} says "${(labels[unknown] ?? '').slice(0, 60)}", which is no region that I know`;
}

/**
 * When it began. Go's zero time and times that lie ahead are no times: it began when it arrived, to the minute, so that the same
 * delivery sent twice stays one.
 */
export function startOf(startsAt: string, now: string): string {
  const ms = Date.parse(startsAt);
  const wrong = Number.isNaN(ms) || ms <= 0 || ms > Date.parse(now) + AHEAD_MS;
  return wrong ? `${now.slice(0, 16)}:00.000Z` : new Date(ms).toISOString();
}

/** The same moment however a sender writes it: Alertmanager has more digits than come back from here. What is no time stays as it is. */
export function instantOf(startsAt: string): string {
  const ms = Date.parse(startsAt);
  return Number.isNaN(ms) ? startsAt : new Date(ms).toISOString();
}

/** The key that a storm in this region holds. */
export function stormKey(region: string): string {
  return `storm/${region}`;
}

/** What a storm's thread looks at: the region as a whole, and how users of the first service fare whose health is configured. */
export function stormSubject(region: string, catalogue: Catalogue): Subject {
  const target = { namespace: catalogue.defaultNamespace, name: '' };
  return withUsers(subjectOf(STORM, target, region, catalogue), target.namespace, catalogue);
}

/** A namespace serves nobody itself: its users are those of its first service whose health is configured. */
export function withUsers(subject: Subject, namespace: string, { services }: Catalogue): Subject {
  const here = services.filter((one) => one.namespace === namespace);
  const front = here.find((one) => one.measured === true) ?? here[0];
  return front === undefined ? subject : { ...subject, users: { namespace: front.namespace, name: front.name } };
}

export function regionOf(labels: Readonly<Record<string, string>>, catalogue: Catalogue): string | null {
  const label = regionLabelOf(labels, catalogue);
  return label === null ? null : findRegion(labels[label] ?? '', catalogue);
}

/** The first of the labels that may name the region and does; null: none does. */
export function regionLabelOf(labels: Readonly<Record<string, string>>, catalogue: Catalogue): string | null {
  return catalogue.regionLabels.find((label) => findRegion(labels[label] ?? '', catalogue) !== null) ?? null;
}

/** By name or alias, whatever the case. */
export function findRegion(word: string, catalogue: Catalogue): string | null {
  const wanted = word.toLowerCase();
  for (const { name, aliases } of catalogue.regions) {
    if (name.toLowerCase() === wanted || aliases.some((alias) => alias.toLowerCase() === wanted)) return name;
  }
  return null;
}

/** A service is looked at in all regions, so that they can be compared; `focus` is the one that was named. */
export function subjectOf(playbook: string, target: Json, region: string | null, catalogue: Catalogue): Subject {
  return { playbook, target, regions: catalogue.regions.map((one) => one.name), focus: region };
}

/** Alerts about one workload in one region are one incident, whichever rule noticed first. */
export function keyOf(region: string | null, target: Json): string {
  const { namespace, name } = (typeof target === 'object' && target !== null ? target : {}) as {
    namespace?: string;
    name?: string;
  };
  const what = namespace === undefined && name === undefined ? canonical(target) : `${namespace ?? ''}/${name ?? ''}`;
  return `${region ?? 'all'}/${what}`;
}

export function channelOf(target: Json, catalogue: Catalogue): string {
  const { name } = (typeof target === 'object' && target !== null ? target : {}) as { name?: string };
  return catalogue.services.find((service) => service.name === name)?.channel ?? catalogue.channel;
}
