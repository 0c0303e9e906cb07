import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { doctor } from '../../src/cli/doctor.ts';
import { startPlatform } from '../../src/sandbox/platform/server.ts';
import type { RunningPlatform } from '../../src/sandbox/platform/server.ts';
import { app } from '../../src/sandbox/slack/seed.ts';
import { startLocalSlack } from '../../src/sandbox/slack/server.ts';
import type { LocalSlack } from '../../src/sandbox/slack/server.ts';

/** The doctor against the local Slack and the simulated platform. */

const sandbox = join(import.meta.dirname, '../../config/sandbox.yaml');
let slack: LocalSlack;
let platform: RunningPlatform;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlp-doctor-'));
  slack = await startLocalSlack({ port: 0 });
  platform = await startPlatform({ port: 0, clock: { nowMs: () => Date.now() }, seed: 'doctor' });
});
afterAll(async () => {
  await Promise.all([slack.close(), platform.close()]);
  rmSync(folder, { recursive: true });
});

async function run(change: Record<string, string | undefined> = {}): Promise<{ code: number; out: string }> {
  const lines: string[] = [];
  const code = await doctor(
    {
      MLP_CONFIG: sandbox,
      MLP_AUDIT_KEY: 'a-key-of-sixteen-and-more',
      MLP_DATA: folder,
      SLACK_BOT_TOKEN: app.botToken,
      SLACK_APP_TOKEN: app.appToken,
      SLACK_API_URL: slack.apiUrl,
      MLP_SIMULATED_PLATFORM: platform.url,
      ALERTMANAGER_WEBHOOK_TOKEN: 't',
      ...change,
    },
    (line) => lines.push(line),
  );
  return { code, out: lines.join('\n') };
}

describe('npm run doctor', () => {
  test('all is well: each thing in words, exit code 0', async () => {
    const { code, out } = await run();
    expect(out).not.toContain('FAILING');
    expect(out).toMatch(/^ok +Slack +/m);
    expect(out).toMatch(/^ok +channel C0MLPLATFRM +#ml-platform: the bot is in it/m);
    expect(out).toMatch(/^ok +group @ml-oncall +\d+ people/m);
    expect(out).toMatch(/^ok +eu-west-1: Kubernetes API +answers; \d+ deployments/m);
    expect(out).toMatch(/^ok +eu-west-1: model-server +12 of 12 pods ready/m);
    expect(out).toMatch(/^ok +eu-west-1: may change deployments in ml-platform +the server accepts a dry run/m);
    expect(out).toMatch(/^ok +eu-west-1: remedies allowed in ml-platform +rollback, resume, .*, cordon$/m);
    expect(out).toMatch(/^ok +eu-west-1: may look inside in ml-platform +keys of secrets, /m);
    expect(out).toMatch(/^ok +eu-west-1: users of model-server +3 queries give numbers/m);
    expect(out).toMatch(/^note +store .*there is none yet/m);
    expect(out).toContain('docs/alertmanager.md');
    expect(out).toMatch(/Ready to start \(\d+ notes\)\.$/);
    expect(code).toBe(0);
  });

  test('what it may not do is a note, with the right and the file', async () => {
    const denied = ['patch nodes', 'create pods/exec'];
    const cluster = platform.platform.region('eu-west-1');
    const deny = (verb: 'add' | 'delete'): void =>
      cluster.do({
        at: platform.platform.now(),
        kind: 'write',
        what: 'rights',
        run: ({ around }) => {
          for (const right of denied) around.denied[verb](right);
        },
      });
    deny('add');
    const { code, out } = await run();
    deny('delete');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^note +eu-west-1: remedies allowed in ml-platform +rollback, .*; not cordon \(patch nodes\)\n +→ kubectl apply -f deploy\/remedy-/m,
    );
    expect(out).toMatch(
      /^note +eu-west-1: may look inside in ml-platform +.*; not programs in containers \(create pods\/exec\)/m,
    );
    expect(out).toMatch(/^ok +us-east-1: remedies allowed in ml-platform /m);
  });

  test('channels that the bot is not in, that are archived, or that are none: each with what to do', async () => {
    const file = join(folder, 'channels.yaml');
    const general = slack.seed.channels.find((one) => one.name === 'general')?.id ?? '';
    const old = [...slack.workspace.channels.values()].find((one) => one.name === 'ml-platform-staging');
    writeFileSync(
      file,
      readFileSync(sandbox, 'utf8')
        .replace('channel: C0MLPLATFRM', `channel: ${general}`)
        .replace('- name: feature-store', `- { name: feature-store, channel: ${old?.id ?? ''} }`)
        .replace('- name: replication-service', '- { name: replication-service, channel: C0NOWHERE }'),
    );
    if (old !== undefined) old.archived = true;
    const { code, out } = await run({ MLP_CONFIG: file });
    if (old !== undefined) old.archived = false;
    expect(code).toBe(1);
    expect(out).toMatch(
      new RegExp(`^FAILING +channel ${general} +the bot is not in #general\\n +→ type there: /invite @mlp`, 'm'),
    );
    expect(out).toMatch(/^FAILING +channel C0NOWHERE +.*\n +→ a private channel must have the bot invited first/m);
    expect(out).toMatch(
      new RegExp(`^FAILING +channel ${old?.id ?? 'none'} +#ml-platform-staging is archived\\n +→ unarchive it`, 'm'),
    );
  });

  test('nothing is set: every variable at once, exit code 1', async () => {
    const lines: string[] = [];
    expect(await doctor({}, (line) => lines.push(line))).toBe(1);
    const out = lines.join('\n');
    for (const name of ['MLP_CONFIG', 'SLACK_BOT_TOKEN', 'MLP_AUDIT_KEY', 'SLACK_APP_TOKEN'])
      expect(out).toMatch(new RegExp(`^FAILING  environment  ${name}`, 'm'));
  });

  test('a config with mistakes: each with its path, also while the environment is incomplete', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'regions: []\nslak: 1\n');
    const { code, out } = await run({ MLP_CONFIG: file, SLACK_BOT_TOKEN: undefined });
    expect(code).toBe(1);
    expect(out).toMatch(/FAILING .*unknown key slak/);
    expect(out).toMatch(/FAILING .*slack: /);
    expect(out).toMatch(/FAILING +environment +SLACK_BOT_TOKEN/);
    const gone = await run({ MLP_CONFIG: join(folder, 'gone.yaml') });
    expect(gone.out).toMatch(/FAILING +config .*gone\.yaml +ENOENT/);
  });

  test('a wrong token and a platform that is away: failing, each with what to do', async () => {
    const { code, out } = await run({
      SLACK_BOT_TOKEN: 'xoxb-wrong',
      MLP_SIMULATED_PLATFORM: 'http://127.0.0.1:9',
      ALERTMANAGER_WEBHOOK_TOKEN: undefined,
    });
    expect(code).toBe(1);
    expect(out).toMatch(/FAILING +Slack +not connected: .*\n +→ check SLACK_BOT_TOKEN/);
    for (const region of ['us-east-1', 'eu-west-1', 'ap-southeast-1'])
      expect(out).toMatch(new RegExp(`FAILING +${region}: Kubernetes API +unreachable: .*\\n +→ check the context`));
    expect(out).toMatch(/^note +Alertmanager webhook +ALERTMANAGER_WEBHOOK_TOKEN is not set/m);
    expect(out).not.toContain('xoxb-wrong');
  }, 30_000);
});
