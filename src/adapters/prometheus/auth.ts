import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Failure, whyOf } from '../../core/failure.ts';

/** How a Prometheus is signed in to. Files are read anew for each query: the tokens that a cluster hands out change within the hour. */
export type Auth =
  | { readonly is: 'bearer'; readonly token: string }
  | { readonly is: 'basic'; readonly user: string; readonly password: string }
  | { readonly is: 'bearer file'; readonly path: string }
  | { readonly is: 'basic file'; readonly user: string; readonly path: string };

/** As the config has it. */
export interface SignIn {
  readonly bearerTokenFile?: string | undefined;
  readonly bearerTokenEnv?: string | undefined;
  readonly basic?:
    | { readonly user: string; readonly passwordFile?: string | undefined; readonly passwordEnv?: string | undefined }
    | undefined;
  readonly caFile?: string | undefined;
}
type Variables = Readonly<Record<string, string | undefined>>;

/** For the adapter's options. Throws a Failure that says what is not there; its words hold no secret. */
export function signIn(how: SignIn, variables: Variables): { readonly auth?: Auth; readonly ca?: string } {
  const auth = authOf(how, variables);
  return {
    ...(auth === null ? {} : { auth }),
    ...(how.caFile === undefined ? {} : { ca: now(how.caFile, 'caFile') }),
  };
}

/** What of all this is not there, in words, at the start. */
export function signInTroubles(
  named: readonly { readonly what: string; readonly how: SignIn | null }[],
  variables: Variables,
): readonly string[] {
  return named.flatMap(({ what, how }) => {
    try {
      if (how !== null) signIn(how, variables);
      return [];
    } catch (error) {
      return [`regions: ${what}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

function authOf({ bearerTokenFile, bearerTokenEnv, basic }: SignIn, variables: Variables): Auth | null {
  if (bearerTokenFile !== undefined) {
    now(bearerTokenFile, 'bearerTokenFile');
    return { is: 'bearer file', path: bearerTokenFile };
  }
  if (bearerTokenEnv !== undefined) return { is: 'bearer', token: set(bearerTokenEnv, 'bearerTokenEnv', variables) };
  if (basic === undefined) return null;
  const { user, passwordFile, passwordEnv } = basic;
  if (passwordFile !== undefined) {
    now(passwordFile, 'basic.passwordFile');
    return { is: 'basic file', user, path: passwordFile };
  }
  return { is: 'basic', user, password: set(passwordEnv ?? '', 'basic.passwordEnv', variables) };
}

function set(name: string, field: string, variables: Variables): string {
  const value = variables[name];
  if (value === undefined || value === '')
    throw new Failure('invalid', `${field}: ${name} is not set in the environment: set it, or write another name`);
  return value;
}

function now(path: string, field: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.trim() !== '') return text;
  } catch (error) {
    throw new Failure(
      'invalid',
      `${field}: ${path} cannot be read (${codeOf(error)}): write the path of a file that is there`,
    );
  }
  throw new Failure('invalid', `${field}: ${path} is empty: put the secret there, or write another path`);
}

/** The header for one query. */
export async function authorization(auth: Auth | undefined): Promise<Readonly<Record<string, string>>> {
  switch (auth?.is) {
    case undefined:
      return {};
    case 'bearer':
      return { authorization: `Bearer ${auth.token}` };
    case 'basic':
      return basicly(auth.user, auth.password);
    case 'bearer file':
      return { authorization: `Bearer ${await fresh(auth.path)}` };
    case 'basic file':
      return basicly(auth.user, await fresh(auth.path));
  }
}

function basicly(user: string, password: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

async function fresh(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new Failure('unauthorised', `the secret in ${path} cannot be read (${codeOf(error)})`, { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : whyOf(error);
}
