import { createHash } from 'node:crypto';
import { canonical } from '../../core/json.ts';
import type { Desired } from '../../core/message.ts';

const longest = 400;

/** PostgreSQL stores no NUL character in a text, and neither store a lone surrogate. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** The same text for the same text, short enough for an index (PostgreSQL: 2,704 bytes): ids and keys come from outside. */
export function indexable(text: string): string {
  const stored = storable(text);
  if (stored.length <= longest) return stored;
  return `${stored.slice(0, longest).toWellFormed()}#${createHash('sha256').update(text).digest('hex')}`;
}

/** Equal for messages that look the same in the same place: then there is nothing to send. */
export function contentOf(desired: Desired): string {
  const content = canonical({ channel: desired.channel, placement: desired.placement, message: desired.message });
  return createHash('sha256').update(content).digest('hex');
}
