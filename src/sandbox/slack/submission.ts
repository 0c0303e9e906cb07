import type { Attempt } from './delivery.ts';
import { placedIn } from './find.ts';
import type { HumanParts } from './human.ts';
import { SlackError } from './methods.ts';
import type { Json, ViewRecord } from './model.ts';
import type { PageActResult } from './page-api.ts';
import { isObject } from './shape.ts';
import { changeView, closeViews, openView, readView } from './views.ts';
import type { Workspace } from './workspace.ts';

type Parts = Pick<HumanParts, 'ws' | 'acknowledged' | 'mistake'>;

const done: PageActResult = { ok: true };
const where = 'ack:view_submission';
const refused: Attempt = { kind: 'failed', reason: 'invalid', noRetry: true };

/** Shows errors under the fields of a modal. */
export function fieldErrors(ws: Workspace, view: ViewRecord, errors: Readonly<Record<string, string>>): PageActResult {
  view.errors = { ...errors };
  view.trouble = false;
  ws.tell({ kind: 'other' });
  return { ok: false, kind: 'fields', errors };
}

export function troubleUnless(ws: Workspace, view: ViewRecord, attempt: Attempt): PageActResult {
  if (attempt.kind === 'answered') return done;
  view.trouble = true;
  ws.tell({ kind: 'other' });
  return { ok: false, kind: 'bot', error: 'We had some trouble connecting. Try again?' };
}

function close(ws: Workspace, view: ViewRecord, all: boolean): PageActResult {
  if (ws.views.has(view.id)) closeViews(ws, view.user, all || view.body['clear_on_close'] === true);
  return done;
}

function showErrors(parts: Parts, view: ViewRecord, body: Json): PageActResult {
  const given = isObject(body['errors']) ? body['errors'] : {};
  const inputs = placedIn(view.blocks).filter((one) => one.block['type'] === 'input');
  const strangers = Object.keys(given).filter((key) => !inputs.some((one) => one.blockId === key));
  if (strangers.length > 0 || Object.keys(given).length === 0) {
    parts.mistake(where, 'invalid_errors', `errors may only name input blocks: ${strangers.join(', ')}`);
    return troubleUnless(parts.ws, view, refused);
  }
  return fieldErrors(
    parts.ws,
    view,
    Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)])),
  );
}

/** Does what the acknowledgement of a submission asks for: close, errors, update, push, clear. */
export function takeAnswer(parts: Parts, view: ViewRecord, body: unknown): PageActResult {
  const { ws } = parts;
  const answer = isObject(body) ? body : {};
  if (Object.keys(answer).length === 0) return close(ws, view, false);
  parts.acknowledged('view_submission', answer);
  const action = answer['response_action'];
  if (action === 'clear') return close(ws, view, true);
  if (action === 'errors') return showErrors(parts, view, answer);
  try {
    if (action !== 'update' && action !== 'push') throw new SlackError('invalid_response_action');
    const next = readView(answer['view'], 'modal');
    if (action === 'update') changeView(ws, view, next, undefined);
    else openView(ws, view.user, next, view);
    return done;
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    parts.mistake(where, error.error, JSON.stringify(error.more));
    return troubleUnless(ws, view, refused);
  }
}
