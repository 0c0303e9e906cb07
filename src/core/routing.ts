import type { Playbook } from './contract.ts';
import type { AlertSeen, Subject } from './incident/events.ts';
import { canonical } from './json.ts';
import type { Json } from './json.ts';
import { redact } from './redact.ts';

/** From an alert's labels or a person's words to playbook, target and regions; and to the key that decides which incident it joins. */

export interface Catalogue {
  readonly regions: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly services: readonly Service[];
  readonly defaultNamespace: string;
  readonly playbooks: readonly Playbook[];
  /** Labels that may name the region, in the order in which they are asked. */
  readonly regionLabels: readonly string[];
  readonly channel: string;
}
export interface Service {
  readonly name: string;
  readonly namespace: string;
  /** Where its incidents are posted; null: the default channel. */
  readonly channel: string | null;
}

/** The playbook for everything that no other one owns. */
export const FALLBACK = 'triage';
/** Alerts that only say that alerting works. */
const HEARTBEATS = new Set(['Watchdog', 'DeadMansSwitch', 'InfoInhibitor']);

/** One alert as every webhook gives it. */
export interface AlertIn {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly link: string;
}

export interface Routed {
  readonly key: string;
  readonly subject: Subject;
  readonly channel: string;
  readonly alert: AlertSeen;
  /** Which label was missing, in words; null when everything was there. */
  readonly missing: string | null;
}

/** Null: it opens nothing and belongs nowhere. */
export function routeAlert(alert: AlertIn, catalogue: Catalogue): Routed | null {
  const name = alert.labels['alertname'] ?? '';
  if (HEARTBEATS.has(name)) return null;
  const region = regionOf(alert.labels, catalogue);
  const owner = catalogue.playbooks.find((playbook) => playbook.alerts.includes(name));
  const labels = { namespace: catalogue.defaultNamespace, ...alert.labels };
  const own = owner?.target.from(labels);
  const fallback = own !== undefined && 'target' in own ? null : fallbackTarget(labels, catalogue);
  const target =
    own !== undefined && 'target' in own ? own.target : (fallback ?? { namespace: labels.namespace, name: '' });
  const playbook = own !== undefined && 'target' in own && owner !== undefined ? owner.id : FALLBACK;
  const missing = [
    ...(own !== undefined && 'missing' in own ? [own.missing] : []),
    ...(region === null ? [`none of the labels ${catalogue.regionLabels.join(', ')} names a region that I know`] : []),
  ];
  return {
    key: keyOf(region, target),
    subject: subjectOf(playbook, target, region, catalogue),
    channel: channelOf(target, catalogue),
    alert: seenOf(alert, name, region),
    missing: missing.length === 0 ? null : missing.join('; '),
  };
}

function fallbackTarget(labels: Readonly<Record<string, string>>, catalogue: Catalogue): Json | null {
  const found = catalogue.playbooks.find((playbook) => playbook.id === FALLBACK)?.target.from(labels);
  return found !== undefined && 'target' in found ? found.target : null;
}

function seenOf(alert: AlertIn, name: string, region: string | null): AlertSeen {
  const summary =
    alert.annotations['summary'] ?? alert.annotations['message'] ?? alert.annotations['description'] ?? '';
  return {
    fingerprint: alert.fingerprint,
    name: name === '' ? '(alert without a name)' : name.slice(0, 200),
    status: alert.status,
    startsAt: alert.startsAt,
    region,
    severity: (alert.labels['severity'] ?? '').slice(0, 40),
    summary: redact(summary).slice(0, 500),
    link: alert.link.slice(0, 1_000),
  };
}

export function regionOf(labels: Readonly<Record<string, string>>, catalogue: Catalogue): string | null {
  for (const label of catalogue.regionLabels) {
    const value = labels[label];
    const region = value === undefined ? null : findRegion(value, catalogue);
    if (region !== null) return region;
  }
  return null;
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
