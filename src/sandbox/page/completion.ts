import type { PageCommand, PageGroup, PageUser } from '../slack/page-api.ts';

export interface Completion {
  /** What stands in the composer once it is taken. */
  readonly text: string;
  readonly label: string;
  readonly hint: string;
}

export interface Known {
  readonly commands: readonly PageCommand[];
  readonly users: readonly PageUser[];
  readonly groups: readonly PageGroup[];
  /** Names that a command may be about: services, then regions. */
  readonly services: readonly string[];
  readonly regions: readonly string[];
}

const most = 9;

/** What could be meant by what is typed, with the caret at its end. */
export function complete(typed: string, known: Known): readonly Completion[] {
  if (typed.startsWith('/')) return commandCompletions(typed, known).slice(0, most);
  const mention = /(^|\s)@([\w-]*)$/.exec(typed);
  return mention === null ? [] : mentionCompletions(typed, mention[2] ?? '', known).slice(0, most);
}

function commandCompletions(typed: string, known: Known): readonly Completion[] {
  const command = known.commands.find((one) => typed.startsWith(`${one.command} `));
  if (command === undefined) {
    const fits = known.commands.filter((one) => one.command.startsWith(typed.trim()));
    return fits.map((one) => ({ text: `${one.command} `, label: one.command, hint: one.description }));
  }
  const rest = typed.slice(command.command.length).trimStart();
  const word = command.words.find((one) => rest.startsWith(`${one.word} `));
  if (word === undefined) {
    const fits = command.words.filter((one) => one.word.startsWith(rest.toLowerCase()) && one.word !== rest);
    return fits.map((one) => ({
      text: `${command.command} ${one.word} `,
      label: `${command.command} ${one.word}`,
      hint: one.hint,
    }));
  }
  if (!/service|region/.test(word.hint)) return [];
  return targets(typed, known);
}

/** The last word as a service or a region; none twice. */
function targets(typed: string, { services, regions }: Known): readonly Completion[] {
  const words = typed.split(/\s+/);
  const last = words.at(-1) ?? '';
  const earlier = words.slice(0, -1);
  const names = [
    ...(earlier.some((word) => services.includes(word)) ? [] : services.map((name) => ({ name, hint: 'service' }))),
    ...(earlier.some((word) => regions.includes(word)) ? [] : regions.map((name) => ({ name, hint: 'region' }))),
  ];
  const stem = typed.slice(0, typed.length - last.length);
  return names
    .filter(({ name }) => name.startsWith(last) && name !== last)
    .map(({ name, hint }) => ({ text: `${stem}${name} `, label: name, hint }));
}

function mentionCompletions(typed: string, word: string, { users, groups }: Known): readonly Completion[] {
  const stem = typed.slice(0, typed.length - word.length);
  const people = users
    .filter((user) => user.kind !== 'deactivated' && user.id !== 'USLACKBOT')
    .map((user) => ({ handle: user.name, label: user.realName, hint: user.role }));
  const teams = groups.map((group) => ({
    handle: group.handle,
    label: `@${group.handle}`,
    hint: `${group.name}, ${group.users.length} people`,
  }));
  const lower = word.toLowerCase();
  return [...people, ...teams]
    .filter((one) => one.handle.startsWith(lower) || one.label.toLowerCase().startsWith(lower))
    .map((one) => ({ text: `${stem}${one.handle} `, label: one.label, hint: one.hint }));
}

/** The hint under the composer for the word that is being filled in. */
export function usageHint(typed: string, commands: readonly PageCommand[]): string | null {
  const command = commands.find((one) => typed === one.command || typed.startsWith(`${one.command} `));
  if (command === undefined) return null;
  const rest = typed.slice(command.command.length).trimStart();
  const word = command.words.find((one) => rest === one.word || rest.startsWith(`${one.word} `));
  return word === undefined
    ? `${command.command} ${command.usageHint}`
    : `${command.command} ${word.word} ${word.hint}`;
}
