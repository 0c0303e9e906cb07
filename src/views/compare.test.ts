import { describe, expect, test } from 'vitest';
import type { KubernetesRead } from '../core/ports/kubernetes.ts';
import { container, deployment, namespace, template } from '../../test/playbooks/objects.ts';
import { asked, forbidden, row, shown } from '../../test/views/shown.ts';
import { compare } from './compare.ts';

/** `/mlp compare`, from recorded answers of clusters. */

test('compare: what differs first, wide values below, equal ones in a line', async () => {
  const cluster = (image: string, selector: string): Partial<KubernetesRead> => ({
    deployment: async () =>
      deployment(template({ containers: [container({ image })], nodeSelector: { gpu: selector } })),
    variables: async () => ({ MODEL_VERSION: 'v7', BATCH_SIZE: '16', OMP_NUM_THREADS: null }),
    autoscaler: async () => null,
    pods: async () => [],
    nodes: async () => [],
  });
  const said = await shown(compare, asked('compare'), {
    'us-east-1': cluster('1.dkr.us-east-1.aws/model-server:v2', 'a100'),
    'eu-west-1': cluster('1.dkr.eu-west-1.aws/model-server:v3', 'one-that-has-a-very-long-name-indeed'),
  });
  const lines = said.split('\n');
  expect(lines.slice(0, 8)).toEqual([
    'model-server · compare · 2 regions',
    '2 differences',
    '       us-east-1        eu-west-1',
    'image  model-server:v2  model-server:v3',
    'placement:',
    '  us-east-1: gpu=a100',
    '  eu-west-1: gpu=one-that-has-a-very-long-name-indeed',
    expect.stringMatching(/^Equal: registry, resources, .*MODEL_VERSION/),
  ]);
});

describe('compare', () => {
  const cluster = (image: string, over: Partial<KubernetesRead> = {}): Partial<KubernetesRead> => ({
    deployment: async ({ name }) =>
      name === 'absent'
        ? null
        : deployment(
            template({ containers: [container({ image: name === 'model-server' ? image : 'r/gateway:v1' })] }),
          ),
    variables: async () => ({ MODEL_VERSION: 'v7', BATCH_SIZE: '16', OMP_NUM_THREADS: null }),
    autoscaler: async () => null,
    pods: async () => [row('a')],
    nodes: async () => [],
    log: async () => ({ lines: [`2026-03-14T02:00:00Z model_load=12.5s version=${image.slice(-2)}`], cut: false }),
    ...over,
  });

  test('what a region would not show is neither equal nor different', async () => {
    const said = await shown(compare, asked('compare'), {
      'us-east-1': cluster('r/model-server:v2'),
      'eu-west-1': cluster('r/model-server:v2', { variables: forbidden, nodes: forbidden }),
    });
    expect(said).toMatch(/^No difference in what I could see$/m);
    expect(said).toMatch(
      /^Not seen everywhere, so not compared: model version \(MODEL_VERSION\), BATCH_SIZE, OMP_NUM_THREADS, zones$/m,
    );
    expect(said).toMatch(/Could not see in eu-west-1: variables \(forbidden/);
  });

  test('the model that pods say they loaded stands beside the one that is wanted', async () => {
    const said = await shown(compare, asked('compare'), {
      'us-east-1': cluster('r/model-server:v2'),
      'eu-west-1': cluster('r/model-server:v3'),
    });
    expect(said).toMatch(/^model loaded +v2 \(by its youngest pod\) +v3 \(by its youngest pod\)$/m);
    expect(said).toMatch(/Equal: .*model version \(MODEL_VERSION\)/);
  });

  test('without a name: each of the config, those that differ first', async () => {
    const each = ['gateway', 'model-server', 'absent'].map((name) => ({ namespace, name }));
    const said = await shown(compare, asked('compare', { name: '', each }), {
      'us-east-1': cluster('r/model-server:v2'),
      'eu-west-1': cluster('r/model-server:v3'),
    });
    expect(said).toBe(
      [
        '3 deployments · compare · 2 regions',
        'Each that the config names: gateway, model-server and absent',
        'model-server: 2 differences',
        '              us-east-1                 eu-west-1',
        'image         model-server:v2           model-server:v3',
        'model loaded  v2 (by its youngest pod)  v3 (by its youngest pod)',
        'gateway: 1 difference',
        '              us-east-1                 eu-west-1',
        'model loaded  v2 (by its youngest pod)  v3 (by its youngest pod)',
        'absent: seen in no region, so there is nothing to compare',
        'us-east-1: 2 of 3 deployments looked at',
        'Not there in us-east-1: absent',
        'eu-west-1: 2 of 3 deployments looked at',
        'Not there in eu-west-1: absent',
        '_Looked at 02:42:00 UTC · changed nothing_',
      ].join('\n'),
    );
  });
});
