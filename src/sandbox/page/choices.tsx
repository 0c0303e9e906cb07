import type { PageElementValue } from '../slack/page-api.ts';
import { list, obj, str, strings, type Json } from './json.ts';
import type { MenuItem } from './menu.tsx';
import { useDirectory } from './session.ts';
import { plainOf, TextObject } from './text.tsx';

/** What may be chosen in a select: its options, or the people or channels of the workspace. */
export function useItems(element: Json, chosen: readonly string[]): readonly MenuItem[] {
  const { users, channelNames } = useDirectory();
  const type = str(element, 'type').replace('multi_', '');
  if (type === 'users_select') {
    const people = users.filter((user) => user.kind !== 'deactivated');
    return people.map((user) => ({
      id: user.id,
      label: user.realName,
      words: user.realName,
      hint: user.role,
      chosen: chosen.includes(user.id),
    }));
  }
  if (type === 'conversations_select' || type === 'channels_select') {
    return Object.entries(channelNames).map(([id, name]) => ({
      id,
      label: `#${name}`,
      words: name,
      chosen: chosen.includes(id),
    }));
  }
  return optionItems(element, chosen);
}

export function optionItems(element: Json, chosen: readonly string[]): readonly MenuItem[] {
  const item = (option: Json, group?: string): MenuItem => ({
    id: str(option, 'value'),
    label: <TextObject value={option['text']} />,
    words: plainOf(option['text']),
    chosen: chosen.includes(str(option, 'value')),
    ...(option['description'] === undefined ? {} : { hint: <TextObject value={option['description']} /> }),
    ...(group === undefined ? {} : { group }),
  });
  const grouped = list(element, 'option_groups').flatMap((group) =>
    list(group, 'options').map((option) => item(option, plainOf(group['label']))),
  );
  return [...list(element, 'options').map((option) => item(option)), ...grouped];
}

export function selectValue(type: string, value: string): PageElementValue {
  if (type === 'users_select') return { selectedUser: value };
  if (type === 'conversations_select') return { selectedConversation: value };
  if (type === 'channels_select') return { selectedChannel: value };
  return { selectedOption: value };
}

export function chosenOf(value: PageElementValue | undefined): string | null {
  return value?.selectedOption ?? value?.selectedUser ?? value?.selectedConversation ?? value?.selectedChannel ?? null;
}

export function initialOf(element: Json): string {
  const option = obj(element, 'initial_option');
  return option === null
    ? str(element, 'initial_user') || str(element, 'initial_conversation') || str(element, 'initial_channel')
    : str(option, 'value');
}

export function initialsOf(element: Json): readonly string[] {
  const options = list(element, 'initial_options').map((option) => str(option, 'value'));
  return [
    ...options,
    ...strings(element, 'initial_users'),
    ...strings(element, 'initial_conversations'),
    ...strings(element, 'initial_channels'),
  ];
}
