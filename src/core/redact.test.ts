import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsSecret, redact } from './redact.ts';

// Assembled here, so that no secret scanner takes this file for a leak.
const join = (...parts: readonly string[]): string => parts.join('');
const base64 = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj';
const pem = (label: string, end = '\n'): string =>
  [
    `-----BEGIN ${label}-----`,
    base64,
    base64,
    'MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SupKcBv==',
    `-----END ${label}-----`,
  ].join(end);

describe('what goes, and what stays around it', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['AWS access key', `key ${join('AKIA', 'IOSFODNN7EXAMPLE')} used`, 'key [redacted: access key] used'],
    [
      'AWS secret key alone',
      `found ${join('wJalrXUtnFEMI/K7MDENG', '/bPxRfiCYEXAMPLEKEY')} in log`,
      'found [redacted: secret key] in log',
    ],
    ['AWS secret key in env', 'AWS_SECRET_ACCESS_KEY=abc/def+ghi', 'AWS_SECRET_ACCESS_KEY=[redacted: key]'],
    ['Google API key', join('AIza', 'SyA1234567890abcdefghijklmnopqrstuv'), '[redacted: key]'],
    [
      'Google service account',
      `{"private_key":"${pem('PRIVATE KEY', '\\n')}\\n","client_email":"a@b"}`,
      '{"private_key":"[redacted: key]","client_email":"a@b"}',
    ],
    [
      'Azure connection string',
      'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc/def==;EndpointSuffix=core',
      'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=[redacted: key];EndpointSuffix=core',
    ],
    [
      'Azure SAS',
      'https://a.blob.core.windows.net/m/model.bin?sv=2024&sig=abc%2Fdef%3D&se=2026',
      'https://a.blob.core.windows.net/m/model.bin?sv=2024&sig=[redacted: signature]&se=2026',
    ],
    [
      "docker's config.json",
      '{"auths":{"r":{"auth":"dXNlcjpodW50ZXIy"}}}',
      '{"auths":{"r":{"auth":"[redacted: secret]"}}}',
    ],
    [
      'a password in SQL',
      "CREATE USER a WITH PASSWORD 'hunter2x'",
      "CREATE USER a WITH PASSWORD '[redacted: password]'",
    ],
    ['a value below its name', 'password:\n  hunter2x\nnext: 1', 'password:\n  [redacted: password]\nnext: 1'],
    ["mysql's -p", 'mysql -u root -phunter2 db', 'mysql -u root -p[redacted: password] db'],
    ['an encoded equals sign', 'q=1&password%3Dhunter2x', 'q=1&password%3D[redacted: password]'],
    [
      'a cut key with a prefix on each line',
      `${join('-----BEGIN RSA PRIVATE', ' KEY-----')}\n03:10 INFO ${'MIIEowIBAAKCAQEA'.repeat(4)}\n03:10 INFO ${'AAAAB3NzaC1yc2EA'.repeat(4)}\n03:10 INFO ready`,
      '[redacted: private key]\n03:10 INFO ready',
    ],
    ['Slack token', join('xoxb', '-123456789012-abcdefGHIJ'), '[redacted: token]'],
    [
      'Slack webhook',
      'POST https://hooks.slack.com/services/T000/B000/abcdefgh 200',
      'POST https://hooks.slack.com/services/[redacted: webhook] 200',
    ],
    [
      'GitHub token',
      `git clone with ${join('ghp', '_0123456789abcdefghijABCDEFGHIJ012345')}`,
      'git clone with [redacted: token]',
    ],
    ['GitLab token', join('glpat', '-0123456789abcdefghij'), '[redacted: token]'],
    ['Hugging Face token', `HF ${join('hf', '_abcdefghijklmnopqrstuvwxyzABCD')}!`, 'HF [redacted: token]!'],
    [
      'JWT',
      `got ${join('eyJ', 'hbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJlLWhlcmU')} ok`,
      'got [redacted: jwt] ok',
    ],
    ['bearer header', 'Authorization: Bearer abcdef', 'Authorization: Bearer [redacted: authorization]'],
    [
      'bearer header in curl',
      `curl -H 'authorization: bearer abc.def' https://x/y`,
      `curl -H 'authorization: bearer [redacted: authorization]' https://x/y`,
    ],
    [
      'header in JSON',
      '{"Authorization":"Basic YWRhOnB3","Accept":"a/b"}',
      '{"Authorization":"Basic [redacted: authorization]","Accept":"a/b"}',
    ],
    ['bearer alone', 'sent Bearer abcdefgh12345678 to x', 'sent Bearer [redacted: bearer token] to x'],
    [
      'PagerDuty token',
      'Authorization: Token token=y_NbAkKc66ryYTWUXYEu',
      'Authorization: Token token=[redacted: authorization]',
    ],
    [
      'PagerDuty routing key',
      '{"routing_key":"0123456789abcdef0123456789abcdef","event_action":"trigger"}',
      '{"routing_key":"[redacted: key]","event_action":"trigger"}',
    ],
    [
      'PagerDuty integration URL',
      'https://events.pagerduty.com/integration/0123456789abcdef/enqueue',
      'https://events.pagerduty.com/integration/[redacted: key]/enqueue',
    ],
    ['cookie', 'Set-Cookie: session=abcdef; Path=/', 'Set-Cookie: session=[redacted: cookie]'],
    [
      'password in a URL',
      'postgres://ada:s3cr3t@db.internal:5432/models?sslmode=require',
      'postgres://ada:[redacted: password]@db.internal:5432/models?sslmode=require',
    ],
    ['password with an at sign', 'redis://:p@ss@cache:6379/0', 'redis://:[redacted: password]@cache:6379/0'],
    ['MySQL DSN', 'dsn ada:s3cr3t@tcp(db:3306)/models', 'dsn ada:[redacted: password]@tcp(db:3306)/models'],
    [
      'libpq',
      "host=db user=ada password=s3cr3t dbname='m'",
      "host=db user=ada password=[redacted: password] dbname='m'",
    ],
    [
      'ADO',
      'Server=db;User Id=ada;Password=s3;cr3t;Encrypt=true',
      'Server=db;User Id=ada;Password=[redacted: password];Encrypt=true',
    ],
    ['JSON', '{"user":"ada","password":"hun\\"ter2","n":1}', '{"user":"ada","password":"[redacted: password]","n":1}'],
    [
      'JSON in JSON',
      '{"msg":"{\\"token\\":\\"hunter2\\",\\"a\\":1}"}',
      '{"msg":"{\\"token\\":\\"[redacted: token]\\",\\"a\\":1}"}',
    ],
    ['YAML', 'db:\n  password: hunter2\n  user: ada', 'db:\n  password: [redacted: password]\n  user: ada'],
    ['YAML, several words', 'password: correct horse battery\nuser: ada', 'password: [redacted: password]\nuser: ada'],
    ['YAML block', 'secret: |\n  one\n  two\nuser: ada', 'secret: |\n  [redacted: secret]\nuser: ada'],
    [
      'env list in YAML',
      '- name: DB_PASSWORD\n  value: hunter2\n- name: MODE\n  value: fast',
      '- name: DB_PASSWORD\n  value: [redacted: password]\n- name: MODE\n  value: fast',
    ],
    [
      'Go struct',
      '{Name:API_TOKEN Value:hunter2 ValueFrom:nil}',
      '{Name:API_TOKEN Value:[redacted: token] ValueFrom:nil}',
    ],
    ['Python dict', "{'api_key': 'hunter2', 'model': 'm'}", "{'api_key': '[redacted: key]', 'model': 'm'}"],
    [
      'env',
      'export FEATURE_STORE_PASSWORD=hunter2 MODE=fast',
      'export FEATURE_STORE_PASSWORD=[redacted: password] MODE=fast',
    ],
    ['query', 'GET /v1/x?token=hunter2&model=m HTTP/1.1', 'GET /v1/x?token=[redacted: token]&model=m HTTP/1.1'],
    [
      'flags',
      'serve --password hunter2 --port 8080 --api-key=abc',
      'serve --password [redacted: password] --port 8080 --api-key=[redacted: key]',
    ],
    [
      'flags in a list',
      '["serve","--token","hunter2","--port","80"]',
      '["serve","--token","[redacted: token]","--port","80"]',
    ],
    ['custom header', 'X-Api-Key: hunter2', 'X-Api-Key: [redacted: key]'],
    ['private key', `a\n${pem('RSA PRIVATE KEY')}\nb`, 'a\n[redacted: private key]\nb'],
    [
      'private key, its end cut off',
      `a\n-----BEGIN PRIVATE KEY-----\n${base64}\n${base64}\nnext line of the log`,
      'a\n[redacted: private key]\nnext line of the log',
    ],
    [
      'private key, its start cut off',
      `first line\n${base64}\n${base64}\nQUJD==\n-----END EC PRIVATE KEY-----\nb`,
      'first line\n[redacted: private key]\nb',
    ],
    ['PGP', `${pem('PGP PRIVATE KEY BLOCK')}!`, '[redacted: private key]!'],
  ];
  test.each(cases)('%s', (_, text, expected) => {
    expect(redact(text)).toBe(expected);
    expect(redact(expected)).toBe(expected);
    expect(holdsSecret(text)).toBe(true);
  });
});

