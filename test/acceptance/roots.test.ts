import { expect, test } from 'vitest';
import { catalogue } from '../../src/sandbox/platform/control.ts';
import { World } from '../crash/harness.ts';
import { types, users } from '../crash/people.ts';
import { asks, complaintsOf, questionFor, watchRoots } from './roots.ts';

/** The first look at every fault and trap of every playbook: its summary is twelve rows, users first, and names what fits best first. */
const region = 'eu-west-1';
const told = catalogue.filter((one) => one.id !== 'region-unreachable' && asks[one.playbook ?? ''] !== undefined);

test.each(told.map((one) => [one.id, one] as const))('%s', { timeout: 60_000 }, async (_id, fault) => {
  const world = await World.start({ alerts: false });
  try {
    world.inject(fault.id, region);
    types(world, users.sana, questionFor(fault, region));
    watchRoots(world);
    await world.until('looked at', async () => ((await world.incident()).round?.finishedAt ?? null) !== null);
    await world.pass(20_000);
    const root = world.chat.root();
    if (root === undefined) throw new Error('no summary');
    expect(complaintsOf(root.message)).toEqual([]);
    // Where a fix waits, it is the first of the playbook's that has the button. A later look may have made it anew: posts have their pace.
    const button = (): string | undefined =>
      world.chat.root()?.message.blocks.flatMap((one) => (one.is === 'buttons' ? one.buttons : []))[0]?.label;
    const best = async (): Promise<string | undefined> => {
      const { diagnoses, proposals } = await world.incident();
      const open = proposals.filter((one) => one.stage === 'open' && one.region === region);
      return diagnoses[region]?.offers.find((offer) => open.some((one) => one.offer.remedy === offer.remedy))?.label;
    };
    const agrees = async (): Promise<boolean> => {
      const label = await best();
      return label === undefined || button() === `Approve ${label}`;
    };
    await world.until('the button is that of the fix that fits best', agrees, 30_000);
  } finally {
    await world.close();
  }
});

/** What the thread must say, and what it must not: each was once missing, or contradicted what stood beside it. */
const words: readonly (readonly [fault: string, says: RegExp, not: RegExp])[] = [
  [
    'gpu-xid',
    /Its 3 pods \(.*\) fare as they do until they are replaced, which I propose next/,
    /what runs there goes on\./,
  ],
  ['cuda-oom-neighbour', /find whose process holds the GPU's memory/, /broken GPU needs/],
  [
    'model-version-mismatch',
    /Other regions: us-east-1 and ap-southeast-1: MODEL_VERSION v1\.0\.0,/,
    /MODEL_VERSION v0\.9\.0 too/,
  ],
  ['model-load-slow', /going back helps only if that version loads faster/, /more pods or a restart make it longer/],
  ['drain-502', /3 of 3 bursts of errors in 90 min .* Since 2026-03-03T08:3/, /Since 2026-03-03T08:59/],
  [
    'leak-since-release',
    /memory flat over 24 h, on v2\.4\.1 too, nothing wrong found, so the version alone is not the cause/,
    /Fix C/,
  ],
  [
    'leak-old',
    /First: find what holds the memory.*Other regions: us-east-1 and ap-southeast-1: memory flat/,
    /not the cause/,
  ],
  [
    'evicted-by-node',
    /The kubelet counted 16Gi \(page cache too; request 12Gi\).*Resident in each of them/,
    /Used by each of them/,
  ],
  ['queueing', /wait for a worker, some 1\.\d+ s each/, /more than the p95 shows/],
  ['dns-tail', /p95 does not show what fewer than one in twenty meet/, /Seen for/],
  ['thread-oversubscription', /In one pod 48 of 48 threads were busy \(one sample of top\)/, /I could not look inside/],
];

test.each(words.filter(([id]) => told.some((one) => one.id === id)))(
  '%s says what it knows',
  { timeout: 60_000 },
  async (id, says, not) => {
    const fault = told.find((one) => one.id === id);
    if (fault === undefined) throw new Error('no such fault');
    const world = await World.start({ alerts: false });
    try {
      world.inject(id, region);
      types(world, users.sana, questionFor(fault, region));
      await world.until('looked at', async () => ((await world.incident()).round?.finishedAt ?? null) !== null);
      await world.pass(20_000);
      expect(world.chat.text()).toMatch(says);
      expect(world.chat.text()).not.toMatch(not);
    } finally {
      await world.close();
    }
  },
);

test(
  'pods too young for a trend: nothing is found, and that this could not be told is said',
  { timeout: 60_000 },
  async () => {
    const world = await World.start({ alerts: false });
    try {
      world.inject('errors-since-release', 'us-east-1');
      types(world, users.sana, 'diagnose memory leak model-server us-east-1');
      await world.until('looked at', async () => ((await world.incident()).round?.finishedAt ?? null) !== null);
      await world.pass(20_000);
      expect(world.chat.text()).toMatch(/Could not tell: .*no trend shows in less than 6 h/);
    } finally {
      await world.close();
    }
  },
);
