import type { InputBlock, ModalView, PlainTextOption } from '@slack/types';
import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { Field, Modal } from '../../core/ports/intake.ts';
import { SECTION_MAX, section } from './blocks.ts';
import { cut, line, pieces } from './mrkdwn.ts';
import type { Names } from './mrkdwn.ts';
import { asPress, pressSchema } from './payloads.ts';
import type { Command, Pressed } from './payloads.ts';

/** A form and its way back. What it stands for travels in `private_metadata`: not trusted, checked again like any button's value. */

export const MODAL_CALLBACK = 'mlp_form';
const METADATA_MAX = 3_000;
const OPTION_MAX = 75;
const OPTIONS_MAX = 100;
const REASON_MAX = 1_000;

/** Where the click was that asked for the form. */
export interface Origin {
  readonly channel: string;
  /** Empty: the form was asked for by a command. */
  readonly messageTs: string;
  readonly threadTs: string | null;
}

const fieldSchema = z.object({
  id: z.string(),
  label: z.string(),
  required: z.boolean(),
  least: z.number().optional(),
  /** Values too long for Slack, by their place in the list. */
  long: z.record(z.string(), z.string()).optional(),
  chosen: z.boolean(),
});
const carriedSchema = z.object({
  means: z.union([pressSchema, z.strictObject({ command: z.string() })]),
  channel: z.string(),
  messageTs: z.string(),
  threadTs: z.string().nullable(),
  fields: z.array(fieldSchema),
});

/** Throws a Failure `invalid` for a form that Slack cannot show. */
export function viewOf(modal: Modal, origin: Origin, names: Names): ModalView {
  const fields = modal.fields.map((field) => ({
    id: field.id,
    label: cut(field.label, 100),
    required: field.required,
    ...(field.least === undefined ? {} : { least: field.least }),
    chosen: field.options !== undefined,
    ...longValues(field),
  }));
  const carried: z.infer<typeof carriedSchema> = { means: modal.means, ...origin, fields };
  const metadata = JSON.stringify(carried);
  if (metadata.length > METADATA_MAX) throw new Failure('invalid', 'this is too long for a form');
  const intro = pieces(line(modal.intro, names), (text) => text, SECTION_MAX).filter((text) => text.trim() !== '');
  return {
    type: 'modal',
    callback_id: MODAL_CALLBACK,
    private_metadata: metadata,
    title: { type: 'plain_text', text: cut(modal.title, 24) },
    submit: { type: 'plain_text', text: cut(modal.submit, 24) },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [...intro.map(section), ...modal.fields.map(input)],
  };
}

function input(field: Field): InputBlock {
  return {
    type: 'input',
    block_id: blockId(field.id),
    label: { type: 'plain_text', text: cut(field.label, 2_000) },
    optional: !field.required,
    element:
      field.options === undefined
        ? { type: 'plain_text_input', action_id: 'value', multiline: field.multiline, max_length: REASON_MAX }
        : { type: 'static_select', action_id: 'value', options: options(field) },
  };
}

function options(field: Field): PlainTextOption[] {
  const all = field.options ?? [];
  if (all.length === 0 || all.length > OPTIONS_MAX)
    throw new Failure('invalid', `a menu takes 1 to ${OPTIONS_MAX} choices, not ${all.length}`);
  return all.map((option, index) => ({
    text: { type: 'plain_text', text: cut(option.label.trim() === '' ? option.value : option.label, OPTION_MAX) },
    value: option.value.length > OPTION_MAX ? `#${index}` : option.value,
  }));
}

function longValues(field: Field): { readonly long?: Record<string, string> } {
  const long: Record<string, string> = {};
  for (const [index, option] of (field.options ?? []).entries())
    if (option.value.length > OPTION_MAX) long[`#${index}`] = option.value;
  return Object.keys(long).length === 0 ? {} : { long };
}

function blockId(field: string): string {
  return `field:${field}`;
}

const submission = z.object({
  user: z.object({ id: z.string(), team_id: z.string().nullish() }),
  team: z.object({ id: z.string() }).nullish(),
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({
      values: z.record(
        z.string(),
        z.record(
          z.string(),
          z.object({ value: z.string().nullish(), selected_option: z.object({ value: z.string() }).nullish() }),
        ),
      ),
    }),
  }),
});

export type Submitted =
  | {
      readonly is: 'complete';
      readonly taken: Pressed | Command;
      readonly origin: Origin;
      readonly firstField: string | null;
    }
  /** By block id, for Slack to show beside the fields. */
  | { readonly is: 'incomplete'; readonly errors: Readonly<Record<string, string>> }
  | { readonly is: 'unreadable' };

export function submittedOf(body: unknown): Submitted {
  const parsed = submission.safeParse(body);
  if (!parsed.success) return { is: 'unreadable' };
  const { view, user, team } = parsed.data;
  const carried = carriedOf(view.private_metadata);
  if (carried === null) return { is: 'unreadable' };
  const values = new Map<string, string>();
  const errors: Record<string, string> = {};
  for (const field of carried.fields) {
    const got = view.state.values[blockId(field.id)]?.['value'];
    const chosen = got?.selected_option?.value;
    const value = (chosen === undefined ? (got?.value ?? '') : (field.long?.[chosen] ?? chosen)).trim();
    if (field.required && value === '') errors[blockId(field.id)] = `${field.label}: please fill this in.`;
    else if (value.length < (field.least ?? 0))
      errors[blockId(field.id)] = `At least ${field.least ?? 0} characters: a word or two more, please.`;
    values.set(field.id, value);
  }
  if (Object.keys(errors).length > 0) return { is: 'incomplete', errors };
  const { means, fields, ...origin } = carried;
  const who = { by: user.id, team: user.team_id ?? team?.id ?? '', channel: origin.channel };
  // One form is one act, however often it is submitted.
  const id = `slack:view:${view.id}`;
  const first = fields[0]?.id;
  const firstField = first === undefined ? null : blockId(first);
  if ('command' in means && !('does' in means)) {
    return {
      is: 'complete',
      taken: { is: 'command', id, text: filled(means.command, fields, values), ...who },
      origin,
      firstField,
    };
  }
  // What a press goes with: what was typed, or of several workloads the one that was chosen.
  const given = fields.find((field) => field.id === 'reason') ?? fields.find((field) => !field.chosen);
  const reason = given === undefined ? null : (values.get(given.id) ?? null);
  const taken: Pressed = {
    is: 'pressed',
    id,
    press: asPress(means),
    reason,
    messageTs: origin.messageTs,
    threadTs: origin.threadTs,
    ...who,
  };
  return { is: 'complete', taken, origin, firstField };
}

function carriedOf(metadata: string): z.infer<typeof carriedSchema> | null {
  try {
    return carriedSchema.safeParse(JSON.parse(metadata)).data ?? null;
  } catch {
    return null;
  }
}

function filled(
  command: string,
  fields: z.infer<typeof carriedSchema>['fields'],
  values: ReadonlyMap<string, string>,
): string {
  return command.replace(/\{([A-Za-z0-9-]+)\}/g, (all, id: string) => {
    const field = fields.find((it) => it.id === id);
    return field === undefined ? all : (values.get(id) ?? '').replace(/\s+/g, ' ');
  });
}
