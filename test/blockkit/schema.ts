import {
  anyOfThese,
  button,
  byType,
  choosers,
  exactlyOne,
  identifier,
  imageElement,
  many,
  markupText,
  modalInputs,
  overflow,
  picture,
  plainText,
  someText,
  text,
  textInput,
  typed,
  untyped,
  yesNo,
} from './elements.ts';
import type { Schema, Shapes } from './elements.ts';

/** Blocks and surfaces; the elements, and how this schema came about, are next door. */
const blockId: Shapes = { block_id: identifier };
const inputBlock = (...elements: readonly Schema[]): Schema =>
  typed(
    'input',
    { label: plainText(2000), element: byType(...elements) },
    { ...blockId, hint: plainText(2000), optional: yesNo, dispatch_action: yesNo },
  );

const section: Schema = {
  ...typed(
    'section',
    {},
    {
      ...blockId,
      text: someText(3000),
      fields: many(someText(2000), 1, 10),
      accessory: byType(button, overflow, imageElement, ...choosers),
      expand: yesNo,
    },
  ),
  anyOf: [{ required: ['text'] }, { required: ['fields'] }],
};

const richPart = (type: string): Schema => ({
  type: 'object',
  properties: { type: { const: type } },
  required: ['type', 'elements'],
});

const everywhere: readonly Schema[] = [
  section,
  typed('header', { text: plainText(150) }, blockId),
  typed('divider', {}, blockId),
  typed('context', { elements: many(byType(plainText(2000), markupText(2000), imageElement), 1, 10) }, blockId),
  typed('actions', { elements: many(byType(button, overflow, ...choosers), 1, 25) }, blockId),
  exactlyOne(
    typed('image', { alt_text: text(2000) }, { ...picture, ...blockId, title: plainText(2000) }),
    'image_url',
    'slack_file',
  ),
  typed(
    'rich_text',
    {
      elements: many(
        byType(
          richPart('rich_text_section'),
          richPart('rich_text_list'),
          richPart('rich_text_preformatted'),
          richPart('rich_text_quote'),
        ),
        1,
        100,
      ),
    },
    blockId,
  ),
];

const cell = byType(typed('raw_text', { text: text(3000) }), {
  type: 'object',
  properties: { type: { const: 'rich_text' } },
  required: ['type', 'elements'],
});

const messageBlocks: readonly Schema[] = [
  ...everywhere,
  inputBlock(textInput, ...choosers),
  typed('markdown', { text: text(12_000) }, blockId),
  typed(
    'table',
    { rows: many(many(cell, 1, 20), 1, 100) },
    { ...blockId, column_settings: { type: 'array', maxItems: 20 } },
  ),
];

export const message: Schema = many(byType(...messageBlocks), 0, 50);

const viewExtras: Shapes = { private_metadata: text(3000, 0), callback_id: identifier, external_id: text(255, 0) };

export const modal: Schema = typed(
  'modal',
  {
    title: plainText(24),
    blocks: many(
      byType(
        ...everywhere,
        inputBlock(textInput, ...choosers, ...modalInputs),
        typed(
          'alert',
          { text: someText(200) },
          { ...blockId, level: anyOfThese('default', 'info', 'warning', 'error', 'success') },
        ),
      ),
      0,
      100,
    ),
  },
  {
    ...viewExtras,
    submit: plainText(24),
    close: plainText(24),
    clear_on_close: yesNo,
    notify_on_close: yesNo,
    submit_disabled: yesNo,
  },
);

export const home: Schema = typed(
  'home',
  { blocks: many(byType(...everywhere, inputBlock(textInput, ...choosers)), 0, 100) },
  viewExtras,
);

export const metadata: Schema = {
  anyOf: [{ type: 'object', maxProperties: 0 }, untyped({ event_type: text(255), event_payload: { type: 'object' } })],
};
