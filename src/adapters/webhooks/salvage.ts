/** So many alerts of one delivery are taken: more would never fit into an inbox that takes it whole, however often it came. */
export const MOST_ALERTS = 5_000;

/** The complete objects of the `alerts` array in a text that is not valid JSON as a whole: cut off, or broken in one place. Linear time. */
export function salvage(text: string): readonly unknown[] {
  const key = /"alerts"\s*:\s*\[/.exec(text);
  if (key === null) return [];
  const out: unknown[] = [];
  let depth = 0;
  let from = -1;
  let quoted = false;
  for (let index = key.index + key[0].length; index < text.length; index++) {
    const char = text[index];
    if (quoted) {
      if (char === '\\') index += 1;
      else if (char === '"') quoted = false;
      continue;
    }
    if (char === '"') quoted = true;
    else if (char === '{') {
      if (depth === 0) from = index;
      depth += 1;
    } else if (char === '}' && depth > 0) {
      depth -= 1;
      if (depth === 0) keep(out, text.slice(from, index + 1));
    } else if (char === ']' && depth === 0) break;
  }
  const rest = depth > 0 ? head(text.slice(from, from + HEAD_CHARS)) : null;
  if (rest !== null) out.push(rest);
  return out;
}

/** So far into an alert that broke off its status and labels are looked for: Alertmanager writes them first. */
const HEAD_CHARS = 64_000;

/** What an alert that broke off says before its long part; null when not even its labels are whole. */
function head(text: string): unknown {
  const status = /"status"\s*:\s*"(firing|resolved)"/.exec(text)?.[1];
  const labels = /"labels"\s*:\s*(\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})/.exec(text)?.[1];
  if (status === undefined || labels === undefined) return null;
  try {
    // When it began was in the part that is missing: as for Go's zero time, that is when it arrived.
    return { status, labels: JSON.parse(labels) as unknown, annotations: {}, startsAt: '0001-01-01T00:00:00Z' };
  } catch {
    return null;
  }
}

function keep(out: unknown[], text: string): void {
  // Only counted: reading tens of thousands would hold up everybody else.
  if (out.length >= MOST_ALERTS) return void out.push(null);
  try {
    out.push(JSON.parse(text));
  } catch {
    // Counted by the caller as unreadable.
    out.push(null);
  }
}
