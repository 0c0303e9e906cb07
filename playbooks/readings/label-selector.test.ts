import { expect, test } from 'vitest';
import { selectsLabels } from './label-selector.ts';

const labels = { app: 'model-server', tier: 'gpu' };
test.each([
  ['', true],
  ['app=model-server', true],
  ['app==model-server,tier=gpu', true],
  ['app=other', false],
  ['app!=other', true],
  ['missing!=x', true],
  ['tier in (cpu, gpu)', true],
  ['tier in (cpu),app=model-server', false],
  ['tier notin (cpu)', true],
  ['tier notin (gpu)', false],
  ['tier', true],
  ['!tier', false],
  ['!canary,app', true],
])('%s', (selector, selects) => {
  expect(selectsLabels(selector, labels)).toBe(selects);
});
