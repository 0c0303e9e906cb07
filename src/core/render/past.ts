import type { Proposal } from '../incident/state.ts';
import { plain } from '../words.ts';

/** "roll back to v2.4.0; judged by …. Removes …" → "rolled back to v2.4.0". */
export function pastOf({ offer }: Proposal): string {
  const first = plain(offer.says).split(/\. (?=[A-Z0-9])/)[0] ?? offer.label;
  return (
    first
      .replace(/; judged by .*/, '')
      .replace(', a few at a time', '')
      .replace(/: its own arithmetic .*/, '')
      // Why it was offered is no part of what was done.
      .replace(/ \((only )?suspected\b[^)]*\)/, '')
      .replace(/\broll back\b/, 'rolled back')
      .replace(/^resume\b/, 'resumed')
      .replace(/^scale\b/, 'scaled')
      .replace(/^(un)?cordon\b/, '$1cordoned')
      .replace(/^take\b/, 'took')
      .replace(/^(restart|cordon|uncordon)\b/, '$1ed')
      .replace(/^replace\b/, 'replaced')
      // "set" is its own past.
      .replaceAll('`', '')
  );
}
