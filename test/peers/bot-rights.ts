import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from './control-plane.ts';

/** How the API server calls the bot's service account. */
export const botUser = 'system:serviceaccount:mlp-bot:mlp-bot';

/**
 * Gives the bot its rights in every region as its operator does: `kubectl apply` of these files of deploy/, unchanged. The namespace of the
 * services must be there. Gives the path of a kubeconfig with the service account's own tokens, one context per region; `servers` replaces
 * addresses, to go through a proxy on 127.0.0.1.
 */
export async function grantBot(
  plane: ControlPlane,
  folder: string,
  files: readonly string[],
  servers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const path = (file: string): string => join(import.meta.dirname, '../../deploy', file);
  const clusters = await Promise.all(
    plane.regions.map(async ({ name, server, ca }) => {
      const where = { region: name };
      await plane.kubectl(['apply', '-f', path('namespace.yaml')], where);
      await plane.kubectl(['apply', ...files.flatMap((file) => ['-f', path(file)])], where);
      const { stdout } = await plane.kubectl(['create', 'token', 'mlp-bot', '-n', 'mlp-bot'], where);
      return { name, server: servers[name] ?? server, ca, token: stdout.trim() };
    }),
  );
  const file = join(folder, 'bot.kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: clusters.map(({ name, server, ca }) => ({
      name,
      cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
    })),
    users: clusters.map(({ name, token }) => ({ name, user: { token } })),
    contexts: clusters.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
