import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { run as doctor } from '../../src/cli/doctor.ts';
import { openSqlite } from '../../src/adapters/store/index.ts';
import { Alertmanager } from '../../src/sandbox/platform/alertmanager.ts';
import { startPlatform } from '../../src/sandbox/platform/server.ts';
import type { RunningPlatform } from '../../src/sandbox/platform/server.ts';
import { app } from '../../src/sandbox/slack/seed.ts';
import { startLocalSlack } from '../../src/sandbox/slack/server.ts';
import type { LocalSlack } from '../../src/sandbox/slack/server.ts';

/** The doctor against the local Slack and the simulated platform. */

const shipped = join(import.meta.dirname, '../../config/sandbox.yaml');
/** The sandbox's config; of PagerDuty, which is not here, another test. */
let sandbox: string;
let slack: LocalSlack;
let platform: RunningPlatform;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlp-doctor-'));
  sandbox = join(folder, 'sandbox.yaml');
  const {
    pagerduty: _pagerduty,
    escalation: _escalation,
    ...rest
  } = parse(readFileSync(shipped, 'utf8')) as Record<string, unknown>;
  writeFileSync(sandbox, stringify(rest));
  slack = await startLocalSlack({ port: 0 });
  platform = await startPlatform({
    port: 0,
    clock: { nowMs: () => Date.now() },
    seed: 'doctor',
    alertmanager: (over) => new Alertmanager({ platform: over, receiver: () => null }),
  });
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
    // On a machine with too much to do a look is now and then too slow, and rightly said to be.
    await vi.waitFor(async () => expect((await run()).out).toMatch(/Ready: 1 warning, \d+ ok\.$/), { timeout: 25_000 });
    const { code, out } = await run();
    expect(out).not.toMatch(/^(BAD|\?) /m);
    expect(out).toMatch(/^ok +Slack +mlp in Sandbox, answers in \d+ ms/m);
    expect(out).toMatch(/^ok +Slack: scopes +(\d+) of \1 granted/m);
    expect(out).toMatch(/^ok +Slack: clock +agrees with mine to /m);
    expect(out).toMatch(/^ok +channel C0MLPLATFRM +#ml-platform: the bot is in it/m);
    expect(out).toMatch(/^ok +group @ml-oncall +\d+ people/m);
    expect(out).toMatch(/^ok +Alertmanager of the sandbox +0\.28\.1, answers in \d+ ms, alone/m);
    expect(out).toMatch(
      /^ok +Alertmanager of the sandbox: how soon it tells the bot +group_wait 1 s, group_interval 5 s/m,
    );
    expect(out).toMatch(/^ok +webhooks +open: Alertmanager at \/webhooks\/alertmanager; closed \(401\): Grafana /m);
    expect(out).toMatch(/^ok +eu-west-1: Kubernetes +answers in \d+ ms; \d+ deployments in ml-platform/m);
    expect(out).toMatch(/^ok +eu-west-1: model-server +12 of 12 pods ready/m);
    expect(out).toMatch(/^ok +eu-west-1: may read ml-platform +all \d+ rights of deploy\/read\.yaml/m);
    expect(out).toMatch(/^ok +eu-west-1: may read the cluster +all \d+ rights of deploy\/read-cluster\.yaml/m);
    expect(out).toMatch(/^ok +eu-west-1: remedies in ml-platform +rollback, resume, .*, cordon$/m);
    expect(out).toMatch(/^ok +eu-west-1: may look inside ml-platform +keys of secrets, /m);
    expect(out).toMatch(/^ok +eu-west-1: Prometheus +3\.16\.0, answers in /m);
    expect(out).toMatch(/^ok +eu-west-1: Prometheus: metrics +(\d+) of \1 are there/m);
    expect(out).toMatch(/^ok +eu-west-1: users of model-server +3 queries give numbers/m);
    expect(out).toMatch(/^ok +eu-west-1: public page of model-server +gave 200 in \d+ ms/m);
    expect(out).toMatch(/^warn +store .*there is no .*mlp\.sqlite yet\n +→ the first start makes it/m);
    expect(out).toMatch(/Ready: 1 warning, \d+ ok\.$/);
    expect(code).toBe(0);
  });

  test('a store that is there: its speed, its room, its schema, the end of its audit log', async () => {
    const data = mkdtempSync(join(tmpdir(), 'mlp-doctor-store-'));
    const store = await openSqlite({ file: join(data, 'mlp.sqlite'), auditKey: 'a-key-of-sixteen-and-more' });
    for (const why of ['one', 'two', 'three'])
      await store.setSetting('x', why, { stream: 's', who: 'sana', what: 'set', digest: null, why });
    const well = await run({ MLP_DATA: data });
    // Slow is a warning: of a machine that others use as well.
    expect(well.out).toMatch(/^(ok|warn) +store +SQLite, .*mlp\.sqlite: answers in \d+ ms, holds \d+\.\d MB/m);
    expect(well.out).toMatch(/^(ok|warn) +store: disk +\d+\.\d [GM]B free/m);
    expect(well.out).toMatch(/^ok +store: schema +version \d+/m);
    expect(well.out).toMatch(/^ok +audit log +3 rows verify, head 3:[0-9a-f]{12}$/m);
    const other = await run({ MLP_DATA: data, MLP_AUDIT_KEY: 'another-key-of-sixteen-or-more' });
    expect(other.code).toBe(1);
    expect(other.out).toMatch(/^BAD +audit log +no row verifies: this is not the key .*\n +→ npm run audit -- verify/m);
    expect(other.out).not.toContain('another-key');
    await store.close();
    rmSync(data, { recursive: true });
  });

  test('what it may not do is a warning, with the right and the file; what it must read and may not is bad', async () => {
    const denied = ['patch nodes', 'create pods/exec', 'list nodes'];
    const cluster = platform.platform.region('eu-west-1');
    const set = (verb: 'add' | 'delete', rights: readonly string[]): void =>
      cluster.do({
        at: platform.platform.now(),
        kind: 'write',
        what: 'rights',
        run: ({ around }) => {
          for (const right of rights) around.denied[verb](right);
        },
      });
    set('add', denied);
    const { code, out } = await run();
    set('delete', denied);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^warn +eu-west-1: remedies in ml-platform +rollback, .*; not cordon \(patch nodes\)\n +→ kubectl apply -f deploy\/remedy-/m,
    );
    expect(out).toMatch(
      /^ok +eu-west-1: may look inside ml-platform +.*; not programs in containers \(create pods\/exec\)/m,
    );
    expect(out).toMatch(
      /^warn +eu-west-1: may read the cluster +.*; not: nodes \(list nodes\)\n +→ kubectl apply -f deploy\/read-cluster\.yaml, or add: \{apiGroups: \[""\], resources: \["nodes"\], verbs: \["list"\]\}/m,
    );
    expect(out).toMatch(/^ok +us-east-1: remedies in ml-platform /m);
    set('add', ['list deployments.apps', 'list pods']);
    const blind = await run();
    set('delete', ['list deployments.apps', 'list pods']);
    expect(blind.code).toBe(1);
    expect(blind.out).toMatch(/^ok +eu-west-1: Kubernetes +answers$/m);
    expect(blind.out).toMatch(
      /^BAD +eu-west-1: may read ml-platform +.*not: pods \(list pods\), deployments \(list deployments\.apps\)/m,
    );
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
      new RegExp(`^BAD +channel ${general} +the bot is not in #general\\n +→ type there: /invite @mlp`, 'm'),
    );
    expect(out).toMatch(/^BAD +channel C0NOWHERE +.*\n +→ a private channel must have the bot invited first/m);
    expect(out).toMatch(
      new RegExp(`^BAD +channel ${old?.id ?? 'none'} +#ml-platform-staging is archived\\n +→ unarchive it`, 'm'),
    );
  });

  test('a public page that does not answer is a warning: where, why, and what it means', async () => {
    const file = join(folder, 'pages.yaml');
    const pages = readFileSync(sandbox, 'utf8').replace(
      '$region.mlp.example/health',
      '$region.mlp.example/helth?key=s3cret',
    );
    writeFileSync(file, pages);
    const { out } = await run({ MLP_CONFIG: file });
    expect(out).toMatch(
      /^warn +eu-west-1: public page of model-server +https:\/\/model-server\.eu-west-1\.mlp\.example\/helth: it answered 404\n +→ correct `publicUrl`/m,
    );
    expect(out).not.toContain('s3cret');
  });

  test('nothing is set: every variable at once, exit code 1', async () => {
    const lines: string[] = [];
    expect(await doctor({}, (line) => lines.push(line))).toBe(1);
    const out = lines.join('\n');
    for (const name of ['MLP_CONFIG', 'SLACK_BOT_TOKEN', 'MLP_AUDIT_KEY', 'SLACK_APP_TOKEN'])
      expect(out).toMatch(new RegExp(`^BAD +environment  ${name}`, 'm'));
  });

  test('a config with mistakes: each with its path, also while the environment is incomplete', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'regions: []\nslak: 1\n');
    const { code, out } = await run({ MLP_CONFIG: file, SLACK_BOT_TOKEN: undefined });
    expect(code).toBe(1);
    expect(out).toMatch(/BAD .*unknown key slak/);
    expect(out).toMatch(/BAD .*slack: /);
    expect(out).toMatch(/BAD +environment +SLACK_BOT_TOKEN/);
    const gone = await run({ MLP_CONFIG: join(folder, 'gone.yaml') });
    expect(gone.out).toMatch(/BAD +config .*gone\.yaml +ENOENT/);
  });

  test('a wrong token is bad; a platform that is away could not be told: each with what to do, and no secret', async () => {
    const { code, out } = await run({
      SLACK_BOT_TOKEN: 'xoxb-wrong',
      MLP_SIMULATED_PLATFORM: 'http://127.0.0.1:65530',
      ALERTMANAGER_WEBHOOK_TOKEN: undefined,
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^BAD +Slack +unauthorised: .*\(invalid_auth\)\n +→ check SLACK_BOT_TOKEN/m);
    for (const region of ['us-east-1', 'eu-west-1', 'ap-southeast-1']) {
      expect(out).toMatch(new RegExp(`^\\? +${region}: Kubernetes +unreachable: .*\\n +→ check the context`, 'm'));
      expect(out).toMatch(new RegExp(`^\\? +${region}: Prometheus +unreachable: `, 'm'));
    }
    expect(out).toMatch(/^\? +Alertmanager of the sandbox +unreachable: .*connection refused\n/m);
    expect(out).toMatch(
      /^warn +webhooks +none is open: every delivery gets 401: Alertmanager \(ALERTMANAGER_WEBHOOK_TOKEN\)/m,
    );
    expect(out).not.toContain('xoxb-wrong');
    expect(out).toMatch(/NOT ready: .*could not be told/);
  }, 30_000);

  test('scopes that the app was never given are bad, each with what is not possible', async () => {
    const scopes = slack.seed.app.scopes;
    const without = await startLocalSlack({
      port: 0,
      seed: {
        ...slack.seed,
        app: { ...slack.seed.app, scopes: scopes.filter((one) => !['usergroups:read', 'files:write'].includes(one)) },
      },
    });
    const { code, out } = await run({ SLACK_API_URL: without.apiUrl });
    await without.close();
    expect(code).toBe(1);
    expect(out).toMatch(
      /^BAD +Slack: scopes +missing: files:write \(charts, .*\), usergroups:read \(who may approve\)\n +→ update the app from manifest\.yml/m,
    );
  });
});
