import type { JSX } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { PagedView, PagerDutyAct, PagerDutyView } from '../pagerduty/view-api.ts';
import { clockTime } from './dates.ts';
import { useVisible } from './live.ts';
import { postJson, useSession } from './session.ts';
import { usePending } from './surface.ts';

/** The local PagerDuty: whom the bot has called, and what those people do about it. */

const lookEveryMs = 1_000;
const shown = 4;

type Do = (act: PagerDutyAct) => Promise<boolean>;

export function Called(): JSX.Element | null {
  const [view, refresh] = useView(useVisible());
  const session = useSession();
  const run: Do = async (act) => {
    const answer = await postJson('/page/pagerduty', act);
    const result = answer.ok ? (answer.body as { readonly ok: boolean; readonly error?: string }) : answer;
    if (!result.ok) session.toast(result.error ?? 'That did not work.');
    refresh();
    return result.ok;
  };
  if (view === null) return null;
  const open = view.incidents.filter((one) => one.status !== 'resolved');
  const over = view.incidents.filter((one) => one.status === 'resolved').slice(0, shown);
  return (
    <section class="card called" aria-label="PagerDuty">
      <h3>PagerDuty</h3>
      {view.services.map((service) => (
        <Service key={service.id} service={service} run={run} />
      ))}
      {open.length + over.length === 0 && <p class="dim">Nobody was called yet. P0, or [Escalate…], calls.</p>}
      <ol class="called-list">
        {[...open, ...over].map((one) => (
          <Incident key={one.id} incident={one} people={view.people} run={run} />
        ))}
      </ol>
      {view.dropped[0] !== undefined && <p class="dim small-print">Came to nothing: {view.dropped[0].why}</p>}
      <Break broken={view.broken} run={run} />
    </section>
  );
}

function useView(visible: boolean): readonly [PagerDutyView | null, () => void] {
  const [view, setView] = useState<PagerDutyView | null>(null);
  const look = useCallback(() => {
    void fetch('/page/pagerduty')
      .then(async (response) => (response.ok ? setView((await response.json()) as PagerDutyView) : undefined))
      // It is asked again in a second.
      .catch(() => undefined);
  }, []);
  useEffect(() => {
    if (!visible) return;
    look();
    const timer = setInterval(look, lookEveryMs);
    return () => clearInterval(timer);
  }, [visible, look]);
  return [view, look];
}

function Service({
  service,
  run,
}: {
  readonly service: PagerDutyView['services'][number];
  readonly run: Do;
}): JSX.Element {
  const closed = service.status === 'maintenance';
  const [pending, start] = usePending();
  return (
    <div class="called-service">
      <span>
        <strong>{service.name}</strong>{' '}
        <span class="dim">
          {closed ? 'in maintenance: nobody is called' : service.onCall.map((one) => one.name).join(', then ')}
        </span>
      </span>
      <button
        type="button"
        class={pending ? 'button small pending' : 'button small'}
        aria-pressed={closed}
        onClick={() => start(() => run({ kind: 'maintenance', service: service.id, minutes: closed ? 0 : 30 }))}
      >
        {closed ? 'End it' : 'Maintenance'}
      </button>
    </div>
  );
}

function Incident({
  incident,
  people,
  run,
}: {
  readonly incident: PagedView;
  readonly people: PagerDutyView['people'];
  readonly run: Do;
}): JSX.Element {
  const rang = incident.log.filter((one) => one.rang);
  const by = people.find((one) => one.name === incident.assigned[0])?.id ?? people[0]?.id ?? '';
  const note = incident.notes.at(-1);
  return (
    <li class={`called-one ${incident.status}`}>
      <p class="called-title">
        <span class={`alert-state ${incident.status === 'triggered' ? 'firing' : 'resolved'}`}>{incident.status}</span>{' '}
        {incident.title}
      </p>
      <p class="dim small-print">
        {incident.service} · {incident.assigned.join(', ')}
        {rang.length === 0
          ? ' · nobody was told'
          : ` · ${rang.at(-1)?.text ?? ''} ${clockTime(rang.at(-1)?.atMs ?? 0)}`}
      </p>
      {note !== undefined && <p class="small-print">Note: {note.text}</p>}
      {incident.status !== 'resolved' && (
        <div class="called-acts">
          {incident.status === 'triggered' && (
            <Press words="Acknowledge" act={() => run({ kind: 'acknowledge', incident: incident.id, by })} />
          )}
          <Press words="Resolve" act={() => run({ kind: 'resolve', incident: incident.id, by })} />
          <span class="dim small-print">as {incident.assigned[0] ?? 'somebody'}</span>
        </div>
      )}
    </li>
  );
}

function Press({ words, act }: { readonly words: string; readonly act: () => Promise<boolean> }): JSX.Element {
  const [pending, start] = usePending();
  return (
    <button type="button" class={pending ? 'button small pending' : 'button small'} onClick={() => start(act)}>
      {words}
    </button>
  );
}

function Break({ broken, run }: { readonly broken: boolean; readonly run: Do }): JSX.Element {
  const [pending, start] = usePending();
  return (
    <p class="called-break">
      <button
        type="button"
        class={pending ? 'button small pending' : 'button small'}
        aria-pressed={broken}
        onClick={() => start(() => run({ kind: 'break', broken: !broken }))}
      >
        {broken ? 'PagerDuty is down: mend it' : 'Take PagerDuty down'}
      </button>
    </p>
  );
}
