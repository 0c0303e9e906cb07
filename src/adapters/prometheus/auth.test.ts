import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { authorization, signIn } from './auth.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mlp-auth-'));
  writeFileSync(join(folder, 'token'), 'T1\n');
  writeFileSync(join(folder, 'empty'), '\n');
});
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);
const header = async (...how: Parameters<typeof signIn>): Promise<string | undefined> =>
  (await authorization(signIn(...how).auth))['authorization'];

describe('signing in', () => {
  test('not at all; by a variable; by user and password', async () => {
    expect(await header({}, {})).toBeUndefined();
    expect(await header({ bearerTokenEnv: 'T' }, { T: 't2' })).toBe('Bearer t2');
    expect(await header({ basic: { user: 'ada', passwordEnv: 'P' } }, { P: 'p' })).toBe('Basic YWRhOnA=');
    expect(await header({ basic: { user: 'ada', passwordFile: file('token') } }, {})).toBe('Basic YWRhOlQx');
  });

  test('a token in a file is read anew: clusters change it within the hour', async () => {
    const { auth } = signIn({ bearerTokenFile: file('token') }, {});
    expect(await authorization(auth)).toEqual({ authorization: 'Bearer T1' });
    writeFileSync(file('token'), 'T9');
    expect(await authorization(auth)).toEqual({ authorization: 'Bearer T9' });
    writeFileSync(file('token'), 'T1\n');
  });

  test('a file that goes away later is a failed query, not the end', async () => {
    writeFileSync(file('gone'), 'x');
    const { auth } = signIn({ bearerTokenFile: file('gone') }, {});
    rmSync(file('gone'));
    await expect(authorization(auth)).rejects.toThrow(/^the secret in .*gone cannot be read \(ENOENT\)$/);
    await expect(authorization(auth)).rejects.toThrow(Failure);
  });

  test.each([
    [{ bearerTokenEnv: 'T' }, /^bearerTokenEnv: T is not set in the environment: set it, or write another name$/],
    [{ basic: { user: 'a', passwordEnv: 'P' } }, /^basic\.passwordEnv: P is not set/],
    [
      { bearerTokenFile: '/no/such/token' },
      /^bearerTokenFile: \/no\/such\/token cannot be read \(ENOENT\): write the path/,
    ],
    [{ caFile: '/no/such/ca.pem' }, /^caFile: \/no\/such\/ca.pem cannot be read/],
  ])('what is not there is said at the start: %j', (how, sentence) => {
    expect(() => signIn(how, {})).toThrow(sentence);
  });
  test('an empty file', () => {
    expect(() => signIn({ bearerTokenFile: file('empty') }, {})).toThrow(/empty is empty: put the secret there/);
  });
});
