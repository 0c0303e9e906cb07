import { createHash } from 'node:crypto';

/** Everything random in the model comes from these: the same seed and parts always give the same answer, so that history can be replayed. */
function digestOf(parts: readonly (string | number)[]): Buffer {
  return createHash('sha1').update(parts.join('\u0000')).digest();
}

/** A number from 0 (included) to 1 (excluded). */
export function chance(...parts: readonly (string | number)[]): number {
  return digestOf(parts).readUInt32BE(0) / 2 ** 32;
}

export function uidOf(...parts: readonly (string | number)[]): string {
  const hex = digestOf(parts).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Kubernetes' own alphabet for generated names: no vowels, nothing that looks like another. */
const safe = 'bcdfghjklmnpqrstvwxz2456789';

export function suffix(length: number, ...parts: readonly (string | number)[]): string {
  const bytes = digestOf(parts);
  let out = '';
  for (let index = 0; index < length; index += 1) out += safe[(bytes[index] ?? 0) % safe.length] ?? 'b';
  return out;
}
