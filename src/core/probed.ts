import type { PlaceSeen } from './ports/probe.ts';
import { clock, code, join, say } from './words.ts';
import type { Words } from './words.ts';

/** What a service's public health page says of its users, where nothing better does. Pure. */

/** JSON: it is kept with the impact. */
export interface Probed {
  /** Path of the page: "/health". */
  readonly page: string;
  readonly places: readonly PlaceSeen[];
}

/** So many failures in a row are no accident. */
export const FAILS = 3;

/** `in part`: from some places only. `not known`: nobody asked yet, or too few failed to tell. */
export type Served = 'yes' | 'no' | 'in part' | 'not known';

export function servedBy(probed: Probed | undefined): Served {
  const told = (probed?.places ?? []).flatMap((one) => (one.is === 'seen' ? [answers(one)] : []));
  if (told.length === 0) return 'not known';
  if (told.every((one) => one === 'yes')) return 'yes';
  if (told.every((one) => one === 'no')) return 'no';
  return told.includes('yes') ? 'in part' : 'not known';
}

function answers({ failing }: Extract<PlaceSeen, { is: 'seen' }>): 'yes' | 'no' | 'not known' {
  if (failing === null) return 'yes';
  return failing.times >= FAILS ? 'no' : 'not known';
}

/** "Public `/health` gave 200 in 184 ms, 30 of 30 probes since 04:10 UTC from where I run, 20 of 20 from us-east-1". */
export function probedWords({ page, places }: Probed): Words {
  return say`Public ${code(page)} ${join(places.map(placeWords), '; ')}`;
}

function placeWords(place: PlaceSeen): Words {
  const from = place.from === null ? 'from where I run' : `from ${place.from}`;
  if (place.is === 'not known') return say`not known ${from} (${place.why})`;
  const { failing, last, good, of, since } = place;
  const isBroken = failing !== null && failing.times >= FAILS;
  const counted = isBroken
    ? say`0 of ${failing.times} probes since ${clock(failing.since)}`
    : say`${good} of ${of} probes since ${clock(since)}`;
  const said = last === null ? (failing === null ? 'answers' : 'does not answer') : lastWords(last);
  return say`${said}, ${counted} ${from}`;
}

function lastWords({ status, tookMs, why }: NonNullable<Extract<PlaceSeen, { is: 'seen' }>['last']>): string {
  if (why === null) return `gave ${status ?? 'an answer'} in ${tookMs} ms`;
  return status === null ? `does not answer (${why})` : why.replace(/^it /, '');
}

/** The sentence after "Users:" where only the page tells. Null: it tells nothing. */
export function servedWords(probed: Probed | undefined): Words | null {
  if (probed === undefined || probed.places.length === 0) return null;
  const words = probedWords(probed);
  switch (servedBy(probed)) {
    case 'yes':
      return say`probably served. ${words}. That is a health page, not a prediction`;
    case 'no':
      return say`probably not served. ${words}`;
    case 'in part':
      return say`probably served from some places only. ${words}`;
    case 'not known':
      return say`not known whether they are served. ${words}`;
  }
}

/** For the lock screen. Null: the page tells nothing. */
export function servedShort(probed: Probed | undefined): string | null {
  switch (servedBy(probed)) {
    case 'yes':
      return 'Users probably served: the public address answers.';
    case 'no':
      return 'Users probably not served: the public address gives no good answer.';
    case 'in part':
      return 'The public address answers from some places only.';
    case 'not known':
      return null;
  }
}
