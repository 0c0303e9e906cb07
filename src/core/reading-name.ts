/** What a reading is called where people read it: never its id. */
const NAMES: Readonly<Record<string, string>> = {
  'impact/ready': 'pods ready',
  'impact/requests': 'request rate',
  'impact/errors': 'error ratio',
  'impact/latency': 'latency',
};

/** `limitRanges` → "limit ranges", `impact/errors` → "error ratio", `resume-and-rollback` → "resume and rollback". */
export function inWordsOf(id: string): string {
  return (
    NAMES[id] ??
    id
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
      .replaceAll(/[-_/]+/g, ' ')
      .toLowerCase()
  );
}
