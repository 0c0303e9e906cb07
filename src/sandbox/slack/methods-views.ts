import { SlackError } from './methods.ts';
import type { Args, Method, MethodContext } from './methods.ts';
import type { ViewRecord } from './model.ts';
import { changeView, openView, publishHome, readView } from './views.ts';
import { wireView } from './wire.ts';

function trigger(args: Args, context: MethodContext): { readonly user: string; readonly viewId: string | null } {
  const taken = context.interactivity.takeTrigger(
    args.maybe('trigger_id') ?? args.maybe('interactivity_pointer') ?? '',
  );
  if ('error' in taken) throw new SlackError(taken.error);
  return taken;
}

function named(args: Args, { ws }: MethodContext): ViewRecord {
  const id = args.maybe('view_id');
  const external = args.maybe('external_id');
  const found =
    id === undefined
      ? [...ws.views.values()].find((one) => external !== undefined && one.body['external_id'] === external)
      : ws.views.get(id);
  if (found === undefined) throw new SlackError('not_found');
  return found;
}

const opening = { view: 'json', trigger_id: 'string', interactivity_pointer: 'string' } as const;

/** The views methods need no scope. */
export const viewMethods: Readonly<Record<string, Method>> = {
  'views.open': {
    tier: 't4',
    args: opening,
    required: ['view'],
    run(args, context) {
      const body = readView(args.json('view'), 'modal');
      const { user } = trigger(args, context);
      return { view: wireView(context.ws, openView(context.ws, user, body, null)) };
    },
  },
  'views.push': {
    tier: 't4',
    args: opening,
    required: ['view'],
    run(args, context) {
      const body = readView(args.json('view'), 'modal');
      const { user, viewId } = trigger(args, context);
      const onto = viewId === null ? undefined : context.ws.views.get(viewId);
      if (onto === undefined) throw new SlackError('invalid_trigger_id');
      return { view: wireView(context.ws, openView(context.ws, user, body, onto)) };
    },
  },
  'views.update': {
    tier: 't4',
    args: { view: 'json', view_id: 'string', external_id: 'string', hash: 'string' },
    required: ['view'],
    run(args, context) {
      const body = readView(args.json('view'), 'modal');
      const view = named(args, context);
      changeView(context.ws, view, body, args.maybe('hash'));
      return { view: wireView(context.ws, view) };
    },
  },
  'views.publish': {
    tier: 't4',
    args: { view: 'json', user_id: 'string', hash: 'string' },
    required: ['view', 'user_id'],
    run(args, context) {
      const { ws } = context;
      const body = readView(args.json('view'), 'home');
      const person = ws.people.get(args.str('user_id'));
      if (person === undefined) throw new SlackError('user_not_found');
      return { view: wireView(ws, publishHome(ws, person.id, body, args.maybe('hash'))) };
    },
  },
};
