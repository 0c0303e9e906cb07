/** Objects of a real API server, field by field. */

/** What the server and its controllers keep for themselves. */
const kept =
  /^\/(?:status|metadata\/(?:managedFields|resourceVersion|generation|annotations\/(?:mlp-bot~1fence|deployment\.kubernetes\.io~1revision)))(?:\/|$)/;

/** Every field by its JSON pointer; an empty object is no field. */
export function fields(value: unknown, at = '', into = new Map<string, unknown>()): Map<string, unknown> {
  if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) fields(one, `${at}/${key.replaceAll('/', '~1')}`, into);
  else if (!kept.test(at)) into.set(at, value);
  return into;
}

/** What differs between two reads of an object, by path, beside the fence and what the server keeps for itself. */
export function changed(before: unknown, after: unknown): Record<string, unknown> {
  const [old, now] = [fields(before), fields(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])];
  return Object.fromEntries(keys.filter((key) => old.get(key) !== now.get(key)).map((key) => [key, now.get(key)]));
}
