import type { AlertKind, AlertSeen } from './incident/events.ts';
import { neutral, neutralLine } from './neutral.ts';
import { redact } from './redact.ts';
import type { AlertIn, Catalogue } from './routing.ts';

/** What an incident keeps of an alert: safe to store and to show. */

/** So much of a text is looked at: what is shown is its beginning. */
const MOST_SUMMARY = 4_000;

export function seenOf(alert: AlertIn, name: string, region: string | null, catalogue: Catalogue): AlertSeen {
  const { urgent = URGENT } = catalogue;
  const summary =
    alert.annotations['summary'] ?? alert.annotations['message'] ?? alert.annotations['description'] ?? '';
  return {
    fingerprint: alert.fingerprint,
    name: neutralLine(name.slice(0, 400)).slice(0, 200) || '(alert without a name)',
    status: alert.status,
    startsAt: alert.startsAt,
    region,
    severity: neutralLine((alert.labels['severity'] ?? '').slice(0, 40)),
    // Neutral first: a secret that an invisible character divides is none to the eye of a rule.
    summary: redact(neutral(summary.slice(0, MOST_SUMMARY))).slice(0, 500),
    link: alert.link.slice(0, 1_000),
    about: aboutOf(alert.labels),
    ...(isUrgent(alert.labels, urgent) ? { urgent: true } : {}),
    ...(alert.group === undefined ? {} : { group: alert.group }),
    ...(alert.from === undefined ? {} : { from: alert.from, way: wayLabels(alert.labels, catalogue) }),
  };
}

/** The labels by which it was routed: what is needed to find its incident again. */
const WAY_LABELS = [
  'namespace',
  'deployment',
  'pod',
  'statefulset',
  'daemonset',
  'service',
  'app',
  'container',
  'node',
  'horizontalpodautoscaler',
  'cluster',
];
function wayLabels(
  labels: Readonly<Record<string, string>>,
  { regionLabels, routes = [] }: Catalogue,
): Readonly<Record<string, string>> {
  const asked = routes.flatMap((one) => Object.keys(one.match)).filter((one) => one !== 'alertname');
  return Object.fromEntries(
    [...new Set([...WAY_LABELS, ...regionLabels, ...asked])].flatMap((one) =>
      labels[one] === undefined ? [] : [[one, labels[one].slice(0, 253)]],
    ),
  );
}

/** Labels and values by which an alert itself says that it is P0. */
export type UrgentLabels = Readonly<Record<string, readonly string[]>>;
export const URGENT: UrgentLabels = { severity: ['p0', 'emergency'], priority: ['p0'] };

function isUrgent(labels: Readonly<Record<string, string>>, urgent: UrgentLabels): boolean {
  return Object.entries(urgent).some(([label, values]) => values.includes((labels[label] ?? '').toLowerCase()));
}

/** What kind of object an alert is about, by its most telling label. */
const KIND_LABELS: readonly (readonly [AlertKind, readonly string[]])[] = [
  ['node', ['node', 'exported_node']],
  ['pod', ['pod', 'exported_pod']],
  [
    'deployment',
    ['deployment', 'exported_deployment', 'statefulset', 'daemonset', 'horizontalpodautoscaler', 'service'],
  ],
  ['target', ['instance']],
];

function aboutOf(labels: Readonly<Record<string, string>>): NonNullable<AlertSeen['about']> {
  const isNode = /^(Kube)?Node/.test(labels['alertname'] ?? '');
  for (const [kind, names] of KIND_LABELS) {
    if (kind === 'node' && !isNode && (labels['pod'] ?? '') !== '') continue;
    const name = names.map((one) => labels[one] ?? '').find((value) => value !== '');
    if (name !== undefined) return { kind: isNode ? 'node' : kind, name: neutralLine(name.slice(0, 200)) };
  }
  return { kind: 'other', name: '' };
}
