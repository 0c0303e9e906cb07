import { later } from './commands.ts';
import type { AlertSeen } from './events.ts';
import type { Incident } from './state.ts';

/** A copy of an old firing comes at most so long (ms) after the news that it is over: senders try again for seconds, and are several. */
const LATE_COPY_MS = 30_000;

/**
 * A late copy of an old firing is no news. The same start later is: the source was silent for a while, so the sender called it resolved,
 * and it fires again (Alertmanager keeps `startsAt` then).
 */
export function isNews(known: AlertSeen | undefined, alert: AlertSeen, resolvedAt: string | null, at: string): boolean {
  if (known === undefined) return true;
  if (known.status === alert.status) return known.status === 'firing' && known.startsAt < alert.startsAt;
  if (alert.status === 'resolved' || known.startsAt < alert.startsAt) return known.startsAt <= alert.startsAt;
  return known.startsAt === alert.startsAt && (resolvedAt === null || later(resolvedAt, LATE_COPY_MS) <= at);
}

/** What one alert changes. */
export function heard(
  { question, alerts, resolvedAt, heardAt }: Incident,
  alert: AlertSeen,
  at: string,
): Pick<Incident, 'question' | 'alerts' | 'resolvedAt' | 'heardAt'> {
  const { fingerprint, status } = alert;
  const isOver = status === 'resolved';
  return {
    // What fires is no mere question any more.
    question: question && isOver,
    alerts: { ...alerts, [fingerprint]: alert },
    resolvedAt: isOver ? { ...resolvedAt, [fingerprint]: at } : resolvedAt,
    heardAt: isOver ? heardAt : at,
  };
}
