import { anything, bool, both, byType, list, num, object, oneOf, rule, str } from './shape.ts';
import type { Shape } from './shape.ts';

/** Elements and composition objects of Block Kit with the limits that Slack enforces (docs.slack.dev/reference/block-kit). */
const plainBody = (max: number): Shape => object({ required: { text: str(max, 1) }, optional: { emoji: bool } });
const mrkdwnBody = (max: number): Shape => object({ required: { text: str(max, 1) }, optional: { verbatim: bool } });

export const plain = (max: number): Shape => byType({ plain_text: plainBody(max) }, true);
export const anyText = (max: number): Shape => byType({ plain_text: plainBody(max), mrkdwn: mrkdwnBody(max) }, true);

export const id = str(255, 1);

const confirm = object({
  required: { title: plain(100), text: anyText(300), confirm: plain(30), deny: plain(30) },
  optional: { style: oneOf('primary', 'danger') },
});

const option = (text: Shape, url = false): Shape =>
  object({
    required: { text, value: str(150) },
    optional: { description: anyText(75), ...(url ? { url: str(3000) } : {}) },
  });

const selectOption = option(plain(75));
const group = object({ required: { label: plain(75), options: list(selectOption, 100) } });

const common = { action_id: id, confirm, focus_on_load: bool };
const withPlaceholder = { ...common, placeholder: plain(150) };
const convFilter = object({
  optional: {
    include: list(oneOf('im', 'mpim', 'private', 'public'), 4, 1),
    exclude_external_shared_channels: bool,
    exclude_bot_users: bool,
  },
});

const optionsOrGroups = rule((value, pointer, report) => {
  const has = [value['options'], value['option_groups']].filter((one) => one !== undefined).length;
  if (has !== 1) report('must define either `options` or `option_groups`', pointer);
});

const staticBody = { options: list(selectOption, 100, 1), option_groups: list(group, 100, 1) };
const dispatch = object({
  optional: { trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), 2, 1) },
});
const max = num(1, Number.MAX_SAFE_INTEGER);

const button = object({
  required: { text: plain(75) },
  optional: {
    action_id: id,
    url: str(3000),
    value: str(2000),
    style: oneOf('primary', 'danger'),
    confirm,
    accessibility_label: str(75),
  },
});

const selects: Readonly<Record<string, Shape>> = {
  static_select: both(
    object({ optional: { ...withPlaceholder, ...staticBody, initial_option: selectOption } }),
    optionsOrGroups,
  ),
  external_select: object({
    optional: { ...withPlaceholder, initial_option: selectOption, min_query_length: num(0, 1000) },
  }),
  users_select: object({ optional: { ...withPlaceholder, initial_user: str(255) } }),
  conversations_select: object({
    optional: {
      ...withPlaceholder,
      initial_conversation: str(255),
      default_to_current_conversation: bool,
      response_url_enabled: bool,
      filter: convFilter,
    },
  }),
  channels_select: object({ optional: { ...withPlaceholder, initial_channel: str(255), response_url_enabled: bool } }),
};

const multiSelects: Readonly<Record<string, Shape>> = {
  multi_static_select: both(
    object({
      optional: {
        ...withPlaceholder,
        ...staticBody,
        initial_options: list(selectOption, 100, 1),
        max_selected_items: max,
      },
    }),
    optionsOrGroups,
  ),
  multi_external_select: object({
    optional: {
      ...withPlaceholder,
      initial_options: list(selectOption, 100, 1),
      min_query_length: num(0, 1000),
      max_selected_items: max,
    },
  }),
  multi_users_select: object({
    optional: { ...withPlaceholder, initial_users: list(str(255), 100), max_selected_items: max },
  }),
  multi_conversations_select: object({
    optional: {
      ...withPlaceholder,
      initial_conversations: list(str(255), 100),
      default_to_current_conversation: bool,
      max_selected_items: max,
      filter: convFilter,
    },
  }),
  multi_channels_select: object({
    optional: { ...withPlaceholder, initial_channels: list(str(255), 100), max_selected_items: max },
  }),
};

const choice = (count: number): Shape => list(option(anyText(75)), count, 1);

