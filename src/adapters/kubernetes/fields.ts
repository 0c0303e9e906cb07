import { z } from 'zod';

// How the API leaves things out: absent and null are the empty value.

export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
export const count = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);
export const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
export const time = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
export const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
export const map = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
/** Quantities may be written as numbers. */
export const quantities = z
  .record(z.string(), z.union([z.string(), z.number()]).transform(String))
  .nullish()
  .transform((value) => value ?? {});
export const listOf = <T extends z.ZodType>(of: T) =>
  z
    .array(of)
    .nullish()
    .transform((value) => value ?? []);
export const intOrPercent = z.union([z.number(), z.string()]);
