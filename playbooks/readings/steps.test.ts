import { expect, test } from 'vitest';
import { plain } from '../../src/core/words.ts';
import { ago, container, deployment, digestOf, everyPart, revision, template } from '../../test/playbooks/objects.ts';
import { changeWords } from './steps.ts';

/** Who changed what, when a version came back. */

const newer = template({ containers: [container({ image: 'r/model-server:v2.4.1' })] });

test('a version that an undo brought back came when it was brought back, by whoever did it', () => {
  const before = revision(18, template(), {
    createdAt: ago(5_000),
    replicas: { wanted: 6, ready: 6, available: 6 },
    again: true,
  });
  const release = revision(19, newer, {
    createdAt: ago(40),
    replicas: { wanted: 6, ready: 0, available: 0 },
    again: true,
  });
  const of = deployment(newer, {
    revision: 19,
    templateDigest: digestOf(newer),
    templateChangedBy: { manager: 'mlp-bot', at: ago(10) },
    templateOwners: [
      { manager: 'argocd-controller', at: ago(40), parts: everyPart.filter((one) => one !== 'image') },
      { manager: 'mlp-bot', at: ago(10), parts: ['image'] },
    ],
  });
  expect(plain(changeWords({ deployment: of, revisions: [before, release], samples: [] }) ?? [])).toBe(
    'v2.4.0 → v2.4.1 at 02:32 UTC by me (again; first made at 02:02 UTC)',
  );
});
