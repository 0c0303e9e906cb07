/** Rules of the config by which alerts find their playbook, region and target, before the usual labels are asked. Pure. */

export interface RouteRule {
  /** Labels and what they must say: a text, or `/…/` for a regular expression over the whole value. All must fit. */
  readonly match: Readonly<Record<string, string>>;
  /** Left out or null: as usual. */
  readonly playbook?: string | null;
  readonly region?: string | null;
  /** One of the config's services, which is what it is about. */
  readonly service?: string | null;
  readonly channel?: string | null;
  /** It opens nothing and belongs nowhere. */
  readonly ignore?: boolean;
}

/** The first that fits decides, with its place in the config (from 1). */
export function ruleFor(
  labels: Readonly<Record<string, string>>,
  rules: readonly RouteRule[],
): { readonly rule: RouteRule; readonly place: number } | null {
  for (const [index, rule] of rules.entries()) {
    if (Object.entries(rule.match).every(([label, wanted]) => fits(labels[label] ?? '', wanted)))
      return { rule, place: index + 1 };
  }
  return null;
}

/** Values come from anywhere: a long one is no place for a slow expression. */
const MOST_VALUE = 1_000;

function fits(value: string, wanted: string): boolean {
  const pattern = patternOf(wanted);
  return pattern === null ? value === wanted : value.length <= MOST_VALUE && pattern.test(value);
}

const patterns = new Map<string, RegExp>();
/** Null: it is a plain text. Throws where it is no expression, which the config's check has said at start. */
export function patternOf(wanted: string): RegExp | null {
  if (wanted.length < 2 || !wanted.startsWith('/') || !wanted.endsWith('/')) return null;
  const known = patterns.get(wanted);
  if (known !== undefined) return known;
  const made = new RegExp(`^(?:${wanted.slice(1, -1)})$`, 'u');
  patterns.set(wanted, made);
  return made;
}
