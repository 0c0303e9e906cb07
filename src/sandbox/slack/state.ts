import { inputLabel, optionBy, placedIn } from './find.ts';
import type { Placed } from './find.ts';
import type { Json, ViewRecord } from './model.ts';
import type { PageElementValue, PageViewValues } from './page-api.ts';
import { asString, isObject } from './shape.ts';

/** The fields of an action or of `state.values` that an element of this type carries. */
export function valueFields(element: Json, given: PageElementValue | undefined): Json {
  const type = String(element['type']);
  const chosen = (value: string): Json =>
    optionBy(element, value) ?? { text: { type: 'plain_text', text: value, emoji: true }, value };
  const initial = (name: string): unknown => element[name] ?? null;
  switch (type) {
    case 'button':
      return element['value'] === undefined ? {} : { value: element['value'] };
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return {
        selected_option: given?.selectedOption === undefined ? initial('initial_option') : chosen(given.selectedOption),
      };
    case 'overflow':
      return { selected_option: given?.selectedOption === undefined ? null : chosen(given.selectedOption) };
    case 'checkboxes':
    case 'multi_static_select':
    case 'multi_external_select':
      return {
        selected_options:
          given?.selectedOptions === undefined ? (element['initial_options'] ?? []) : given.selectedOptions.map(chosen),
      };
    case 'users_select':
      return { selected_user: given?.selectedUser ?? initial('initial_user') };
    case 'multi_users_select':
      return { selected_users: given?.selectedUsers ?? element['initial_users'] ?? [] };
    case 'conversations_select':
      return { selected_conversation: given?.selectedConversation ?? initial('initial_conversation') };
    case 'channels_select':
      return { selected_channel: given?.selectedChannel ?? initial('initial_channel') };
    case 'datepicker':
      return { selected_date: given?.selectedDate ?? initial('initial_date') };
    case 'timepicker':
      return { selected_time: given?.selectedTime ?? initial('initial_time') };
    case 'datetimepicker':
      return { selected_date_time: given?.selectedDateTime ?? initial('initial_date_time') };
    default: {
      const value = given?.value ?? initial('initial_value');
      return { value: value === '' ? null : value };
    }
  }
}

/** `state.values` of blocks: every element that holds a value, by block and action id. */
export function stateValues(blocks: readonly Json[], given: PageViewValues): Json {
  const out: Record<string, Record<string, Json>> = {};
  for (const { blockId, element } of placedIn(blocks)) {
    const type = String(element['type']);
    if (type === 'button' || type === 'overflow') continue;
    const actionId = String(element['action_id']);
    (out[blockId] ??= {})[actionId] = { type, ...valueFields(element, given[blockId]?.[actionId]) };
  }
  return out;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

/** What the client itself refuses before anything is sent, by block id. */
export function clientErrors(view: ViewRecord, values: Json): Readonly<Record<string, string>> {
  const out: Record<string, string> = {};
  for (const { block, blockId, element } of placedIn(view.blocks)) {
    if (block['type'] !== 'input') continue;
    const inBlock = values[blockId];
    const state = isObject(inBlock) ? inBlock[String(element['action_id'])] : undefined;
    const entry = isObject(state) ? Object.entries(state).find(([key]) => key !== 'type')?.[1] : undefined;
    if (isEmpty(entry)) {
      if (block['optional'] !== true) out[blockId] = 'Please complete this required field.';
      continue;
    }
    if (typeof entry !== 'string') continue;
    const least = element['min_length'];
    const most = element['max_length'];
    if (typeof least === 'number' && entry.length < least) out[blockId] = `Must be at least ${least} characters`;
    if (typeof most === 'number' && entry.length > most) out[blockId] = `Must be less than ${most + 1} characters`;
  }
  return out;
}

function asElementValue(placed: Placed, value: string | readonly string[]): PageElementValue {
  const { element } = placed;
  const type = String(element['type']);
  const list = typeof value === 'string' ? [value] : value;
  const one = list[0] ?? '';
  const option = (wanted: string): string => {
    const found = optionBy(element, wanted);
    if (found === undefined && !type.includes('external'))
      throw new Error(`no option "${wanted}" in ${String(element['action_id'])}`);
    return asString(found?.['value'], wanted);
  };
  if (['checkboxes', 'multi_static_select', 'multi_external_select'].includes(type))
    return { selectedOptions: list.map(option) };
  if (['static_select', 'external_select', 'radio_buttons', 'overflow'].includes(type))
    return { selectedOption: option(one) };
  if (type === 'users_select') return { selectedUser: one };
  if (type === 'multi_users_select') return { selectedUsers: list };
  if (type === 'conversations_select') return { selectedConversation: one };
  if (type === 'channels_select') return { selectedChannel: one };
  if (type === 'datepicker') return { selectedDate: one };
  if (type === 'timepicker') return { selectedTime: one };
  if (type === 'datetimepicker') return { selectedDateTime: Number(one) };
  return { value: one };
}

export type PlainValues = Readonly<Record<string, string | readonly string[]>>;

/** Values as a test names them: by block id, action id or the field's label. */
export function fromPlain(blocks: readonly Json[], plain: PlainValues): PageViewValues {
  const placed = placedIn(blocks);
  const out: Record<string, Record<string, PageElementValue>> = {};
  for (const [name, value] of Object.entries(plain)) {
    const found = placed.find(
      (one) => one.blockId === name || one.element['action_id'] === name || inputLabel(one.block) === name,
    );
    if (found === undefined)
      throw new Error(
        `no field "${name}"; there are: ${placed.map((one) => inputLabel(one.block) || String(one.element['action_id'])).join(', ')}`,
      );
    (out[found.blockId] ??= {})[String(found.element['action_id'])] = asElementValue(found, value);
  }
  return out;
}

export function choiceFor(placed: Placed, value: string | readonly string[] | undefined): PageElementValue | undefined {
  return value === undefined ? undefined : asElementValue(placed, value);
}
