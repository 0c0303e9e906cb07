import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../test/core/catalogue.ts';
import { parseCommand, VERBS } from './command.ts';
import type { Parsed } from './command.ts';
import { helpMessage } from '../render/help-text.ts';
import { plain } from '../words.ts';

const say = (text: string, over = catalogue): Parsed => parseCommand(text, over);
const short = (text: string, over = catalogue): string => {
  const parsed = say(text, over);
  if (parsed.is === 'diagnose')
    return `${parsed.name || '(all)'} ${parsed.namespace} ${parsed.region ?? 'everywhere'}${parsed.note === null ? '' : `: ${parsed.note}`}`;
  if (parsed.is === 'unclear')
    return `? ${parsed.because} ${parsed.choices.map((one) => `[${one.command}]`).join('')}`.trim();
  return JSON.stringify(parsed);
};
const wide = {
  ...catalogue,
  services: [
    ...catalogue.services,
    { name: 'embedder', namespace: 'search', channel: null },
    { name: 'gateway', namespace: 'search', channel: null },
    { name: 'gateway', namespace: 'ml-platform', channel: null },
  ],
};

describe('punctuation is not part of a word', () => {
  test.each([
    'diagnose model-server eu?',
    'is model-server down in eu?',
    'model-server, eu!',
    'diagnose (model-server) in "eu".',
    'diagnose model-server: eu-west-1…',
    'diagnose `model-server`, `eu`?!',
    'diagnose --context=eu? model-server',
  ])('%s', (text) => {
    expect(short(text)).toBe('model-server ml-platform eu-west-1');
  });

  test.each([
    ['status eu?', '{"is":"status","region":"eu-west-1"}'],
    ['status --region=eu', '{"is":"status","region":"eu-west-1"}'],
    ['status --context eu', '{"is":"status","region":"eu-west-1"}'],
    ['show INC-214?', '{"is":"show","incident":214}'],
    ['stop INC-214.', '{"is":"stop","what":214}'],
    ['stop all!', '{"is":"stop","what":"all"}'],
    ['stop all please', '{"is":"stop","what":"all"}'],
    ['stop everything now', '{"is":"stop","what":"all"}'],
    ['stop everything right now!', '{"is":"stop","what":"all"}'],
    ['please stop all', '{"is":"stop","what":"all"}'],
    ['stop all changes immediately', '{"is":"stop","what":"all"}'],
    ['stop INC-214 now', '{"is":"stop","what":214}'],
    ['?', '{"is":"help","about":null}'],
    ['why not rollback?', '{"is":"why-not","remedy":"rollback","incident":null}'],
  ])('%s', (text, parsed) => {
    expect(short(text)).toBe(parsed);
  });
});

describe('kinds that no playbook opens', () => {
  const note = (what: string, namespace = 'ml-platform'): string =>
    `: I look fully into Deployments only. Of \`${what}\` I see its pods and events: I look at everything in \`${namespace}\` that is not as it should be.`;
  test.each([
    ['diagnose statefulset/postgres eu', 'statefulset/postgres'],
    ['sts/postgres eu?', 'statefulset/postgres'],
    ['diagnose StatefulSets.apps/postgres eu', 'statefulset/postgres'],
    ['diagnose statefulset postgres in eu', 'statefulset/postgres'],
    ['diagnose daemonset/node-exporter eu', 'daemonset/node-exporter'],
    ['ds/node-exporter eu', 'daemonset/node-exporter'],
    ['diagnose job/nightly eu', 'job/nightly'],
    ['cronjob/nightly eu', 'cronjob/nightly'],
    ['kubectl get sts postgres --context eu', 'statefulset/postgres'],
    ['kubectl describe job nightly --context=eu', 'job/nightly'],
    ['kubectl logs -f statefulset/postgres --context eu --tail 5', 'statefulset/postgres'],
  ])('%s: what is around it is looked at, and it is said', (text, what) => {
    expect(short(text)).toBe(`(all) ml-platform eu-west-1${note(what)}`);
    const parsed = say(text);
    expect(parsed.is === 'diagnose' ? parsed.playbook : '').toBeNull();
  });

  test('in its namespace', () => {
    expect(short('sts/postgres -n data')).toBe(`(all) data everywhere${note('statefulset/postgres', 'data')}`);
  });

  test('two of them, or one and a deployment: which one', () => {
    expect(short('sts/a model-server eu')).toBe(
      '? Which one? model-server or statefulset/a. [diagnose model-server eu-west-1][diagnose statefulset/a eu-west-1]',
    );
  });

  test('none of them is changed, and its name is no command', () => {
    expect(short('restart sts/postgres eu')).toBe('? I change Deployments only, not `statefulset/postgres`.');
    expect(short('diagnose sts/$(id)')).toMatch(/^\? .* is no name that Kubernetes allows/);
    expect(short('diagnose jobs failing')).not.toContain('job/');
  });
});

