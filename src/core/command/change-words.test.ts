import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../test/core/catalogue.ts';
import { parseCommand } from './command.ts';

const short = (text: string, over = catalogue): string => {
  const parsed = parseCommand(text, over);
  if (parsed.is === 'change') {
    const { remedies, details, name, namespace, regions, title } = parsed;
    return `${remedies.join(' or ')} ${JSON.stringify(details)} of ${namespace}/${name} in ${regions.join(', ')}: ${title}`;
  }
  if (parsed.is === 'unclear')
    return `? ${parsed.because} ${parsed.choices.map((one) => `[${one.command}]`).join('')}`.trim();
  return JSON.stringify(parsed);
};
const MODEL = 'ml-platform/model-server in eu-west-1';

describe('what is to be changed, of what and where', () => {
  test.each([
    ['scale model-server eu 14', `scale {"replicas":14} of ${MODEL}: scale model-server to 14`],
    ['scale model-server to 14 replicas in eu-west-1', `scale {"replicas":14} of ${MODEL}: scale model-server to 14`],
    ['scale eu 0 model-server', `scale {"replicas":0} of ${MODEL}: scale model-server to 0`],
    [
      'kubectl --context=eu -n ml-platform scale deployment/model-server --replicas=14',
      `scale {"replicas":14} of ${MODEL}: scale model-server to 14`,
    ],
    [
      'kubectl scale --replicas 14 deployment model-server --context eu',
      `scale {"replicas":14} of ${MODEL}: scale model-server to 14`,
    ],
    ['restart model-server eu', `restart {} of ${MODEL}: restart model-server`],
    ['kubectl rollout restart deployment/model-server --context eu', `restart {} of ${MODEL}: restart model-server`],
    ['rollback model-server eu', `rollback {} of ${MODEL}: roll back model-server`],
    ['rollback model-server eu to 16', `rollback {"to":16} of ${MODEL}: roll back model-server to revision 16`],
    [
      'rollback model-server eu to revision 16',
      `rollback {"to":16} of ${MODEL}: roll back model-server to revision 16`,
    ],
    [
      'kubectl rollout undo deploy/model-server --to-revision=16 --context eu',
      `rollback {"to":16} of ${MODEL}: roll back model-server to revision 16`,
    ],
    ['kubectl rollout undo deployment model-server --context=eu', `rollback {} of ${MODEL}: roll back model-server`],
    [
      'bounds model-server eu min=4 max=20',
      `autoscaler-bounds or scaled-object-bounds {"min":4,"max":20} of ${MODEL}: set the autoscaler of model-server to min 4, max 20`,
    ],
    [
      'bounds model-server eu max=20',
      `autoscaler-bounds or scaled-object-bounds {"max":20} of ${MODEL}: set the autoscaler of model-server to max 20`,
    ],
    ...[
      'bounds model-server eu 12 30',
      'bounds model-server eu 12-30',
      'bounds model-server eu 12..30',
      'bounds model-server eu between 12 and 30 replicas',
      'bounds 12 to 30 model-server eu',
      'bounds model-server eu min 12 max 30',
      'bounds model-server eu max: 30 min: 12',
      'bounds model-server eu maxReplicas=30 minReplicas=12',
      'bounds model-server eu --min 12 --max=30',
      'bounds model-server eu min 12 30',
    ].map((typed) => [
      typed,
      `autoscaler-bounds or scaled-object-bounds {"min":12,"max":30} of ${MODEL}: set the autoscaler of model-server to min 12, max 30`,
    ]),
    ['set model-server eu cpu=4', `set-cpu {"limit":"4"} of ${MODEL}: set CPU of model-server to 4`],
    [
      'set model-server eu memory=16Gi request=12Gi container=server',
      `set-memory {"limit":"16Gi","request":"12Gi","container":"server"} of ${MODEL}: set memory of model-server to 16Gi`,
    ],
    [
      'set model-server eu MODEL_VERSION=v3',
      `set-model-version {"value":"v3"} of ${MODEL}: set MODEL_VERSION of model-server to v3`,
    ],
    [
      'kubectl set resources deployment/model-server -c server --limits=cpu=4 --requests=cpu=2 --context eu',
      `set-cpu {"limit":"4","request":"2","container":"server"} of ${MODEL}: set CPU of model-server to 4`,
    ],
    [
      'kubectl set env deployment/model-server BATCH_SIZE=8 --context eu',
      `set-batch-size {"value":"8"} of ${MODEL}: set BATCH_SIZE of model-server to 8`,
    ],
    [
      'replace model-server-5d8c7b9f4-x2x7k eu',
      `replace-pod {"pod":"model-server-5d8c7b9f4-x2x7k"} of ${MODEL}: replace pod model-server-5d8c7b9f4-x2x7k`,
    ],
    ['cordon gpu-node-3 eu', 'cordon {} of /gpu-node-3 in eu-west-1: cordon gpu-node-3'],
    ['kubectl cordon node/gpu-node-3 --context eu', 'cordon {} of /gpu-node-3 in eu-west-1: cordon gpu-node-3'],
    ['kubectl uncordon gpu-node-3 --context eu', 'uncordon {} of /gpu-node-3 in eu-west-1: uncordon gpu-node-3'],
    [
      'scale deploy/other-thing eu 3 -n batch',
      'scale {"replicas":3} of batch/other-thing in eu-west-1: scale other-thing to 3',
    ],
    [
      'restart model-server eu us',
      'restart {} of ml-platform/model-server in eu-west-1, us-east-1: restart model-server',
    ],
    [
      'restart model-server us,eu',
      'restart {} of ml-platform/model-server in us-east-1, eu-west-1: restart model-server',
    ],
  ])('%s', (text, said) => {
    expect(short(text)).toBe(said);
  });
});

