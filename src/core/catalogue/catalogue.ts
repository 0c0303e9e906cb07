import { readingRows, rightsTable, roleOf } from './rights.ts';
import type { Uses } from './rights.ts';
import { cell, mono, row } from './table.ts';
import type { Playbook } from '../contract.ts';
import { remedyRights } from '../rights.ts';
import { isChanging } from '../routing.ts';

/** `docs/catalogue.md`: what the bot knows, in the playbooks' own words, and what it may see and do for it. `uses`: what their readings ask. */
export function catalogueMarkdown(playbooks: readonly Playbook[], uses: Uses): string {
  return [
    '# Playbooks',
    '',
    'Written by `npm run catalogue -- --write` from the playbooks themselves. Do not edit.',
    '',
    '| playbook | about | remedies |',
    '|---|---|---|',
    ...playbooks.map((one) =>
      row([`[${one.id}](#${one.id})`, one.about, one.remedies.length === 0 ? 'none' : String(one.remedies.length)]),
    ),
    '',
    '## Alerts',
    '',
    'Which alert starts which playbook. All others start triage.',
    '',
    '| alert | playbook |',
    '|---|---|',
    ...playbooks
      .flatMap((one) => one.alerts.map((alert) => [alert, one.id] as const))
      .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
      .map(([alert, id]) => row([mono(alert), `[${id}](#${id})`])),
    '',
    '## Rights',
    '',
    'What the bot needs of the clusters, and what is *could not tell* without it. The manifests are in [deploy/](../deploy/README.md): *read* and *look-inside* are granted per namespace, *read-cluster* once per cluster; each remedy has a role of its own. `/mlp doctor` says which are there.',
    '',
    ...rightsTable(playbooks, uses),
    '',
    ...playbooks.flatMap((one) => section(one, uses)),
  ].join('\n');
}

function alertsOf(playbook: Playbook): string {
  if (isChanging(playbook.id)) return 'none: it begins with a command';
  return playbook.alerts.length === 0 ? 'whatever no other playbook owns' : playbook.alerts.map(mono).join(', ');
}

function section(one: Playbook, uses: Uses): readonly string[] {
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
    ...looks(one, uses),
    ...asks(one),
    ...does(one),
  ];
}

function looks(one: Playbook, uses: Uses): readonly string[] {
  const rows = readingRows(uses[one.id] ?? {});
  if (rows.length === 0) return [];
  return [
    `### What ${one.id} looks at`,
    '',
    '| reading | needs | from | Prometheus is asked for |',
    '|---|---|---|---|',
    ...rows,
    '',
  ];
}

function asks(one: Playbook): readonly string[] {
  if (one.checks.length === 0) return [];
  const offers = one.remedies.length > 0;
  return [
    `### What ${one.id} asks`,
    '',
    `| question | severity | ${offers ? 'found: offers | ' : ''}clear: rules out | check |`,
    `|---|---|---|---|${offers ? '---|' : ''}`,
    ...one.checks.map((check) => {
      const helps = one.remedies.filter((remedy) => remedy.when.includes(check.id)).map((remedy) => mono(remedy.id));
      return row([check.ask, check.severity, ...(offers ? [helps.join(' ')] : []), check.rulesOut, mono(check.id)]);
    }),
    '',
  ];
}

function does(one: Playbook): readonly string[] {
  if (one.remedies.length === 0) return ['It changes nothing.', ''];
  return [
    `### What ${one.id} can do`,
    '',
    '| remedy | what it does | role | right | also offered |',
    '|---|---|---|---|---|',
    ...one.remedies.map((remedy) => {
      const role = roleOf(remedy.id);
      const right = remedyRights[role];
      const also = remedy.when.includes('users-hurt') ? 'users are hurt and nothing says why' : '';
      return row([
        mono(remedy.id),
        remedy.title,
        mono(`remedy-${role}.yaml`),
        right === undefined ? '' : mono(`${right.verb} ${right.resource}`),
        also,
      ]);
    }),
    '',
  ];
}
