import { binary } from './need.ts';
import { answers, freePort, startPeer } from './process.ts';

export interface Moto {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** AWS in a process, with nothing in it. Any credentials are good. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startPeer({
    name: 'moto',
    command: binary('moto', 'moto_server'),
    args: ['-H', '127.0.0.1', '-p', String(port)],
    // Where Python versions are managed for a user, they are found from there.
    env: { HOME: process.env['HOME'] ?? '' },
    isReady: () => answers(`${url}/moto-api/data.json`),
    readyWithinMs: 60_000,
  });
  return {
    url,
    pause: () => server.pause(),
    resume: () => server.resume(),
    stop: () => server.stop(),
  };
}

/** Credentials for moto in the environment, until `restore`. */
export function motoCredentials(): { restore(): void } {
  const before = { ...process.env };
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  return {
    restore: () => {
      for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
        const value = before[name];
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}
