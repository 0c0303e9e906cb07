/**
 * A new snapshot that keeps every part of the old one that did not change, so that what shows an unchanged part is not drawn again.
 * Both are plain JSON.
 */
export function keepEqual<T>(before: unknown, after: T): T {
  if (Object.is(before, after)) return after;
  if (Array.isArray(before) && Array.isArray(after)) return keepArray(before, after) as T;
  if (isRecord(before) && isRecord(after)) return keepRecord(before, after) as T;
  return after;
}

function keepArray(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  const out = after.map((item, index) => keepEqual(before[index], item));
  return out.length === before.length && out.every((item, index) => item === before[index]) ? before : out;
}

function keepRecord(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): object {
  const keys = Object.keys(after);
  const out: Record<string, unknown> = {};
  let same = keys.length === Object.keys(before).length;
  for (const key of keys) {
    out[key] = keepEqual(before[key], after[key]);
    same &&= key in before && out[key] === before[key];
  }
  return same ? before : out;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
