import { Hono } from 'hono';
import type { Alertmanager } from './alertmanager.ts';
import { Wanted } from './silences.ts';

/** Alertmanager's own API (v2), as far as the bot asks it. */
export function alertmanagerApp(alertmanager: Alertmanager): Hono {
  const app = new Hono();
  app.get('/api/v2/alerts', (context) => context.json(alertmanager.alerts()));
  app.get('/api/v2/silences', (context) => context.json(alertmanager.silences()));
  app.post('/api/v2/silences', async (context) => {
    const wanted = Wanted.safeParse(await context.req.json().catch(() => null));
    if (!wanted.success) return context.json('the silence is not as it should be', 400);
    const made = alertmanager.silence(wanted.data);
    return 'id' in made ? context.json({ silenceID: made.id }) : context.json(made.refused, 400);
  });
  app.delete('/api/v2/silence/:id', (context) => {
    const id = context.req.param('id');
    switch (alertmanager.expire(id)) {
      case 'done':
        return context.body(null, 200);
      case 'none':
        return context.body(null, 404);
      case 'over':
        return context.json(`silence ${id} already expired`, 500);
    }
  });
  app.get('/api/v2/status', (context) =>
    context.json({
      cluster: { status: 'disabled', peers: [] },
      versionInfo: { version: '0.28.1' },
      uptime: new Date(0).toISOString(),
      config: { original },
    }),
  );
  return app;
}

/** What it does, in its own words. */
const original = `route:
  receiver: mlp-bot
  group_by: [alertname, region]
  group_wait: 1s
  group_interval: 5s
  repeat_interval: 4h
receivers:
- name: mlp-bot
  webhook_configs:
  - send_resolved: true
    url: <secret>
    max_alerts: 0
`;
