import type { SpecWriter } from '../../core/ports/kubernetes.ts';
import { iso } from './state.ts';

/** Managed fields: a manager's hold on top-level fields of a spec, and when it last wrote any of them (Unix ms; null: through scale, which records none). */
export interface Holder {
  readonly manager: string;
  readonly at: number | null;
  readonly fields: readonly string[];
}

/** These fields now belong to this manager, and to nobody else. */
export function takes(holders: readonly Holder[], { manager, fields, at }: Holder): readonly Holder[] {
  const before = holders.find((one) => one.manager === manager)?.fields ?? [];
  return [
    ...holders
      .filter((one) => one.manager !== manager)
      .map((one) => ({ ...one, fields: one.fields.filter((field) => !fields.includes(field)) }))
      .filter((one) => one.fields.length > 0),
    { manager, at, fields: [...new Set([...before, ...fields])].toSorted() },
  ];
}

export function writersOf(holders: readonly Holder[]): readonly SpecWriter[] {
  return holders
    .toSorted((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity))
    .map(({ manager, at, fields }) => ({ manager, at: at === null ? null : iso(at), fields }));
}
