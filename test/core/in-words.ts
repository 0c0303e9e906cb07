import type { Event } from '../../src/core/incident/events.ts';

/** One event as tests read it. */
export function inWords(event: Event): string {
  switch (event.is) {
    case 'looked':
      return `looked at ${event.diagnosis.region}`;
    case 'looked-same':
      return `looked at ${event.region}: the same`;
    case 'round-began':
      return `round ${event.round} (${event.why})`;
    case 'alerted':
      return `${event.alert.name} ${event.alert.status}`;
    case 'voted':
      return `${event.vote.by} votes for ${event.proposal}`;
    case 'acted':
      return `${event.proposal} ${event.outcome.is}`;
    case 'observed':
      return `${event.proposal} seen: ${event.verdict.is}`;
    case 'ended':
      return `${event.proposal} ${event.how}: ${event.because}`;
    case 'noted':
      return `note: ${event.what}`;
    case 'closed':
      return `closed: ${event.how}`;
    case 'quiet':
      return event.since === null ? `not over: ${event.because}` : 'seen over';
    case 'waits':
      return `${event.proposal} waits for ${event.for}`;
    case 'proposed':
    case 'granted':
    case 'acting':
    case 'reminded':
    case 'undo-over':
    case 'undo-asked':
      return `${event.is} ${event.proposal}`;
    case 'change-asked':
      return `${event.change.by} asks: ${event.change.title}`;
    case 'change-over':
      return `asked for, ${event.how}: ${event.because}`;
    default:
      return event.is;
  }
}
