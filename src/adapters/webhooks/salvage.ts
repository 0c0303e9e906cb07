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
  return out;
}

function keep(out: unknown[], text: string): void {
  try {
    out.push(JSON.parse(text));
  } catch {
    // Counted by the caller as unreadable.
    out.push(null);
  }
}
