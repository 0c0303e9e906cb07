import { webhookToken } from '../peers/bot.ts';

/** One delivery as Alertmanager sends it. */
export function deliver(
  botUrl: string,
  alerts: readonly { readonly labels: Readonly<Record<string, string>>; readonly status: 'firing' | 'resolved' }[],
  startsAt = new Date().toISOString(),
): Promise<Response> {
  const body = {
    version: '4',
    status: alerts.some((one) => one.status === 'firing') ? 'firing' : 'resolved',
    alerts: alerts.map(({ labels, status }) => ({
      labels,
      status,
      startsAt,
      annotations: { summary: 'sent by a test' },
      fingerprint: Object.values(labels).join('/'),
    })),
  };
  return fetch(`${botUrl}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${webhookToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
}
