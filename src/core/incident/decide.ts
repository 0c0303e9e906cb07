import { decideActing } from './acting.ts';
import { decideChange, decidePlanned } from './asking.ts';
import { decideAlert, decideAsk, decideFound } from './opening.ts';
import { NOTHING, events } from './commands.ts';
import type { Command, Decision, Facts, Rules } from './commands.ts';
import type { Event } from './events.ts';
import { decideHandling, decideSilenceGone } from './handling.ts';
import { decideDraft, isReal } from './memory.ts';
import { maintenanceNews } from './hushing.ts';
import { decideBranched, decideLooked, decidePrepared, decideTick } from './looking.ts';
import { decidePagedEvent, decidePages } from './paging.ts';
import { decidePress, decideRefresh } from './people.ts';
import { next } from './state.ts';
import type { Incident } from './state.ts';
import { decideAlerts, decideAnswered, decideGroup, decideStorm } from './storming.ts';

/** The one door to a thread: what happened, the state, and the facts that the engine looked up → what follows. Pure. */
export function decide(state: Incident, command: Command, facts: Facts, rules: Rules): Decision {
  const decision = decided(state, command, facts, rules);
  const after = decision.events.reduce((so, event) => next(so, event, facts.at), state);
  const closes = decision.events.some((one) => one.is === 'closed') && isReal(after);
  const owed: readonly Event[] = closes ? [{ is: 'draft-owed' }] : [];
  const also = [...owed, ...maintenanceNews(state, after, command, facts)];
  return also.length === 0 ? decision : { ...decision, events: [...decision.events, ...also] };
}

function decided(state: Incident, command: Command, facts: Facts, rules: Rules): Decision {
  switch (command.is) {
    case 'alert':
      return decideAlert(state, command, facts.at, rules);
    case 'alerts':
      return decideAlerts(state, command.all, facts.at, rules);
    case 'group':
      return decideGroup(state, command, facts);
    case 'joined':
    case 'apart':
      return decideAnswered(state, command);
    case 'gathered':
    case 'let-go-sent':
    case 'group-told':
      return decideStorm(state, command);
    case 'handle':
      return decideHandling(state, command, facts, rules);
    case 'paged-event':
      return decidePagedEvent(state, command);
    case 'paged':
    case 'page-trouble':
    case 'page-reached':
    case 'page-told':
    case 'page-noted':
      return decidePages(state, command);
    case 'ask':
      return decideAsk(state, command, facts);
    case 'change':
      return decideChange(state, command, facts, rules);
    case 'found':
      return decideFound(state, command);
    case 'press':
      return state.openedAt === null ? NOTHING : decidePress(state, command, facts, rules);
    case 'note':
      return state.openedAt === null ? NOTHING : events({ is: 'noted', who: command.by, what: command.what });
    case 'numbered':
      return state.number === null ? events({ is: 'numbered', number: command.number }) : NOTHING;
    case 'looked':
      return decideLooked(state, command, facts, rules);
    case 'branched':
      return decideBranched(state, command, facts, rules);
    case 'prepared':
      return decidePrepared(state, command, facts, rules);
    case 'planned':
      return decidePlanned(state, command, facts, rules);
    case 'acting':
    case 'acted':
    case 'unsettled':
    case 'cannot-act':
    case 'held':
    case 'observed':
      return decideActing(state, command, facts, rules);
    case 'draft-filed':
    case 'draft-trouble':
      return decideDraft(state, command);
    case 'tick':
      return decideTick(state, facts, rules);
    case 'announce':
      return { ...NOTHING, posts: command.channels.map((channel) => ({ channel, notice: command.notice })) };
    case 'silence-gone':
      return decideSilenceGone(state, command.ids);
    case 'refresh':
      return decideRefresh(state, facts);
  }
}
