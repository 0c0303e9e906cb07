import { withIncident } from './incident.ts';
import type { Parsed } from './command.ts';
import type { Catalogue } from '../routing.ts';
import { unclear } from './target-words.ts';

/** Commands about alerts: why one went where it went, and why a remedy is not offered. Pure. */

/** Where an alert goes and why. `incident`: all alerts of that one; else `word`, a name or fingerprint, with the labels that were typed. */
export interface WhyAlert {
  readonly is: 'why-alert';
  readonly incident: number | null;
  readonly word: string;
  readonly labels: Readonly<Record<string, string>>;
}

const NUMBER = /^#?(inc-?)?\d{1,9}$/i;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)=(.*)$/;

/** `why not rollback INC-3`, `why rollback`: a remedy. `why KubePodNotReady region=eu-west-1`, `why INC-3`: an alert. */
export function why(rest: readonly string[], catalogue: Catalogue): Parsed {
  const [first = '', ...others] = rest;
  if (first.toLowerCase() === 'not') return whyNot(others);
  if (first === '')
    return unclear(
      'Why what? `/mlp why KubePodNotReady` or `/mlp why INC-214` says where an alert goes and why, `/mlp why not rollback INC-214` why a remedy is not offered.',
    );
  const remedies = new Set(catalogue.playbooks.flatMap((one) => one.remedies.map((it) => it.id)));
  const words = rest.filter((one) => !NUMBER.test(one));
  if (words.length > 0 && remedies.has(words.join('-').toLowerCase())) return whyNot(rest);
  if (rest.length === 1 && NUMBER.test(first))
    return withIncident(first, (incident) => ({ is: 'why-alert', incident, word: '', labels: {} }));
  const labels: [string, string][] = [];
  const names: string[] = [];
  for (const word of rest) {
    const [, label = '', value = ''] = LABEL.exec(word) ?? [];
    if (label === '') names.push(word);
    else labels.push([label, value.replace(/^"(.*)"$/, '$1')]);
  }
  const given = Object.fromEntries(labels);
  const word = names[0] ?? given['alertname'] ?? '';
  if (names.length > 1)
    return unclear(
      'One alert at a time; what its labels say goes behind its name: `/mlp why KubePodNotReady region=eu-west-1`.',
    );
  return word === ''
    ? unclear('Which alert? Write its name before the labels: `/mlp why KubePodNotReady region=eu-west-1`.')
    : { is: 'why-alert', incident: null, word, labels: given };
}

function whyNot(remedy: readonly string[]): Parsed {
  const incident = remedy.find((word) => NUMBER.test(word));
  const name = remedy
    .filter((word) => word !== incident)
    .join('-')
    .toLowerCase();
  if (name === '') return unclear('Which remedy? For example `/mlp why not rollback INC-214`.');
  return incident === undefined
    ? { is: 'why-not', remedy: name, incident: null }
    : withIncident(incident, (number) => ({ is: 'why-not', remedy: name, incident: number }));
}
