import type { Playbook } from './contract.ts';
import { isChanging } from './routing.ts';

/** `docs/catalogue.md`: what the bot knows, in the playbooks' own words. */
export function catalogueMarkdown(playbooks: readonly Playbook[]): string {
  return [
    '# Playbooks',
    '',
    'Written by `npm run catalogue -- --write` from the playbooks themselves. Do not edit.',
    '',
    '| playbook | about | alerts |',
    '|---|---|---|',
    ...playbooks.map((one) => row([`[${one.id}](#${one.id})`, one.about, alertsOf(one)])),
    '',
    ...playbooks.flatMap(section),
  ].join('\n');
}

function alertsOf(playbook: Playbook): string {
  if (isChanging(playbook.id)) return 'none: it begins with a command';
  return playbook.alerts.length === 0 ? 'whatever no other playbook owns' : playbook.alerts.map(mono).join(', ');
}

function section(one: Playbook): readonly string[] {
  const asks = new Map(one.checks.map((check) => [check.id, check.ask]));
  return [
    `## ${one.id}`,
    '',
    one.about,
    '',
    `- **Guide:** ${cell(one.guide)}`,
    `- **Looks at:** ${one.scope === 'region' ? 'one region at a time, all of them side by side' : 'all regions together'}`,
    `- **Alerts:** ${alertsOf(one)}`,
    `- **Words for it:** ${one.symptoms.join(', ')}`,
    '',
    '| question | severity | when it is not: ruled out | check |',
    '|---|---|---|---|',
    ...one.checks.map((check) => row([check.ask, check.severity, check.rulesOut, mono(check.id)])),
    '',
    ...(one.remedies.length === 0
      ? ['It changes nothing.']
      : [
          '| remedy | what it does | offered when one of these is found |',
          '|---|---|---|',
          ...one.remedies.map((remedy) =>
            row([mono(remedy.id), remedy.title, remedy.when.map((id) => asks.get(id) ?? id).join(' · ')]),
          ),
        ]),
    '',
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
function mono(text: string): string {
  return `\`${text}\``;
}
