import type { Page } from '../../core/ports/paging.ts';
import { redact } from '../../core/redact.ts';

/** A page as an event of the Events API v2, within its limits (developer.pagerduty.com, "Send an Alert Event"). */

const maxKey = 255;
const maxSummary = 1_024;
const maxField = 1_024;
const maxDetail = 8_000;
const maxDetails = 60;
const maxLinks = 20;
/** Their limit is 512 kB for the whole event; what is around the details fits beside this. */
const maxDetailsBytes = 300_000;

/** Null: it fits. A sentence: no event can be made of that key. */
export function keyTrouble(key: string): string | null {
  if (key === '') return 'the dedup key is empty';
  return key.length > maxKey ? `the dedup key is longer than ${maxKey} characters` : null;
}

/** All but key, action and dedup key. Texts are cut, and what looks like a secret is taken out once more. */
export function eventOf(page: Page): object {
  const links = page.links
    .filter(({ href }) => /^https?:\/\/\S+$/.test(href) && href.length <= maxField)
    .slice(0, maxLinks)
    .map(({ href, text }) => ({ href, text: cut(redact(text), maxField) }));
  return {
    client: 'mlp-bot',
    ...(links[0] === undefined ? {} : { client_url: links[0].href }),
    ...(links.length === 0 ? {} : { links }),
    payload: {
      summary: cut(oneLine(redact(page.summary)), maxSummary) || 'an incident without a title',
      severity: page.severity,
      source: cut(oneLine(page.source), maxField) || 'mlp-bot',
      ...(page.component === null || page.component === '' ? {} : { component: cut(page.component, maxField) }),
      custom_details: detailsOf(page.details),
    },
  };
}

function detailsOf(details: Page['details']): Record<string, string> {
  const made: Record<string, string> = {};
  const all = Object.entries(details);
  let bytes = 0;
  for (const [index, [name, text]] of all.entries()) {
    const value = cut(redact(text), maxDetail);
    bytes += Buffer.byteLength(JSON.stringify([name, value]));
    if (index >= maxDetails || bytes > maxDetailsBytes) {
      made['left out'] = `${all.length - index} more`;
      break;
    }
    made[cut(name, 100)] = value;
  }
  return made;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** At most so many UTF-16 units, whole characters only. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = text.slice(0, most - 1);
  return `${/[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head}…`;
}
