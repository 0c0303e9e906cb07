import { Failure } from '../../core/failure.ts';

type Test = (labels: Readonly<Record<string, string>>) => boolean;

/** Kubernetes' label selector text: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas. Throws Failure `invalid`. */
export function selectorOf(text: string): Test {
  const tests: Test[] = [];
  for (const part of text.split(/,(?![^(]*\))/)) {
    const trimmed = part.trim();
    if (trimmed !== '') tests.push(requirement(trimmed));
  }
  return (labels) => tests.every((test) => test(labels));
}

function requirement(text: string): Test {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((one) => one.trim()));
    return (labels) => values.has(labels[key] ?? '') === (operator === 'in');
  }
  const equal = /^([^\s!=]+)\s*(==|=|!=)\s*([^\s!=]*)$/.exec(text);
  if (equal !== null) {
    const [, key = '', operator, value = ''] = equal;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const exists = /^(!?)([^\s!=()]+)$/.exec(text);
  if (exists !== null) {
    const [, not, key = ''] = exists;
    return (labels) => key in labels === (not === '');
  }
  throw new Failure('invalid', `unable to parse requirement: ${text}`);
}