describe('what is no secret stays as it is', () => {
  test.each([
    'secret:\n  name: x\n',
    'MountVolume.SetUp failed for volume "creds" : secret "feature-store-credentials" not found',
    'Error: secret "feature-store-credentials" does not exist',
    "KeyError: 'FEATURE_STORE_PASSWORD'",
    "couldn't find key password in Secret ml-platform/feature-store-credentials",
    "FEATURE_STORE_PASSWORD:  <set to the key 'password' in secret 'feature-store-credentials'>  Optional: false",
    'secretName: feature-store-credentials',
    'env from secret key: token_file=/var/run/secrets/token',
    'password=$DB_PASSWORD token=${TOKEN} secret={{ .Values.secret }} password=**** token=null',
    'max_tokens=2048 eos_token: </s> pad_token_id=0 prompt_tokens: 17 tokenizer: llama tokens/s: 31.5',
    'Unexpected token: foo at position 3 in JSON; invalid token: it has expired',
    'registry.example/ml/model-server@sha256:0f3c2e1b9f3c2e1b0f3c2e1b9f3c2e1b0f3c2e1b9f3c2e1b0f3c2e1b9f3c2e1b',
    'commit 0f3c2e1b9f3c2e1b0f3c2e1b9f3c2e1b0f3c2e1b by ada, pod uid 7b1c6d4e-1f2a-4b3c-9d8e-0a1b2c3d4e5f',
    'pods "model-server-5d8c7b9f4-x2x7k" is forbidden: exceeded quota: gpu, requested: requests.nvidia.com/gpu=1',
    'Failed to pull image "123456789012.dkr.ecr.eu-west-1.amazonaws.com/model-server:v2.4.1": not found',
    'GET http://10.0.0.1:8080/v1/models/user@example.com: 200, authentication bearer of news',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    'Authorization failed for user ada; authorization: RBAC; Bearer error="invalid_token"',
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 14.58 GiB total capacity)',
    '/opt/conda/lib/python3.11/site-packages/transformers/models/llama/modeling_llama.py',
    'volume "kube-api-access-x2x7k" serviceAccountToken expirationSeconds: 3607',
    '{"ts":"2026-11-24T08:42:02.123456Z","level":"info","msg":"loaded","path":"s3://models/resnet/v3/model.pt"}',
  ])('%s', (text) => {
    expect(redact(text)).toBe(text);
    expect(holdsSecret(text)).toBe(false);
  });
});

