import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { PageElementValue } from '../slack/page-api.ts';
import { chosenOf, initialOf, initialsOf, selectValue, useItems } from './choices.tsx';
import { num, obj, str, strings, type Json } from './json.ts';
import { useSurface } from './surface.ts';
import { plainOf } from './text.tsx';

export interface FieldProps {
  readonly element: Json;
  readonly blockId: string;
  /** Does a change go to the bot at once, and not only with the form? */
  readonly dispatch: boolean;
  readonly id?: string;
  readonly describedBy?: string;
  readonly invalid?: boolean;
}

interface Bound {
  readonly value: PageElementValue | undefined;
  /** Keeps the value, and sends it where it is wanted at once. */
  change(value: PageElementValue): void;
  /** Keeps it only: typing is not sent letter by letter. */
  keep(value: PageElementValue): void;
  readonly attributes: { readonly id?: string; readonly 'aria-describedby'?: string; readonly 'aria-invalid': boolean };
}

function useBound({ element, blockId, dispatch, id, describedBy, invalid }: FieldProps): Bound {
  const surface = useSurface();
  const [own, setOwn] = useState<PageElementValue | undefined>(undefined);
  const actionId = str(element, 'action_id');
  const keep = (value: PageElementValue): void =>
    surface.form === null ? setOwn(value) : surface.form.set(blockId, actionId, value);
  return {
    value: surface.form === null ? own : surface.form.values[blockId]?.[actionId],
    keep,
    change: (value) => {
      keep(value);
      if (dispatch || surface.form === null) void surface.press(blockId, actionId, value);
    },
    attributes: {
      ...(id === undefined ? {} : { id }),
      ...(describedBy === undefined ? {} : { 'aria-describedby': describedBy }),
      'aria-invalid': invalid === true,
    },
  };
}

export function Field(props: FieldProps): JSX.Element {
  const type = str(props.element, 'type');
  switch (type) {
    case 'checkboxes':
      return <Choices {...props} many />;
    case 'radio_buttons':
      return <Choices {...props} many={false} />;
    case 'datepicker':
      return <Moment {...props} kind="date" />;
    case 'timepicker':
      return <Moment {...props} kind="time" />;
    case 'datetimepicker':
      return <Moment {...props} kind="datetime-local" />;
    case 'plain_text_input':
    case 'rich_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return <TextField {...props} />;
    default:
      if (type.startsWith('multi_')) return <Choices {...props} many />;
      if (type.endsWith('_select')) return <NativeSelect {...props} />;
      return <span class="unknown">This field ({type}) is not part of the sandbox.</span>;
  }
}

function NativeSelect(props: FieldProps): JSX.Element {
  const bound = useBound(props);
  const chosen = chosenOf(bound.value) ?? initialOf(props.element);
  const items = useItems(props.element, [chosen]);
  return (
    <select
      {...bound.attributes}
      class="field"
      value={chosen}
      onChange={(event) => bound.change(selectValue(str(props.element, 'type'), event.currentTarget.value))}
    >
      {chosen === '' && <option value="">{plainOf(props.element['placeholder']) || 'Choose'}</option>}
      {items.map((item) => (
        <option value={item.id}>{item.words}</option>
      ))}
    </select>
  );
}

const inputModes: Readonly<Record<string, 'email' | 'url' | 'decimal'>> = {
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'decimal',
};

function TextField(props: FieldProps): JSX.Element {
  const { element } = props;
  const bound = useBound(props);
  const { form } = useSurface();
  const type = str(element, 'type');
  const value = bound.value?.value ?? str(element, 'initial_value');
  const shared = { ...bound.attributes, class: 'field', value, placeholder: plainOf(element['placeholder']) };
  const each = strings(obj(element, 'dispatch_action_config') ?? {}, 'trigger_actions_on').includes(
    'on_character_entered',
  );
  const typed = (text: string): void =>
    each && props.dispatch ? bound.change({ value: text }) : bound.keep({ value: text });
  if (element['multiline'] === true || type === 'rich_text_input') {
    return <textarea {...shared} rows={4} onInput={(event) => typed(event.currentTarget.value)} />;
  }
  return (
    <input
      {...shared}
      type="text"
      inputMode={inputModes[type] ?? 'text'}
      onInput={(event) => typed(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        if (props.dispatch) bound.change({ value: event.currentTarget.value });
        else form?.submit();
      }}
    />
  );
}

function Moment(props: FieldProps & { readonly kind: 'date' | 'time' | 'datetime-local' }): JSX.Element {
  const { element, kind } = props;
  const bound = useBound(props);
  const initial = num(element, 'initial_date_time');
  const value =
    kind === 'date'
      ? (bound.value?.selectedDate ?? str(element, 'initial_date'))
      : kind === 'time'
        ? (bound.value?.selectedTime ?? str(element, 'initial_time'))
        : localMoment(bound.value?.selectedDateTime ?? initial);
  const picked = (text: string): void => {
    if (kind === 'date') bound.change({ selectedDate: text });
    else if (kind === 'time') bound.change({ selectedTime: text });
    else if (text !== '') bound.change({ selectedDateTime: Math.floor(new Date(text).getTime() / 1000) });
  };
  return (
    <input
      {...bound.attributes}
      class="field"
      type={kind}
      value={value}
      onChange={(event) => picked(event.currentTarget.value)}
    />
  );
}

function localMoment(seconds: number | null): string {
  if (seconds === null) return '';
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function Choices(props: FieldProps & { readonly many: boolean }): JSX.Element {
  const { element, many } = props;
  const bound = useBound(props);
  const name = useId();
  const type = str(element, 'type');
  const chosen = many
    ? (bound.value?.selectedOptions ?? bound.value?.selectedUsers ?? initialsOf(element))
    : [chosenOf(bound.value) ?? initialOf(element)];
  const items = useItems(element, chosen);
  const picked = (id: string, on: boolean): void => {
    if (!many) return bound.change({ selectedOption: id });
    const next = items.map((item) => item.id).filter((one) => (one === id ? on : chosen.includes(one)));
    return bound.change(type === 'multi_users_select' ? { selectedUsers: next } : { selectedOptions: next });
  };
  return (
    <div
      {...bound.attributes}
      class={items.length > 6 ? 'choices choices-long' : 'choices'}
      role={many ? 'group' : 'radiogroup'}
    >
      {items.map((item) => (
        <label class="choice">
          <input
            type={many ? 'checkbox' : 'radio'}
            name={name}
            checked={chosen.includes(item.id)}
            onChange={(event) => picked(item.id, event.currentTarget.checked)}
          />
          <span>
            {item.label}
            {item.hint !== undefined && <small>{item.hint}</small>}
          </span>
        </label>
      ))}
    </div>
  );
}