describe('all namespaces', () => {
  test.each(['diagnose -A eu', 'kubectl get deployments -A --context eu', 'diagnose --all-namespaces eu'])(
    '%s: with one there is no question',
    (text) => {
      expect(short(text)).toBe('(all) ml-platform eu-west-1');
    },
  );

  test('of several the person says which; a deployment is in those of the config', () => {
    expect(short('diagnose -A eu', wide)).toBe(
      '? In which namespace? I look at one at a time: ml-platform or search. [diagnose eu-west-1 -n ml-platform][diagnose eu-west-1 -n search]',
    );
    expect(short('diagnose embedder -A eu', wide)).toBe('embedder search eu-west-1');
    expect(short('diagnose gateway -A eu', wide)).toMatch(
      /^\? In which namespace\?.*\[diagnose gateway eu-west-1 -n search\]/,
    );
    expect(short('diagnose sts/x -A', wide)).toMatch(
      /\[diagnose statefulset\/x -n ml-platform\]\[diagnose statefulset\/x -n search\]$/,
    );
    expect(short('diagnose x -n a -n b')).toMatch(/^\? In which namespace\?/);
  });

  test('each choice is understood', () => {
    for (const text of ['diagnose -A eu', 'diagnose gateway -A eu', 'diagnose sts/x -A', 'diagnose sts/a sts/b eu']) {
      const parsed = say(text, wide);
      const choices = parsed.is === 'unclear' ? parsed.choices : [];
      expect(choices.length).toBeGreaterThan(1);
      for (const { command } of choices) expect(short(command, wide)).toMatch(/^[^?]/);
    }
  });
});

describe('flags that are not known are named', () => {
  test.each([
    ['diagnose model-server --verbose', '--verbose'],
    ['diagnose model-server --tail=5', '--tail'],
    ['diagnose model-server -x', '-x'],
    ['--force model-server', '--force'],
    ['status --all', '--all'],
    ['stop --force', '--force'],
    ['stop INC-1 --force', '--force'],
    ['show -v INC-1', '-v'],
    ['undo --now INC-1', '--now'],
  ])('%s', (text, flag) => {
    expect(short(text)).toMatch(new RegExp(`^\\? I know no flag \`${flag}\`\\. I take `));
  });
  test('kubectl has its own', () => {
    expect(short('kubectl get deploy model-server -o wide --show-labels --context eu')).toBe(
      'model-server ml-platform eu-west-1',
    );
    expect(short('diagnose -l app=model-server eu')).toBe('model-server ml-platform eu-west-1');
    expect(short('diagnose -l tier=gold eu')).toMatch(/^\? Of labels I take only the app/);
  });
});

test('one incident at a time, one region at a time', () => {
  expect(short('stop INC-1 INC-2')).toBe('? One at a time: which of them? [stop INC-1][stop INC-2]');
  expect(short('show INC-1 INC-2')).toBe('? One at a time: which of them? [show INC-1][show INC-2]');
  expect(short('status eu us')).toBe(
    '? Which region? eu-west-1 or us-east-1. Without one I list all. [status eu-west-1][status us-east-1][status]',
  );
});

describe('help', () => {
  const text = (about: Parameters<typeof helpMessage>[1]): string =>
    helpMessage(catalogue, about)
      .blocks.flatMap((one) => (one.is === 'lines' ? one.lines.map(plain) : []))
      .join('\n');

  test('the list is short and has every command', () => {
    const list = text(null);
    for (const verb of VERBS) expect(list).toContain(`/mlp ${verb}`);
    expect(list.split('\n')).toHaveLength(VERBS.length + 2);
    expect(list.length).toBeLessThan(4_000);
  });

  test.each([...VERBS])('help %s: what it does, and examples that are understood', (verb) => {
    expect(say(`help ${verb}`)).toEqual({ is: 'help', about: verb });
    expect(say(`help /mlp ${verb}`)).toMatchObject({ is: 'help' });
    const said = text(verb);
    expect(said).toMatch(new RegExp(`^/mlp ${verb}`));
    const examples = said.split('\n').find((line) => line.startsWith('For example ')) ?? '';
    const commands = examples.replace('For example ', '').split(' · ');
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) expect([command, say(command).is]).not.toEqual([command, 'unclear']);
    expect(said).not.toMatch(/<(deployment|region)>/);
  });

  test.each([
    ['help stpo', `? I know no command \`stpo\`. There are: ${VERBS.join(', ')}. Did you mean stop? [help stop]`],
    ['help me', '{"is":"help","about":null}'],
    ['help with stop', '{"is":"help","about":"stop"}'],
    ['help check', '{"is":"help","about":"diagnose"}'],
    ['help pizza', `? I know no command \`pizza\`. There are: ${VERBS.join(', ')}.`],
  ])('%s', (words, answer) => {
    expect(short(words)).toBe(answer);
  });
});

describe('words that are no names', () => {
  test.each([
    ['diagnose frankfurt', /^\? I do not understand `frankfurt`\. .* \[diagnose deployment\/frankfurt\]$/],
    ['diagnose gpu eu-west-1', /^\? I do not understand `gpu`\. .* \[diagnose deployment\/gpu eu-west-1\]$/],
    ['diagnose deployment/frankfurt', /^frankfurt ml-platform everywhere$/],
    ['diagnose model-server in europe', /^\? I know no region `europe`\./],
    [
      'diagnose modle-server eu',
      /^\? I know no `modle-server`\. Did you mean model-server\? \[diagnose model-server eu-west-1\]$/,
    ],
    ['what happened', /^\{"is":"show","incident":null\}$/],
    ['why not restart 3', /^\{"is":"why-not","remedy":"restart","incident":3\}$/],
  ])('%s', (text, said) => {
    expect(short(text)).toMatch(said);
  });

  test.each(['rollback to 17', 'rollback now!!', 'restart modle-server eu'])(
    '%s offers nothing that nobody meant',
    (text) => {
      expect(short(text)).not.toMatch(/diagnose (to|now)|`(to|now)`/);
      expect(short(text)).toMatch(/^\? /);
    },
  );

  test('a slip in the name of what is to be changed', () => {
    expect(short('restart modle-server eu')).toMatch(/model-server/);
  });
});
