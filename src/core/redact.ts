import { redactPairs } from './redaction/pairs.ts';
import { redactPrivateKeys } from './redaction/private-keys.ts';
import { redactTokens } from './redaction/tokens.ts';
import { redactUrls } from './redaction/urls.ts';

// A pass may bring two halves of a secret's surroundings together; a later pass then sees what the first could not.
const maxPasses = 4;

/**
 * Takes secrets out of a text, before anything sees, stores or posts it; what it removed is marked `[redacted: kind]`.
 * Private keys (also cut ones and those with escaped line ends), well-known tokens, JWTs, credentials in URLs and headers, and the values of
 * names that speak of a secret (`password=`, `"token":`, `--api-key`). Linear in the length of the text; a second call changes nothing.
 * It is a net, not a proof: a secret without a known shape and without a telling name stays.
 */
export function redact(text: string): string {
  let now = text;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const next = redactPairs(redactTokens(redactUrls(redactPrivateKeys(now))));
    if (next === now) return now;
    now = next;
  }
  return now;
}

/** Whether `redact` would change it: a plan that it would change is refused. */
export function holdsSecret(text: string): boolean {
  return redact(text) !== text;
}
