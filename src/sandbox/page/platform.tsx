import type { JSX } from 'preact';
import type { ControlAct, ControlSnapshot, PodState } from '../control-api.ts';
import { BotCard } from './bot-card.tsx';
import { Called } from './called.tsx';
import { clockTime } from './dates.ts';
import { Faults } from './faults.tsx';
import { Glance } from './glance.tsx';
import { Icon } from './icons.tsx';
import { letters, Region } from './region.tsx';
import { usePending } from './surface.ts';

/** Does it, says what went wrong, and tells whether it went right. */
export type Control = (act: ControlAct) => Promise<boolean>;

interface PanelProps {
  readonly control: ControlSnapshot | null;
  readonly online: boolean;
  readonly send: Control;
  readonly onClose: () => void;
}

/** The other half of the sandbox: what the bot looks at, and what can go wrong with it. */
export function PlatformPanel({ control, online, send, onClose }: PanelProps): JSX.Element {
  return (
    <aside class="platform" aria-label="Simulated platform">
      <header class="pane-head">
        <div class="pane-title">
          <h2>Simulated platform</h2>
          <p>
            {control === null
              ? 'Connecting…'
              : online
                ? `${control.regions.length} regions · real clock`
                : 'Reconnecting…'}
          </p>
        </div>
        {control !== null && <ResetButton send={send} />}
        <button type="button" class="tool not-phone" aria-label="Hide the platform" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {control !== null && (
        <div class="platform-body" tabIndex={-1}>
          <Glance regions={control.regions} />
          <BotCard bot={control.bot} send={send} />
          <Called />
          <Faults control={control} send={send} />
          {control.regions.map((region) => (
            <Region key={region.region} region={region} send={send} />
          ))}
          <PodLegend />
          <Alerts alerts={control.alerts} />
        </div>
      )}
    </aside>
  );
}

function ResetButton({ send }: { readonly send: Control }): JSX.Element {
  const [pending, run] = usePending();
  return (
    <button
      type="button"
      class={pending ? 'button small pending' : 'button small'}
      title="Put the platform back as it was at the start"
      onClick={() => run(() => send({ kind: 'reset' }))}
    >
      <Icon name="reset" /> Reset
    </button>
  );
}

const legend: readonly (readonly [PodState, string])[] = [
  ['ready', 'ready'],
  ['starting', 'starting'],
  ['pending', 'not placed'],
  ['image', 'no image'],
  ['crash', 'crash'],
  ['ending', 'ending'],
  ['lost', 'lost'],
];

function PodLegend(): JSX.Element {
  return (
    <p class="legend">
      {legend.map(([state, words]) => (
        <span key={state}>
          <span class={`pod ${state}`} aria-hidden="true">
            {letters[state]}
          </span>{' '}
          {words}
        </span>
      ))}
    </p>
  );
}

function Alerts({ alerts }: { readonly alerts: ControlSnapshot['alerts'] }): JSX.Element {
  return (
    <section class="card" aria-label="Alerts that were sent">
      <h3>Alerts sent</h3>
      {alerts.length === 0 && (
        <p class="dim">
          None yet. They go to <code>/webhooks/alertmanager</code>, as Alertmanager sends them.
        </p>
      )}
      <ol class="alerts">
        {alerts.map((one) => (
          <li key={`${one.atMs}-${one.region}-${one.status}-${one.names.join()}`}>
            <time>{clockTime(one.atMs)}</time>
            <span class={`alert-state ${one.status}`}>{one.status}</span>
            <span class="alert-names">
              {one.names.join(', ')} <span class="dim">{one.region}</span>
            </span>
            <span class={one.http !== null && one.http < 300 ? 'http' : 'http bad'}>{one.http ?? 'no answer'}</span>
          </li>
        ))}
      </ol>
      <p class="links">
        <a href="/metrics" target="_blank" rel="noreferrer">
          /metrics
        </a>{' '}
        <a href="/readyz" target="_blank" rel="noreferrer">
          /readyz
        </a>{' '}
        <a href="/healthz" target="_blank" rel="noreferrer">
          /healthz
        </a>
      </p>
    </section>
  );
}
