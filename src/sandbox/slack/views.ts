import { randomBytes } from 'node:crypto';
import { viewDefects, withIds } from './blocks.ts';
import { budgets } from './limits.ts';
import { SlackError } from './methods.ts';
import type { Json, ViewRecord } from './model.ts';
import { isObject } from './shape.ts';
import type { Workspace } from './workspace.ts';

const deepest = 3;

/** A view as the bot sent it, checked: `invalid_arguments` with every defect at once. */
export function readView(value: unknown, type: 'modal' | 'home'): Json {
  if (isObject(value) && Buffer.byteLength(JSON.stringify(value)) > budgets.viewJsonBytes)
    throw new SlackError('view_too_large');
  const defects = viewDefects(value);
  if (defects.length > 0) throw SlackError.of('invalid_arguments', defects);
  if (!isObject(value) || value['type'] !== type) {
    throw SlackError.of('invalid_arguments', [
      { message: `unsupported type: ${isObject(value) ? String(value['type']) : 'none'}`, pointer: '/view/type' },
    ]);
  }
  return value;
}

function blocksOf(ws: Workspace, body: Json): readonly Json[] {
  const blocks = Array.isArray(body['blocks']) ? body['blocks'].filter(isObject) : [];
  return withIds(blocks, () => ws.newId('').slice(0, 5));
}

function newHash(ws: Workspace): string {
  return `${Math.floor(ws.clock.nowMs() / 1000)}.${randomBytes(4).toString('hex')}`;
}

function checkExternalId(ws: Workspace, body: Json, except: string | null): void {
  const external = body['external_id'];
  if (typeof external !== 'string' || external === '') return;
  for (const view of ws.views.values())
    if (view.id !== except && view.body['external_id'] === external) throw new SlackError('duplicate_external_id');
}

/** Opens a modal, on top of `onto` when it is pushed. */
export function openView(ws: Workspace, user: string, body: Json, onto: ViewRecord | null): ViewRecord {
  checkExternalId(ws, body, null);
  const stack = ws.stacks.get(user) ?? [];
  if (onto !== null && stack.length >= deepest) throw new SlackError('push_limit_reached');
  if (onto === null) for (const one of stack) ws.views.delete(one);
  const id = ws.newId('V');
  const view: ViewRecord = {
    id,
    user,
    type: 'modal',
    body,
    blocks: blocksOf(ws, body),
    hash: newHash(ws),
    rootId: onto?.rootId ?? id,
    previousId: onto?.id ?? null,
    errors: {},
    trouble: false,
  };
  ws.views.set(id, view);
  ws.stacks.set(user, onto === null ? [id] : [...stack, id]);
  ws.tell({ kind: 'other' });
  return view;
}

export function changeView(ws: Workspace, view: ViewRecord, body: Json, hash: string | undefined): void {
  if (hash !== undefined && hash !== view.hash) throw new SlackError('hash_conflict');
  checkExternalId(ws, body, view.id);
  Object.assign(view, { body, blocks: blocksOf(ws, body), hash: newHash(ws), errors: {}, trouble: false });
  ws.tell({ kind: 'other' });
}

/** Closes the top view or the whole stack; answers the closed ones, top first. */
export function closeViews(ws: Workspace, user: string, all: boolean): readonly ViewRecord[] {
  const stack = ws.stacks.get(user) ?? [];
  const closing = all ? stack.toReversed() : stack.slice(-1);
  ws.stacks.set(user, all ? [] : stack.slice(0, -1));
  const closed = closing.flatMap((id) => ws.views.get(id) ?? []);
  for (const one of closed) ws.views.delete(one.id);
  ws.tell({ kind: 'other' });
  return closed;
}

export function publishHome(ws: Workspace, user: string, body: Json, hash: string | undefined): ViewRecord {
  const old = ws.homes.get(user);
  if (old !== undefined) {
    changeView(ws, old, body, hash);
    return old;
  }
  const id = ws.newId('V');
  const view: ViewRecord = {
    id,
    user,
    type: 'home',
    body,
    blocks: blocksOf(ws, body),
    hash: newHash(ws),
    rootId: id,
    previousId: null,
    errors: {},
    trouble: false,
  };
  ws.homes.set(user, view);
  ws.tell({ kind: 'other' });
  return view;
}
