import type { Finding } from './diagnosis.ts';
import { inWordsOf } from './reading-name.ts';

/** What a cause forbids while it lasts: remedies by name, and, where ready pods cannot be replaced, whatever may end one. */

type Refuse = NonNullable<Finding['refuse']>;

interface Change {
  readonly remedy: string;
  /** Absent: it takes no pod away and restarts none. */
  readonly endsPods?: true;
}

/** Whether a cause that refuses this refuses the change. */
export function refuses(refuse: Finding['refuse'], change: Change): refuse is Refuse {
  return (
    refuse !== null &&
    (refuse.remedies.includes(change.remedy) || (refuse.endsPods === true && change.endsPods === true))
  );
}

/** A way back is no use of its remedy: what refuses a remedy only because it would not help says nothing against taking it back. */
export function refusesUndo(refuse: Finding['refuse'], undo: Change): refuse is Refuse {
  return refuse?.endsPods === true && refuses(refuse, undo);
}

export const harmText = ({ short }: Pick<Finding, 'short'>): string => `${short}: it would make things worse`;

/** Of an HPA or of the object that makes one: to people it is one thing. */
export const isBounds = (remedy: string): boolean => remedy.endsWith('-bounds');

/** For the line that says what is refused, in words that people know: by name, and by what it would do. */
export function refusedNames({ remedies, endsPods }: Refuse): string {
  const named = [...new Set(remedies.map((one) => (isBounds(one) ? 'change of bounds' : inWordsOf(one))))].join(', ');
  return endsPods === true ? `${named}, and whatever else may end a ready pod` : named;
}
