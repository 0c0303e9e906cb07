import { canonical } from '../json.ts';
import type { Message } from '../message.ts';
import { isHeartbeat, regionLabelOf, routeAlert } from '../routing.ts';
import type { AlertIn, Catalogue, Routed } from '../routing.ts';
import { ruleFor } from '../route-rules.ts';
import type { RouteRule } from '../route-rules.ts';
import { bold, code, join, plain, say } from '../words.ts';
import type { Words } from '../words.ts';
import { cut } from './small.ts';

/** Where an alert goes, and what decides that: rule or playbook, region, target, channel, incident; and what was missing. Pure. */

export interface Explained {
  /** As it came, as far as it is kept; what was typed where it never came. */
  readonly labels: Readonly<Record<string, string>>;
  /** "firing since …", "never seen here": in words. */
  readonly seen: Words;
  /** Which incident has it, or what would. */
  readonly incident: Words;
}

export interface Explanation {
  readonly alert: AlertIn;
  readonly routed: Routed | null;
}

export function routeOf(labels: Readonly<Record<string, string>>, catalogue: Catalogue): Explanation {
  const alert: AlertIn = {
    fingerprint: '',
    status: 'firing',
    labels,
    annotations: {},
    startsAt: '',
    link: '',
  };
  return { alert, routed: routeAlert(alert, catalogue) };
}

export function whyAlertMessage(all: readonly Explained[], more: number, catalogue: Catalogue): Message {
  const lines = all.flatMap((one, index) => [...(index === 0 ? [] : [say` `]), ...explained(one, catalogue)]);
  if (more > 0) lines.push(say`_${`and ${more} more like this`}_`);
  return { lock: cut(plain(lines[0] ?? []), 200), blocks: [{ is: 'lines', lines }] };
}

function explained({ labels, seen, incident }: Explained, catalogue: Catalogue): readonly Words[] {
  const name = labels['alertname'] ?? '';
  const title = say`${bold(cut(name === '' ? '(alert without a name)' : name, 200))}: ${seen}`;
  if (isHeartbeat(name)) return [title, say`*Opens nothing:* it only says that alerting works`];
  const found = ruleFor(labels, catalogue.routes ?? []);
  if (found?.rule.ignore === true)
    return [title, say`*Opens nothing:* ${ruleWords(found.rule, found.place)} says ${code('ignore: true')}`];
  const { routed } = routeOf(labels, catalogue);
  if (routed === null) return [title];
  return [
    title,
    say`*Rule:* ${found === null ? noRule(catalogue) : ruleWords(found.rule, found.place)}`,
    say`*Playbook:* ${playbookWords(name, found?.rule ?? null, routed, catalogue)}`,
    say`*Region:* ${regionWords(labels, found?.rule ?? null, routed, catalogue)}`,
    say`*About:* ${targetWords(labels, found?.rule ?? null, routed, catalogue)}`,
    say`*Channel:* ${channelWords(found?.rule ?? null, routed, catalogue)}`,
    say`*Incident:* ${incident}`,
    ...(routed.missing === null ? [] : [say`*Missing:* ${routed.missing.replaceAll('`', '')}`]),
  ];
}

function noRule({ routes = [] }: Catalogue): string {
  if (routes.length === 0) return 'the config has none (alerts.routes): its labels decide';
  return routes.length === 1 ? 'the one of the config does not fit' : `none of the ${routes.length} of the config fits`;
}

function ruleWords({ match }: RouteRule, place: number): Words {
  const all = Object.entries(match).map(([label, value]) => [code(cut(`${label}: ${value}`, 120))]);
  return say`number ${place} of the config (alerts.routes): ${join(all, ', ')}`;
}

function playbookWords(name: string, rule: RouteRule | null, { subject }: Routed, { playbooks }: Catalogue): Words {
  const chosen = code(subject.playbook);
  const wanted = rule?.playbook ?? null;
  const owner = playbooks.find((one) => (wanted === null ? one.alerts.includes(name) : one.id === wanted));
  if (owner === undefined && wanted !== null)
    return say`${chosen}: the rule says ${code(cut(wanted, 60))}, and there is no such playbook`;
  if (owner === undefined) return say`${chosen}: no playbook owns an alert of this name (${code('/mlp playbooks')})`;
  if (owner.id !== subject.playbook)
    return say`${chosen}, because ${code(owner.id)} cannot tell what this one is about`;
  return wanted === null ? say`${chosen}, which owns this alert` : say`${chosen}, as the rule says`;
}

function regionWords(
  labels: Readonly<Record<string, string>>,
  rule: RouteRule | null,
  { subject: { focus } }: Routed,
  catalogue: Catalogue,
): Words {
  if (focus === null) return say`not known: all are looked at alike`;
  if ((rule?.region ?? null) !== null) return say`${focus}, as the rule says`;
  const label = regionLabelOf(labels, catalogue);
  return label === null ? say`${focus}` : say`${focus}, by the label ${labelCode(label, labels)}`;
}

function targetWords(
  labels: Readonly<Record<string, string>>,
  rule: RouteRule | null,
  { subject: { target } }: Routed,
  catalogue: Catalogue,
): Words {
  const { namespace = '', name = '' } = (typeof target === 'object' && target !== null ? target : {}) as {
    namespace?: string;
    name?: string;
  };
  const what =
    name !== '' && namespace !== ''
      ? say`${code(name)} in ${namespace}`
      : namespace !== ''
        ? say`the whole namespace ${namespace}`
        : say`${code(cut(canonical(target), 120))}`;
  if ((rule?.service ?? null) !== null) return say`${what}, as the rule says`;
  const by = Object.keys(labels).filter((label) => decides(label, labels, target, catalogue));
  if (by.length === 0) return say`${what}: no label says more`;
  return say`${what}, by ${by.length === 1 ? 'the label' : 'the labels'} ${join(
    by.map((label) => [labelCode(label, labels)]),
    ', ',
  )}`;
}

/** Without it, it would be about something else. */
function decides(
  label: string,
  labels: Readonly<Record<string, string>>,
  target: Routed['subject']['target'],
  catalogue: Catalogue,
): boolean {
  if (label === 'alertname') return false;
  const { [label]: _left, ...rest } = labels;
  const without = routeOf(rest, catalogue).routed;
  return without === null || canonical(without.subject.target) !== canonical(target);
}

function channelWords(rule: RouteRule | null, { channel }: Routed, catalogue: Catalogue): Words {
  if ((rule?.channel ?? null) !== null) return say`${code(channel)}, as the rule says`;
  return channel === catalogue.channel ? say`${code(channel)}, the default` : say`${code(channel)}, its service's`;
}

function labelCode(label: string, labels: Readonly<Record<string, string>>): ReturnType<typeof code> {
  return code(cut(`${label}=${labels[label] ?? ''}`, 120));
}
