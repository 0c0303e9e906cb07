import { change } from '../../playbooks/change/playbook.ts';
import type { Proposed } from '../../src/core/contract.ts';
import type { Json } from '../../src/core/json.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { look, replay } from '../playbooks/replay.ts';
import { region } from '../playbooks/simulated.ts';

/** Remedies as a person asks for them, planned from what there is. */
export interface Wish {
  readonly remedy: string;
  readonly details: Json;
  readonly name?: string;
}

/** The plan, closed; or why there is none. */
export async function planned(read: Read, wish: Wish, at: string): Promise<Proposed | { readonly no: string }> {
  const { remedy, details, name = 'model-server' } = wish;
  const target = { region, namespace: 'ml-platform', name };
  const opened = change.open(target);
  const said = replay(change, {
    about: '',
    target,
    at,
    asked: { remedy, details },
    readings: await look(opened, read),
  });
  const [offer] = said.offers;
  if (offer === undefined) return { no: said.notOffered[0]?.because ?? 'nothing was said' };
  // As stored: whatever is not JSON would be lost here.
  const stored: unknown = JSON.parse(JSON.stringify(offer.plan));
  const found = opened.remedies.find((one) => one.id === remedy);
  if (found === undefined) throw new Error(`there is no remedy ${remedy}`);
  return found.open(stored);
}
