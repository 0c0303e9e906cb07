import { randomUUID } from 'node:crypto';
import { z } from 'zod';

/** Alertmanager's silences, as its API takes and shows them. */

const moment = z.iso.datetime({ offset: true }).transform((at) => Date.parse(at));
export const Wanted = z.object({
  id: z.string().optional(),
  matchers: z
    .array(
      z.object({
        name: z.string().min(1),
        value: z.string(),
        isRegex: z.boolean(),
        isEqual: z.boolean().default(true),
      }),
    )
    .min(1),
  startsAt: moment,
  endsAt: moment,
  createdBy: z.string(),
  comment: z.string(),
});

interface Kept extends z.infer<typeof Wanted> {
  readonly id: string;
  endsAt: number;
  updatedAt: number;
}

export class Silences {
  readonly #all = new Map<string, Kept>();

  /** Its id, or why not, in Alertmanager's words. */
  create(wanted: z.infer<typeof Wanted>, now: number): { readonly id: string } | { readonly refused: string } {
    if (wanted.startsAt >= wanted.endsAt)
      return { refused: 'Failed to create silence: start time must be before end time' };
    if (wanted.endsAt < now) return { refused: "Failed to create silence: end time can't be in the past" };
    if (wanted.matchers.every((one) => fits(one, '')))
      return { refused: 'invalid silence: at least one matcher must not match the empty string' };
    const id = randomUUID();
    this.#all.set(id, { ...wanted, id, updatedAt: now });
    return { id };
  }

  /** `over`: it is so already, which Alertmanager calls an error. */
  expire(id: string, now: number): 'done' | 'none' | 'over' {
    const found = this.#all.get(id);
    if (found === undefined) return 'none';
    if (found.endsAt <= now) return 'over';
    found.endsAt = now;
    found.updatedAt = now;
    return 'done';
  }

  /** Ids of those that hold this alert back now. */
  of(labels: Readonly<Record<string, string>>, now: number): readonly string[] {
    return [...this.#all.values()]
      .filter((one) => one.startsAt <= now && now < one.endsAt)
      .filter((one) => one.matchers.every((it) => fits(it, labels[it.name] ?? '')))
      .map((one) => one.id);
  }

  view(now: number): readonly unknown[] {
    return [...this.#all.values()].map((one) => ({
      ...one,
      startsAt: new Date(one.startsAt).toISOString(),
      endsAt: new Date(one.endsAt).toISOString(),
      updatedAt: new Date(one.updatedAt).toISOString(),
      status: { state: one.endsAt <= now ? 'expired' : one.startsAt > now ? 'pending' : 'active' },
    }));
  }
}

function fits(
  { value, isRegex, isEqual }: { readonly value: string; readonly isRegex: boolean; readonly isEqual: boolean },
  label: string,
): boolean {
  const is = isRegex ? new RegExp(`^(?:${value})$`).test(label) : label === value;
  return is === isEqual;
}
