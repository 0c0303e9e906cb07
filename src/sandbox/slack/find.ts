import type { Json, Message } from './model.ts';
import { isObject } from './shape.ts';

/** An interactive element where it stands. */
export interface Placed {
  readonly blockId: string;
  readonly block: Json;
  readonly element: Json;
}

/** Every element of these blocks that a person can press, choose from or type into. */
export function placedIn(blocks: readonly Json[]): readonly Placed[] {
  const out: Placed[] = [];
  for (const block of blocks) {
    if (block['type'] === 'rich_text') continue;
    const inside = [
      ...(Array.isArray(block['elements']) ? block['elements'] : []),
      block['accessory'],
      block['element'],
      ...(block['type'] === 'card' && Array.isArray(block['actions']) ? block['actions'] : []),
    ];
    for (const element of inside) {
      if (isObject(element) && typeof element['action_id'] === 'string')
        out.push({ blockId: String(block['block_id']), block, element });
    }
    if (Array.isArray(block['child_blocks'])) out.push(...placedIn(block['child_blocks'].filter(isObject)));
  }
  return out;
}

export function labelOf(element: Json): string {
  const text = isObject(element['text']) ? element['text'] : element['placeholder'];
  return isObject(text) && typeof text['text'] === 'string' ? text['text'] : String(element['action_id']);
}

export function inputLabel(block: Json): string {
  return isObject(block['label']) ? String(block['label']['text']) : '';
}

export function optionsOf(element: Json): readonly Json[] {
  const direct = Array.isArray(element['options']) ? element['options'].filter(isObject) : [];
  const groups = Array.isArray(element['option_groups']) ? element['option_groups'].filter(isObject) : [];
  return [
    ...direct,
    ...groups.flatMap((group) => (Array.isArray(group['options']) ? group['options'].filter(isObject) : [])),
  ];
}

/** An option by value, or by what is written on it. */
export function optionBy(element: Json, wanted: string): Json | undefined {
  const options = optionsOf(element);
  return options.find((one) => one['value'] === wanted) ?? options.find((one) => labelOf(one) === wanted);
}

/** The blocks of a message and of its attachments. */
export function allBlocks(message: Message): readonly Json[] {
  const attached = message.attachments.flatMap((one) =>
    Array.isArray(one['blocks']) ? one['blocks'].filter(isObject) : [],
  );
  return [...message.blocks, ...attached];
}

/** By action id or label; else an error that names what there is. */
export function pick(placed: readonly Placed[], actionOrLabel: string): Placed {
  const found =
    placed.find((one) => one.element['action_id'] === actionOrLabel) ??
    placed.find((one) => labelOf(one.element) === actionOrLabel);
  const there = placed.map((one) => `[${labelOf(one.element)}]`).join(' ');
  if (found === undefined)
    throw new Error(`nothing to press called "${actionOrLabel}"; there are: ${there || 'no buttons'}`);
  return found;
}

export function elementAt(placed: readonly Placed[], blockId: string, actionId: string): Placed {
  const found = placed.find((one) => one.blockId === blockId && one.element['action_id'] === actionId);
  if (found === undefined) throw new Error(`no element ${actionId} in block ${blockId}`);
  return found;
}
