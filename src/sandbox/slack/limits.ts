import { blockDefects } from './blocks.ts';
import type { Defect } from './blocks.ts';
import { isObject, lengthOf } from './shape.ts';

/**
 * What one message may hold. The budgets behind `msg_blocks_too_long` are undocumented; this model fits the payloads that
 * people reported as accepted (9,597 text characters, 15,561 JSON, 50 blocks) and rejected (11,341; 17,694; 45): bolt-js issues 2509, 2867.
 */
export const budgets = {
  textChars: 12_000,
  charsPerBlock: 30,
  jsonChars: 16_000,
  truncateAt: 40_000,
  updateTextChars: 4_000,
  markdownChars: 12_000,
  viewJsonBytes: 250_000,
  /** Slack publishes no figure. */
  metadataBytes: 16_000,
} as const;

export type Refusal = { readonly error: string; readonly defects?: readonly Defect[] };

export function blockErrors(error: string, defects: readonly Defect[]): Refusal {
  return { error, defects };
}

export function textChars(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one: unknown) => sum + textChars(one), 0);
  if (!isObject(value)) return 0;
  let sum = 0;
  for (const [key, one] of Object.entries(value))
    sum += key === 'text' && typeof one === 'string' ? lengthOf(one) : textChars(one);
  return sum;
}

/** The first reason why these blocks cannot stand in a message, or null. */
export function refuseBlocks(blocks: unknown): Refusal | null {
  if (!Array.isArray(blocks)) return { error: 'invalid_blocks_format' };
  const defects = blockDefects(blocks, 'message', '/blocks');
  if (defects.length > 0) return blockErrors('invalid_blocks', defects);
  const types = blocks.map((block: unknown) => (isObject(block) ? block['type'] : undefined));
  if (types.filter((type) => type === 'table' || type === 'data_table').length > 1)
    return { error: 'invalid_attachments', defects: [{ message: 'only_one_table_allowed', pointer: '/blocks' }] };
  if (types.filter((type) => type === 'data_visualization').length > 2) {
    return blockErrors('invalid_blocks', [{ message: 'no more than 2 items allowed', pointer: '/blocks' }]);
  }
  const markdown = textChars(blocks.filter((_, i) => types[i] === 'markdown'));
  if (markdown > budgets.markdownChars) return { error: 'msg_blocks_too_long' };
  const text = textChars(blocks);
  if (text > budgets.textChars - budgets.charsPerBlock * blocks.length) return { error: 'msg_blocks_too_long' };
  if (JSON.stringify(blocks).length > budgets.jsonChars) return { error: 'msg_blocks_too_long' };
  return null;
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isFlat(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isScalar);
}

/** Metadata is an event type and a payload of scalars, flat objects, or lists of flat objects (`MessageMetadata` in @slack/types). `{}` clears it. */
export function refuseMetadata(metadata: unknown): Refusal | null {
  if (!isObject(metadata)) return { error: 'invalid_metadata_format' };
  if (Object.keys(metadata).length === 0) return null;
  const payload = metadata['event_payload'];
  if (typeof metadata['event_type'] !== 'string' || metadata['event_type'] === '' || !isObject(payload))
    return { error: 'invalid_metadata_schema' };
  for (const key of Object.keys(metadata))
    if (key !== 'event_type' && key !== 'event_payload') return { error: 'invalid_metadata_schema' };
  for (const value of Object.values(payload)) {
    const fine = isScalar(value) || isFlat(value) || (Array.isArray(value) && value.every(isFlat));
    if (!fine) return { error: 'invalid_metadata_format' };
  }
  if (Buffer.byteLength(JSON.stringify(metadata)) > budgets.metadataBytes) return { error: 'metadata_too_large' };
  return null;
}

export function refuseAttachments(attachments: unknown): Refusal | null {
  if (!Array.isArray(attachments)) return { error: 'invalid_attachments' };
  if (attachments.length > 100) return { error: 'too_many_attachments' };
  for (const [i, one] of attachments.entries()) {
    if (!isObject(one)) return { error: 'invalid_attachments' };
    if (one['blocks'] === undefined) continue;
    const defects = blockDefects(one['blocks'], 'message', `/attachments/${i}/blocks`);
    if (defects.length > 0) return blockErrors('invalid_blocks', defects);
  }
  return null;
}
