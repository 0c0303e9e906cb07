// oxlint-disable vitest/no-conditional-tests, vitest/valid-title, vitest/no-disabled-tests, vitest/valid-describe-callback -- this file is what decides about skipping
import { describe } from 'vitest';
import { findBinary, missingBinaries, peers, type PeerName } from '../../tools/peers/catalogue.mjs';

export type { PeerName };

/** `describe`, or a `describe` that skips everything in it. */
export type Describe = (name: string, options: { readonly timeout: number }, body: () => void) => void;

/**
 * `need("control-plane")("what is tested", { timeout: 40_000 }, () => { … })`: runs the tests if these peers are there. If one is missing, they are
 * skipped, with the reason and the command that brings it in their name and on stderr; with `CI=true` they fail instead.
 */
export function need(...names: readonly PeerName[]): Describe {
  const reason = whyNot(...names);
  if (reason === undefined) return describe;
  if (process.env['CI'] === 'true') {
    return (name) =>
      describe(name, () => {
        throw new Error(reason);
      });
  }
  return (name, _, body) => {
    process.stderr.write(`skipped: ${name}: ${reason}\n`);
    describe.skip(`${name} (${reason})`, body);
  };
}

/** Why these peers cannot be used, with the command that brings them; undefined when they are all there. */
export function whyNot(...names: readonly PeerName[]): string | undefined {
  const missing = names.filter((name) => missingBinaries(name).length > 0);
  if (missing.length === 0) return undefined;
  const what = missing.map((name) => `${name} (${peers[name].what})`).join(' and ');
  return `needs ${what}; npm run peers ${missing.join(' ')}`;
}

/** The path of a peer's binary. Throws with the command that brings it. */
export function binary(peer: PeerName, name: string | readonly string[]): string {
  const path = findBinary(peer, name);
  if (path === undefined) throw new Error(`there is no ${[name].flat().join(' or ')}; npm run peers ${peer}`);
  return path;
}
