/**
 * Block Kit as JSON Schema, written from Slack's documentation (docs.slack.dev/reference/block-kit) and the sentences in
 * `@slack/types`. It shares nothing with the local Slack's own checks: two readings of the same pages, so that a mistake in
 * one is not repeated by the other. Lengths are in code points, as ajv counts them.
 */
export interface Schema {
  readonly [key: string]: unknown;
}

export type Shapes = Readonly<Record<string, Schema>>;

export const text = (maxLength: number, minLength = 1): Schema => ({ type: 'string', minLength, maxLength });
const anyString: Schema = { type: 'string' };
export const yesNo: Schema = { type: 'boolean' };
export const identifier = text(255);
export const anyOfThese = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
export const many = (items: Schema, minItems: number, maxItems: number): Schema => ({
  type: 'array',
  items,
  minItems,
  maxItems,
});

/** An object with a fixed `type`, its required and its optional keys, and no others. */
export function typed(type: string, required: Shapes, optional: Shapes = {}): Schema {
  return {
    type: 'object',
    properties: { type: { const: type }, ...required, ...optional },
    required: ['type', ...Object.keys(required)],
    additionalProperties: false,
  };
}

export function untyped(required: Shapes, optional: Shapes = {}): Schema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

/** One of several, told apart by `type`, so that an error names the fault and not every alternative. */
export function byType(...schemas: readonly Schema[]): Schema {
  return { type: 'object', required: ['type'], discriminator: { propertyName: 'type' }, oneOf: schemas };
}

export const plainText = (max: number): Schema => typed('plain_text', { text: text(max) }, { emoji: yesNo });
export const markupText = (max: number): Schema => typed('mrkdwn', { text: text(max) }, { verbatim: yesNo });
export const someText = (max: number): Schema => byType(plainText(max), markupText(max));

const confirmation = untyped(
  { title: plainText(100), text: someText(300), confirm: plainText(30), deny: plainText(30) },
  { style: anyOfThese('primary', 'danger') },
);
/** 75 in Slack's types, 150 in the newer pages: the smaller one is safe with both. */
const optionValue = text(75);
const option = untyped({ text: plainText(75), value: optionValue }, { description: plainText(75) });
const richOption = untyped({ text: someText(75), value: optionValue }, { description: someText(75) });
const overflowOption = untyped(
  { text: plainText(75), value: optionValue },
  { description: plainText(75), url: text(3000) },
);
const optionGroup = untyped({ label: plainText(75), options: many(option, 1, 100) });
const atMost: Schema = { type: 'integer', minimum: 1 };

const interactive: Shapes = { confirm: confirmation, focus_on_load: yesNo };
const chooser: Shapes = { ...interactive, placeholder: plainText(150) };
/** Slack would make up a missing action_id, and no listener could know it. */
const action: Shapes = { action_id: identifier };

export const exactlyOne = (schema: Schema, a: string, b: string): Schema => ({
  ...schema,
  oneOf: [
    { required: [a], not: { required: [b] } },
    { required: [b], not: { required: [a] } },
  ],
});

export const button = typed(
  'button',
  { text: plainText(75), ...action },
  {
    value: text(2000),
    url: text(3000),
    style: anyOfThese('primary', 'danger'),
    confirm: confirmation,
    accessibility_label: text(75),
  },
);

export const picture: Shapes = {
  image_url: text(3000),
  slack_file: {
    type: 'object',
    properties: { id: { type: 'string', pattern: '^F[A-Z0-9]{8,}$' }, url: anyString },
    additionalProperties: false,
  },
};
export const imageElement = typed('image', { alt_text: text(2000) }, picture);
export const overflow = typed(
  'overflow',
  { options: many(overflowOption, 1, 5), ...action },
  { confirm: confirmation },
);

const channelFilter = untyped(
  {},
  { include: many(anyString, 1, 4), exclude_external_shared_channels: yesNo, exclude_bot_users: yesNo },
);
const staticOptions: Shapes = { options: many(option, 1, 100), option_groups: many(optionGroup, 1, 100) };
const queryLength: Schema = { type: 'integer', minimum: 0 };

const selects: readonly Schema[] = [
  typed('static_select', action, { ...chooser, ...staticOptions, initial_option: option }),
  typed('multi_static_select', action, {
    ...chooser,
    ...staticOptions,
    initial_options: many(option, 1, 100),
    max_selected_items: atMost,
  }),
  typed('external_select', action, { ...chooser, initial_option: option, min_query_length: queryLength }),
  typed('multi_external_select', action, {
    ...chooser,
    initial_options: many(option, 1, 100),
    min_query_length: queryLength,
    max_selected_items: atMost,
  }),
  typed('users_select', action, { ...chooser, initial_user: anyString }),
  typed('multi_users_select', action, {
    ...chooser,
    initial_users: many(anyString, 1, 100),
    max_selected_items: atMost,
  }),
  typed('conversations_select', action, {
    ...chooser,
    initial_conversation: anyString,
    default_to_current_conversation: yesNo,
    response_url_enabled: yesNo,
    filter: channelFilter,
  }),
  typed('multi_conversations_select', action, {
    ...chooser,
    initial_conversations: many(anyString, 1, 100),
    default_to_current_conversation: yesNo,
    max_selected_items: atMost,
    filter: channelFilter,
  }),
  typed('channels_select', action, { ...chooser, initial_channel: anyString, response_url_enabled: yesNo }),
  typed('multi_channels_select', action, {
    ...chooser,
    initial_channels: many(anyString, 1, 100),
    max_selected_items: atMost,
  }),
];

export const choosers: readonly Schema[] = [
  ...selects,
  typed(
    'checkboxes',
    { options: many(richOption, 1, 10), ...action },
    { ...interactive, initial_options: many(richOption, 1, 10) },
  ),
  typed(
    'radio_buttons',
    { options: many(richOption, 1, 10), ...action },
    { ...interactive, initial_option: richOption },
  ),
  typed('datepicker', action, {
    ...chooser,
    initial_date: { type: 'string', pattern: String.raw`^\d{4}-\d{2}-\d{2}$` },
  }),
  typed('timepicker', action, {
    ...chooser,
    initial_time: { type: 'string', pattern: String.raw`^\d{2}:\d{2}$` },
    timezone: anyString,
  }),
  typed('datetimepicker', action, {
    ...interactive,
    initial_date_time: { type: 'integer', minimum: 1_000_000_000, maximum: 9_999_999_999 },
  }),
];

const dispatchConfig = untyped(
  {},
  { trigger_actions_on: many(anyOfThese('on_enter_pressed', 'on_character_entered'), 1, 2) },
);
const typing: Shapes = {
  placeholder: plainText(150),
  initial_value: text(3000),
  focus_on_load: yesNo,
  dispatch_action_config: dispatchConfig,
};
export const textInput = typed('plain_text_input', action, {
  ...typing,
  multiline: yesNo,
  min_length: { type: 'integer', minimum: 0, maximum: 3000 },
  max_length: { type: 'integer', minimum: 1, maximum: 3000 },
});
export const modalInputs: readonly Schema[] = [
  typed('email_text_input', action, typing),
  typed('url_text_input', action, typing),
  typed(
    'number_input',
    { is_decimal_allowed: yesNo, ...action },
    { ...typing, min_value: anyString, max_value: anyString },
  ),
  typed('file_input', action, {
    filetypes: many(anyString, 1, 100),
    max_files: { type: 'integer', minimum: 1, maximum: 10 },
  }),
];
