import { describe, expect, test } from 'vitest';
import { change } from '../../playbooks/change/playbook.ts';
import type { Proposed } from '../../src/core/contract.ts';
import type { Offer } from '../../src/core/diagnosis.ts';
import type { Json } from '../../src/core/json.ts';
import { at, container, deployment, namespace, node, region, template } from './objects.ts';
import { look, replay } from './replay.ts';
import { healthy, readerOf } from './world.ts';
import type { World } from './world.ts';

/** What a person asks for is offered with the risk that it has by what is used now, and its way back is asked once more. */

const target = { region, namespace, name: 'model-server' };
const gib = 2 ** 30;

/** Of 12 pods; each may use 4 CPUs and 16 GiB. Null: nobody measures it. */
function service(use: { readonly cores: number; readonly memory: number } | null): World {
  const world = healthy();
  const limits = { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' };
  const of = deployment(template({ containers: [container({ limits })] }));
  const containers = use === null ? [] : [{ name: 'server', cores: use.cores, memoryBytes: use.memory }];
  return {
    ...world,
    deployment: of,
    nodes: Array.from({ length: 12 }, (_, index) => node(index + 1)),
    podUse: use === null ? null : world.pods.map(({ row }) => ({ pod: row.name, at, windowS: 30, containers })),
  };
}

async function asked(world: World, remedy: string, details: Json): Promise<{ offer: Offer; open: Proposed }> {
  const opened = change.open(target);
  const readings = await look(opened, readerOf(world));
  const recorded = { about: '', target, at, asked: { remedy, details }, readings };
  const { offers, notOffered } = replay(change, recorded);
  const [offer] = offers;
  if (offer === undefined) throw new Error(notOffered.map((one) => one.because).join('; '));
  const open = opened.remedies.find((one) => one.id === remedy)?.open(offer.plan);
  if (open === undefined) throw new Error('no such remedy');
  return { offer, open };
}

describe('CPU below what is used', () => {
  test('throttles: said, and of high risk', async () => {
    const { offer } = await asked(service({ cores: 3.2, memory: 4 * gib }), 'set-cpu', { limit: '3' });
    expect(offer.preview).toContain('12 pods use 3.20 CPUs now: they will be throttled at 3');
    expect(offer.risk).toBe('high');
  });

  test('above it is of medium risk', async () => {
    const { offer } = await asked(service({ cores: 1.2, memory: 4 * gib }), 'set-cpu', { limit: '3' });
    expect(offer.preview).toContain('12 pods use 1.20 CPUs now');
    expect(offer.risk).toBe('medium');
  });

  test('where nobody knows what is used, a lower limit is of high risk; a higher one needs no numbers', async () => {
    const lower = (await asked(service(null), 'set-cpu', { limit: '3' })).offer;
    expect(lower.preview.join('\n')).toMatch(
      /how much cpu its pods use now: unknown \(.+\): a limit of 3 may throttle them/,
    );
    expect(lower.risk).toBe('high');
    expect((await asked(service(null), 'set-cpu', { limit: '6' })).offer.risk).toBe('medium');
  });
});

test('more than three times as many pods is of high risk', async () => {
  const room = service(null);
  expect((await asked(room, 'scale', { replicas: 36 })).offer.risk).toBe('low');
  expect((await asked(room, 'scale', { replicas: 37 })).offer.risk).toBe('high');
});

describe('taking back a higher memory limit', () => {
  const raised = (memory: number | null): World => {
    const world = service(memory === null ? null : { cores: 1, memory });
    const limits = { cpu: '4', memory: '20Gi', 'nvidia.com/gpu': '1' };
    return { ...world, deployment: deployment(template({ containers: [container({ limits })] })) };
  };
  const undo = async (): Promise<Proposed> => {
    const { open } = await asked(service({ cores: 1, memory: 8 * gib }), 'set-memory', { limit: '20Gi' });
    if ('impossible' in open.undo) throw new Error(open.undo.impossible);
    return open.undo;
  };

  test('is of high risk, and says that their use is looked at once more', async () => {
    const { risk, preview, endsPods } = await undo();
    expect([risk, endsPods]).toEqual(['high', true]);
    expect(preview.join('\n')).toMatch(/whether its pods fit into 16Gi is looked at before it is written/);
    expect(preview.join('\n')).toMatch(/replaces 12 pods, up to \d at a time/);
  });

  test.each([
    ['it would kill them', 17 * gib, /^12 pods use 17\.0 GiB now \(working set\): a limit of 16Gi would kill them$/],
    ['it would kill them soon', 15 * gib, /leaves them less than a tenth, and would kill them soon$/],
    ['they fit', 8 * gib, /^yes$/],
    ['nobody can tell', null, /^yes$/],
  ])('by what they use then: %s', async (_name, memory, says) => {
    const back = await undo();
    const verdict = back.fits(await back.observe(readerOf(raised(memory))));
    const said = verdict.is === 'yes' ? 'yes' : verdict.because;
    expect(said).toMatch(says);
  });
});

test.each([
  ['scale', { replicas: 14 }, false, true],
  ['scale', { replicas: 8 }, true, false],
  ['set-memory', { limit: '20Gi' }, true, true],
  ['restart', {}, true, null],
] as const)('%s %o ends pods: %s; its way back: %s', async (remedy, details, ends, back) => {
  const { open } = await asked(service({ cores: 1, memory: 8 * gib }), remedy, details);
  expect(open.endsPods === true).toBe(ends);
  expect('impossible' in open.undo ? null : open.undo.endsPods === true).toBe(back);
});
