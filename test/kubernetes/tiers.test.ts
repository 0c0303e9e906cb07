import { expect, test } from 'vitest';
import { clusterRights, insideRights, readRights, remedyRights } from '../../src/core/rights.ts';
import { rightsIn } from '../ports/deploy-roles.ts';

/** What the doctor asks for and the catalogue says is what deploy/ grants: no right more, none less. */

const named = (all: readonly { readonly verb: string; readonly resource: string }[]): readonly string[] =>
  all.map((one) => `${one.verb} ${one.resource}`).toSorted();

test.each([
  ['read.yaml', readRights],
  ['read-cluster.yaml', clusterRights],
])('%s', (file, rights) => {
  expect(named(rights)).toEqual(rightsIn(file).toSorted());
});

test('look-inside.yaml', () => {
  // Before Kubernetes 1.35 exec asked for `get` alone: both are granted, the newer one is asked about.
  const granted = rightsIn('look-inside.yaml').filter((one) => one !== 'get pods/exec');
  expect(named(insideRights)).toEqual(granted.toSorted());
});

test.each(Object.entries(remedyRights))('remedy-%s.yaml', (name, { verb, resource }) => {
  expect(rightsIn(`remedy-${name}.yaml`)).toContain(`${verb} ${resource}`);
});
