import { useEffect, useState } from 'preact/hooks';

/** Where in the page one is. It stands in the address, so that reload, the back button and a second tab as somebody else work. */
export interface Place {
  readonly user: string;
  readonly at:
    | { readonly pane: 'list' }
    | { readonly pane: 'channel'; readonly channel: string }
    | { readonly pane: 'thread'; readonly channel: string; readonly thread: string }
    | { readonly pane: 'home' }
    | { readonly pane: 'platform' }
    | { readonly pane: 'phone' };
}

/** `#U1/C1/1718.0001`, `#U1/home`, `#U1`. */
export function parsePlace(hash: string): Place | null {
  const [user = '', second, third] = hash.replace(/^#/, '').split('/');
  if (!/^[UW]\w+$/.test(user)) return null;
  if (second === 'home' || second === 'platform' || second === 'phone') return { user, at: { pane: second } };
  if (second === undefined || !/^[CDG]\w+$/.test(second)) return { user, at: { pane: 'list' } };
  if (third !== undefined && /^\d+\.\d+$/.test(third))
    return { user, at: { pane: 'thread', channel: second, thread: third } };
  return { user, at: { pane: 'channel', channel: second } };
}

export function formatPlace(place: Place): string {
  const at = place.at;
  switch (at.pane) {
    case 'list':
      return `#${place.user}`;
    case 'channel':
      return `#${place.user}/${at.channel}`;
    case 'thread':
      return `#${place.user}/${at.channel}/${at.thread}`;
    default:
      return `#${place.user}/${at.pane}`;
  }
}

/** The place, and how to go elsewhere. `first` is where one is without an address. */
export function usePlace(first: Place): readonly [Place, (to: Place) => void] {
  const [place, setPlace] = useState(parsePlace(location.hash) ?? first);
  useEffect(() => {
    const changed = (): void => setPlace((before) => parsePlace(location.hash) ?? before);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  const go = (to: Place): void => {
    if (formatPlace(to) !== location.hash) history.pushState(null, '', formatPlace(to));
    setPlace(to);
  };
  return [place, go];
}