describe('nothing is guessed', () => {
  test.each([
    ['restart', /^\? Which deployment\? Write `\/mlp restart/],
    ['restart eu', /^\? Which deployment\?/],
    [
      'restart modle-server eu',
      /^\? I know no `modle-server`\. Did you mean model-server\? \[restart model-server eu-west-1\]$/,
    ],
    ['restart model-server api-gateway eu', /^\? Which one\?/],
    ['restart model-server eu-wset-1', /^\? I know no region `eu-wset-1`/],
    ['restart model-server --context mars', /^\? I know no region `mars`/],
    ['restart model-server eu now quickly', /^\? I do not understand `quickly`/],
    ['restart model-server eu 3', /^\? A restart takes no number/],
    ['scale model-server eu', /^\? To how many replicas\?/],
    ['scale model-server eu 3 4', /^\? One whole number/],
    ['scale model-server eu +2', /^\? One whole number/],
    ['scale model-server eu 14x', /^\? One whole number/],
    ['scale model-server eu 1.5', /^\? /],
    ['scale model-server eu 99999', /^\? One whole number of replicas, at most 1000/],
    ['rollback model-server eu to v2.4.0', /^\? /],
    [
      'bounds model-server eu',
      /^\? Between how many replicas, at least and at most\? Write `\/mlp bounds model-server eu-west-1 12 30`/,
    ],
    [
      'bounds model-server eu 30',
      /^\? Is 30 the least or the most\? .* Write `\/mlp bounds model-server eu-west-1 max=30`/,
    ],
    [
      'bounds model-server eu 30 12',
      /^\? At least 30 and at most 12 .* Write `\/mlp bounds model-server eu-west-1 12 30`/,
    ],
    ['bounds model-server eu 1 2 3', /^\? Two numbers are enough/],
    ['bounds model-server eu 0 0', /^\? At most 0 replicas/],
    ['bounds model-server 12 30', /\[bounds model-server eu-west-1 min=12 max=30\]|In which region/],
    ['bounds model-server eu max=many', /^\? Whole numbers/],
    ['set model-server eu cpu=4 memory=8Gi', /^\? One thing at a time/],
    ['set model-server eu PASSWORD=x', /^\? `PASSWORD` is none that I may change: cpu, memory, gpu, MODEL_VERSION/],
    ['kubectl set resources deployment/model-server --limits=cpu=4,memory=8Gi --context eu', /^\? One thing at a time/],
    [
      'kubectl scale deployment/model-server --replicas=3 --dry-run=client --context eu',
      /^\? Every change is shown first/,
    ],
    ['kubectl scale deployment/model-server --replicas=3 --force --context eu', /^\? I know no flag `--force`/],
    ['cordon eu', /^\? One node/],
    ['cordon n1 n2 eu', /^\? One node/],
    ['cordon gpu-node-3 eu us', /^\? A node is in one region/],
    ['replace model-server eu', /^\? One pod of a deployment, by its full name/],
    ['restart statefulset/postgres eu', /^\? I change Deployments only/],
    ['restart $(id) eu', /^\? /],
  ])('%s', (text, said) => {
    expect(short(text)).toMatch(said);
  });

  test('without a region it asks where, and each answer is a whole command', () => {
    for (const text of [
      'scale model-server 14',
      'rollback model-server to 16',
      'set model-server cpu=4',
      'cordon gpu-node-3',
      'scale deploy/x -n batch 2',
      'replace model-server-5d8c7b9f4-x2x7k',
      'set model-server',
    ]) {
      const parsed = parseCommand(text, catalogue);
      const choices = parsed.is === 'unclear' ? parsed.choices : [];
      expect([text, choices.map((one) => one.label)]).toEqual([text, ['us-east-1', 'eu-west-1', 'ap-southeast-1']]);
      for (const { command } of choices) expect(['change', 'set-form']).toContain(parseCommand(command, catalogue).is);
    }
    expect(short('scale deploy/x -n batch 2')).toContain('[scale x us-east-1 -n batch 2]');
  });

  test('of many regions a menu', () => {
    const many = { ...catalogue, regions: Array.from({ length: 9 }, (_, i) => ({ name: `r-${i}`, aliases: [] })) };
    expect(short('scale model-server 14', many)).toBe(
      '{"is":"region-form","command":"scale model-server {region} 14","title":"scale model-server to 14"}',
    );
  });

  test('set without a value opens a form', () => {
    expect(short('set model-server eu')).toBe(
      '{"is":"set-form","name":"model-server","namespace":"ml-platform","region":"eu-west-1"}',
    );
    // What an empty field of the form leaves behind is no value.
    expect(short('set model-server eu-west-1 cpu=4 request= container=')).toBe(
      `set-cpu {"limit":"4"} of ${MODEL}: set CPU of model-server to 4`,
    );
  });

  test('whatever is typed after a verb: a change names a target and a region, or it is none', () => {
    const words = fc.constantFrom(
      'model-server',
      'eu',
      'us',
      '14',
      'to',
      'min=1',
      'cpu=4',
      '--replicas=3',
      '-n',
      'deploy/x',
      '$(x)',
      '`',
      '--context',
    );
    const typed = fc
      .tuple(
        fc.constantFrom(
          'scale',
          'restart',
          'rollback',
          'set',
          'bounds',
          'cordon',
          'replace',
          'kubectl scale',
          'kubectl set env',
        ),
        fc.array(fc.oneof(words, fc.string()), { maxLength: 6 }),
      )
      .map(([verb, all]) => [verb, ...all].join(' '));
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseCommand(text, catalogue);
        if (parsed.is !== 'change') return;
        expect(parsed.name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
        expect(parsed.regions.length).toBeGreaterThan(0);
        expect(parsed.title.length).toBeLessThan(600);
      }),
      { numRuns: 300 },
    );
  });
});