const choices: Readonly<Record<string, Shape>> = {
  checkboxes: object({ required: { options: choice(10) }, optional: { ...common, initial_options: choice(10) } }),
  radio_buttons: object({
    required: { options: choice(10) },
    optional: { ...common, initial_option: option(anyText(75)) },
  }),
};

const pickers: Readonly<Record<string, Shape>> = {
  datepicker: object({ optional: { ...withPlaceholder, initial_date: str(10, 10, /^\d{4}-\d{2}-\d{2}$/) } }),
  timepicker: object({
    optional: { ...withPlaceholder, initial_time: str(5, 5, /^\d{2}:\d{2}$/), timezone: str(255) },
  }),
  datetimepicker: object({ optional: { ...common, initial_date_time: num(0, 9_999_999_999) } }),
};

const overflow = object({
  required: { options: list(option(plain(75), true), 5, 1) },
  optional: { action_id: id, confirm },
});
const workflowButton = object({
  required: { text: plain(75), workflow: anything },
  optional: { action_id: id, style: oneOf('primary', 'danger'), accessibility_label: str(75) },
});

const image = both(
  object({ required: { alt_text: str(2000) }, optional: { image_url: str(3000), slack_file: anything } }),
  rule((value, pointer, report) => {
    if ((value['image_url'] === undefined) === (value['slack_file'] === undefined))
      report('must define either `image_url` or `slack_file`', pointer);
  }),
);

const textInputs: Readonly<Record<string, Shape>> = {
  plain_text_input: object({
    optional: {
      action_id: id,
      placeholder: plain(150),
      initial_value: str(3000),
      multiline: bool,
      min_length: num(0, 3000),
      max_length: num(1, 3000),
      focus_on_load: bool,
      dispatch_action_config: dispatch,
    },
  }),
};

/** Inputs that only a modal may hold. */
const modalInputs: Readonly<Record<string, Shape>> = {
  email_text_input: object({
    optional: {
      action_id: id,
      placeholder: plain(150),
      initial_value: str(3000),
      focus_on_load: bool,
      dispatch_action_config: dispatch,
    },
  }),
  url_text_input: object({
    optional: {
      action_id: id,
      placeholder: plain(150),
      initial_value: str(3000),
      focus_on_load: bool,
      dispatch_action_config: dispatch,
    },
  }),
  number_input: object({
    required: { is_decimal_allowed: bool },
    optional: {
      action_id: id,
      placeholder: plain(150),
      initial_value: str(3000),
      min_value: str(100),
      max_value: str(100),
      focus_on_load: bool,
      dispatch_action_config: dispatch,
    },
  }),
  rich_text_input: object({
    optional: {
      action_id: id,
      placeholder: plain(150),
      initial_value: anything,
      focus_on_load: bool,
      dispatch_action_config: dispatch,
    },
  }),
  file_input: object({ optional: { action_id: id, filetypes: list(str(20), 100, 1), max_files: num(1, 10) } }),
};

export const inActions = byType(
  { button, overflow, workflow_button: workflowButton, ...selects, ...multiSelects, ...choices, ...pickers },
  true,
);
export const inSection = byType(
  { button, overflow, workflow_button: workflowButton, image, ...selects, ...multiSelects, ...choices, ...pickers },
  true,
);
export const inContext = byType({ image, plain_text: plainBody(2000), mrkdwn: mrkdwnBody(2000) }, true);

const inputs = { ...textInputs, ...selects, ...multiSelects, ...choices, ...pickers };
export const inInput = byType(inputs, true);
export const inModalInput = byType({ ...inputs, ...modalInputs }, true);

const feedback = object({
  required: { text: plain(75), value: str(2000) },
  optional: { accessibility_label: str(75) },
});

export const inContextActions = byType({
  feedback_buttons: object({
    required: { positive_button: feedback, negative_button: feedback },
    optional: { action_id: id },
  }),
  icon_button: object({
    required: { icon: oneOf('trash'), text: plain(75) },
    optional: {
      action_id: id,
      value: str(2000),
      confirm,
      accessibility_label: str(75),
      visible_to_user_ids: list(str(255), 100),
    },
  }),
});
export { button };