const noise = fc.stringMatching(/^[a-z ,.:;=&"'{}[\]()\n<>/@?#|-]{0,60}$/);
const secretText = fc.stringMatching(/^[A-Za-z0-9]{12,30}Z9$/);
/** Each is a place in which a secret must never survive, whatever stands around it. */
const places: readonly ((secret: string) => string)[] = [
  (secret) => `password=${secret}`,
  (secret) => `"password": "${secret}"`,
  (secret) => `\\"api_key\\":\\"${secret}\\"`,
  (secret) => `\nDB_PASSWORD: ${secret}\n`,
  (secret) => `?token=${secret}&x=1`,
  (secret) => ` postgres://ada:${secret}@db/x `,
  (secret) => `Authorization: Bearer ${secret}`,
  (secret) => ` ghp_${secret}${secret}${secret} `,
  (secret) => `\n-----BEGIN PRIVATE KEY-----\n${secret}${secret}\n-----END PRIVATE KEY-----\n`,
  (secret) => ` --client-secret ${secret} `,
];

describe('properties', () => {
  test('twice is once, for any text', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'binary' }),
            noise,
            fc.constantFrom(...places.map((place) => place('abcDEF123456Z9'))),
          ),
        ),
        (parts) => {
          const once = redact(parts.join(''));
          expect(redact(once)).toBe(once);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a secret in a known place is gone, whatever stands around it', () => {
    fc.assert(
      fc.property(noise, fc.constantFrom(...places), secretText, noise, (before, place, secret, after) => {
        expect(redact(`${before}\n${place(secret)}\n${after}`)).not.toContain(secret);
      }),
      { numRuns: 1000 },
    );
  });

  test('ordinary words are kept', () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const text = words.join(' ');
        expect(redact(text)).toBe(text);
      }),
    );
  });
});

describe('ten megabytes', () => {
  const size = 10_000_000;
  const line =
    '2026-11-24T08:42:02Z INFO id=7b1c6d4e-1f2a-4b3c-9d8e-0a1b2c3d4e5f path=/v1/models:predict status=200 {"user":"ada","password":"x1y2"}\n';
  test.each([
    ['a log with a secret in each line', line],
    ['one run of letters', 'a'],
    ['password: password: …', 'password: '],
    ['password=" without an end', 'password="'],
    ['BEGIN without END', '-----BEGIN PRIVATE KEY-----\n'],
    ['END without BEGIN', '-----END PRIVATE KEY-----\n'],
    ['https://a: …', 'https://a:'],
    ['half a JWT', 'eyJaaaaaaaaaa.'],
    ['Authorization: …', 'Authorization: '],
    ['backslashes', '\\'],
    ['name: …', 'name: '],
  ])('%s: time grows with the length, not with its square', (_, unit) => {
    const text = unit.repeat(size / unit.length);
    const started = performance.now();
    redact(text);
    // A second on an idle machine of two cores; a quadratic step would take hours.
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
