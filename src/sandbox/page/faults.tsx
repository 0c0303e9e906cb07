import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ActiveFault, ControlSnapshot, FaultEntry } from '../control-api.ts';
import { relative } from './dates.ts';
import { Icon } from './icons.tsx';
import { useNow } from './live.ts';
import { Menu } from './menu.tsx';
import type { Control } from './platform.tsx';
import { usePending } from './surface.ts';

interface FaultsProps {
  readonly control: ControlSnapshot;
  readonly send: Control;
}

/** What can be broken, and what is broken now, each with a way to heal it by hand. */
export function Faults({ control, send }: FaultsProps): JSX.Element {
  const { catalogue, active } = control;
  const byHand = (id: string): string => catalogue.find((entry) => entry.id === id)?.byHand ?? '';
  return (
    <section class="card" aria-label="Faults">
      <h3>Break something</h3>
      <Picker control={control} send={send} />
      {active.length > 0 && <h3>Broken now</h3>}
      <ul class="active-faults">
        {active.map((one) => (
          <Active key={`${one.id}/${one.region}`} fault={one} byHand={byHand(one.id)} send={send} />
        ))}
      </ul>
    </section>
  );
}

/** Chooses a fault, where and how long ago, and makes it so. */
function Picker({ control, send }: FaultsProps): JSX.Element {
  const { catalogue, regions } = control;
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
        label={`Fault: ${fault.title}`}
        items={catalogueItems(catalogue, fault.id)}
        onPick={(id) => {
          setPicked(id);
          setTyped(null);
        }}
      >
        <span>{fault.title}</span>
        <Icon name="chevron" />
      </Menu>
      <p class="dim small-print">{fault.about}</p>
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
          min={0}
          max={120}
          value={minutes}
          disabled={fault.minutesAgo === 0}
          onInput={(event) => setTyped(Number(event.currentTarget.value))}
        />
        <label for="fault-minutes">min ago</label>
        <InjectButton inject={() => send({ kind: 'inject', fault: fault.id, region, minutesAgo: minutes })} />
      </div>
    </>
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

function catalogueItems(catalogue: readonly FaultEntry[], chosen: string) {
  return catalogue.map((one) => ({
    id: one.id,
    label: one.title,
    words: `${one.title} ${one.group} ${one.about}`,
    hint: one.about,
    group: one.group,
    chosen: one.id === chosen,
  }));
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
  const now = useNow(10_000);
  const [pending, run] = usePending();
  return (
    <li>
      <span>
        <strong>{fault.title}</strong>
        <small>
          {fault.region} · {relative(fault.sinceMs, now)}
        </small>
        <small>{byHand}</small>
      </span>
      <button
        type="button"
        class={pending ? 'button small pending' : 'button small'}
        title={`As if somebody had done it without the bot: ${byHand}`}
        onClick={() => run(() => send({ kind: 'heal', fault: fault.id, region: fault.region }))}
      >
        <Icon name="heart" /> Heal by hand
      </button>
    </li>
  );
}
