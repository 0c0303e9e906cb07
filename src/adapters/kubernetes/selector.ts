import type { ApiSelector } from './objects.ts';

/** `app=model-server,tier in (a,b),!canary`: what `kubectl -l` takes. */
export function selectorText({ matchLabels, matchExpressions }: ApiSelector): string {
  const parts = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  for (const { key, operator, values } of matchExpressions) {
    if (operator === 'In') parts.push(`${key} in (${values.join(',')})`);
    else if (operator === 'NotIn') parts.push(`${key} notin (${values.join(',')})`);
    else parts.push(operator === 'DoesNotExist' ? `!${key}` : key);
  }
  return parts.join(',');
}
