import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ActiveFault, ControlSnapshot, FaultEntry } from '../control-api.ts';
import { relative } from './dates.ts';
import { Icon } from './icons.tsx';
import { useNow } from './live.ts';
import { Menu, type MenuItem } from './menu.tsx';
import type { Control } from './platform.tsx';
import { useSession } from './session.ts';
import { usePending } from './surface.ts';

interface FaultsProps {
  readonly control: ControlSnapshot;
  readonly send: Control;
}

/** What can be broken, and what is broken now, each with a way to take it away again. */
export function Faults({ control, send }: FaultsProps): JSX.Element {
  const { catalogue, active } = control;
  const byHand = (id: string): string => catalogue.find((entry) => entry.id === id)?.byHand ?? '';
  return (
    <section class="card" aria-label="Faults" tabIndex={-1}>
      <h3>Break something</h3>
      <Picker control={control} send={send} />
      {active.length > 0 && <h3>Broken now: {active.length}</h3>}
      {active.length > 0 && (
        <ul class="active-faults">
          {active.map((one) => (
            <Active key={`${one.id}/${one.region}`} fault={one} byHand={byHand(one.id)} send={send} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** The catalogue's groups, said as what one would see. */
const groupWords: Readonly<Record<string, string>> = {
  Image: 'The image cannot be fetched or run',
  Start: 'Containers do not start',
  Probes: 'Health checks fail',
  Room: 'No room for the pods',
  Refused: 'Pods are refused',
  Nodes: 'Nodes and their network',
  Controller: 'Nobody carries the rollout on',
  'Inference errors': 'Requests fail',
  'Slow inference': 'Requests take too long',
  'High CPU': 'CPU is high',
  'Memory leak': 'Memory grows, or seems to',
  'Around it': 'Around the rollout, and what cannot be seen',
  'No fault': 'Nothing is wrong, and the bot must say so',
};

/** Chooses a fault, where and how long ago, and makes it so. */
function Picker({ control, send }: FaultsProps): JSX.Element {
  const { catalogue, regions, active } = control;
  const [picked, setPicked] = useState<string | null>(null);
  const [where, setWhere] = useState<string | null>(null);
  const [typed, setTyped] = useState<number | null>(null);
  const fault = catalogue.find((one) => one.id === picked) ?? catalogue[0];
  const region = where ?? (regions.find((one) => one.region.startsWith('eu-')) ?? regions[0])?.region;
  if (fault === undefined || region === undefined) return <p class="dim">This platform has no faults to inject.</p>;
  const minutes = typed ?? fault.minutesAgo;
  return (
    <>
      <Menu
        class="button select wide"
        kind="listbox"
        wide
        label={`Fault: ${fault.title}. Choose another`}
        items={catalogueItems(catalogue, active, fault.id)}
        onPick={(id) => {
          setPicked(id);
          setTyped(null);
        }}
      >
        <span>{fault.title}</span>
        <Icon name="chevron" />
      </Menu>
      <p class="dim small-print fault-about">You will see: {fault.about}</p>
      <div class="fault-row">
        <label for="fault-region">in</label>
        <select
          id="fault-region"
          class="field"
          value={region}
          onChange={(event) => setWhere(event.currentTarget.value)}
        >
          {regions.map((one) => (
            <option value={one.region}>{one.region}</option>
          ))}
        </select>
        <input
          id="fault-minutes"
          class="field minutes"
          type="number"
          inputMode="numeric"
          min={0}
          max={120}
          value={minutes}
          disabled={fault.minutesAgo === 0}
          onInput={(event) => setTyped(Number(event.currentTarget.value))}
        />
        <label for="fault-minutes">min ago</label>
        <InjectButton inject={() => send({ kind: 'inject', fault: fault.id, region, minutesAgo: minutes })} />
      </div>
      <StormRow region={region} send={send} />
    </>
  );
}

/** Many alerts of many workloads, in the region that is chosen above. */
function StormRow({ region, send }: { readonly region: string; readonly send: Control }): JSX.Element {
  const [alerts, setAlerts] = useState(400);
  const [workloads, setWorkloads] = useState(60);
  const [pending, run] = usePending();
  const number = (id: string, value: number, most: number, set: (value: number) => void): JSX.Element => (
    <input
      id={id}
      class="field minutes"
      type="number"
      inputMode="numeric"
      min={1}
      max={most}
      value={value}
      onInput={(event) => set(Math.min(most, Math.max(1, Math.round(Number(event.currentTarget.value)) || 1)))}
    />
  );
  return (
    <div class="fault-row storm-row">
      <span>Alert storm:</span>
      {number('storm-alerts', alerts, 2_000, setAlerts)}
      <label for="storm-alerts">alerts of</label>
      {number('storm-workloads', workloads, 500, setWorkloads)}
      <label for="storm-workloads">workloads</label>
      <button
        type="button"
        class={pending ? 'button pending' : 'button'}
        aria-busy={pending}
        title={`All nodes of ${region} are lost, and these alerts come within 10 s. Taking that fault away ends them.`}
        onClick={() => run(() => send({ kind: 'storm', region, alerts, workloads }))}
      >
        <Icon name="bolt" /> Storm
      </button>
    </div>
  );
}

function InjectButton({ inject }: { readonly inject: () => Promise<unknown> }): JSX.Element {
  const [pending, run] = usePending();
  return (
    <button
      type="button"
      class={pending ? 'button primary pending' : 'button primary'}
      aria-busy={pending}
      onClick={() => run(inject)}
    >
      <Icon name="bolt" /> Inject
    </button>
  );
}

/** Group by group, in the order in which the groups first come. */
function catalogueItems(
  catalogue: readonly FaultEntry[],
  active: readonly ActiveFault[],
  chosen: string,
): readonly MenuItem[] {
  const groups = [...new Set(catalogue.map((one) => one.group))];
  return groups.flatMap((group) =>
    catalogue
      .filter((one) => one.group === group)
      .map((one) => {
        const where = active.filter((other) => other.id === one.id).map((other) => other.region);
        return {
          id: one.id,
          label: (
            <>
              {one.title}
              {where.length > 0 && <span class="tag broken">broken in {where.join(', ')}</span>}
            </>
          ),
          words: `${one.title} ${one.group} ${groupWords[one.group] ?? ''} ${one.about}`,
          hint: one.about,
          group: groupWords[group] ?? group,
          chosen: one.id === chosen,
        };
      }),
  );
}

function Active({
  fault,
  byHand,
  send,
}: {
  readonly fault: ActiveFault;
  readonly byHand: string;
  readonly send: Control;
}): JSX.Element {
  const session = useSession();
  const now = useNow(10_000);
  const [pending, run] = usePending();
  const takeAway = async (): Promise<void> => {
    if (await send({ kind: 'heal', fault: fault.id, region: fault.region }))
      session.toast(`Taken away in ${fault.region}: ${fault.title}.`);
  };
  return (
    <li>
      <span>
        <strong>{fault.title}</strong>
        <small>
          {fault.region} · {relative(fault.sinceMs, now)}
        </small>
      </span>
      <button
        type="button"
        class={pending ? 'button small pending' : 'button small'}
        aria-label={`Take it away again: ${fault.title}, ${fault.region}`}
        aria-busy={pending}
        onClick={() => run(takeAway)}
      >
        <Icon name="heart" /> Take it away
      </button>
      <small class="by-hand">As a person would, without the bot: {lowerFirst(byHand)}</small>
    </li>
  );
}

function lowerFirst(words: string): string {
  return /^[A-Z][a-z]/.test(words) ? `${words.slice(0, 1).toLowerCase()}${words.slice(1)}` : words;
}
