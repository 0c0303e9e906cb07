import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { ActiveFault, ControlSnapshot, FaultEntry } from '../control-api.ts';
import { relative } from './dates.ts';
import { Icon } from './icons.tsx';
import { useNow } from './live.ts';
import { Menu } from './menu.tsx';
import type { Control } from './platform.tsx';
import { usePending } from './surface.ts';

/** Chooses a fault, where and how long ago, and makes it so; lists what is broken, each with a way to heal it by hand. */
export function FaultPicker({
  control,
  send,
}: {
  readonly control: ControlSnapshot;
  readonly send: Control;
}): JSX.Element {
  const id = useId();
  const [picked, setPicked] = useState<string | null>(null);
  const [where, setWhere] = useState<string | null>(null);
  const [typed, setTyped] = useState<number | null>(null);
  const [pending, run] = usePending();
  const fault = control.catalogue.find((one) => one.id === picked) ?? control.catalogue[0];
  const region =
    where ?? control.regions.find((one) => one.region.startsWith('eu-'))?.region ?? control.regions[0]?.region;
  const choose = (id: string): void => {
    setPicked(id);
    setTyped(null);
  };
  const minutes = typed ?? fault?.minutesAgo ?? 0;
  if (fault === undefined || region === undefined)
    return (
      <section class="card">
        <p class="dim">This platform has no faults to inject.</p>
      </section>
    );
  return (
    <section class="card" aria-label="Faults">
      <h3>Break something</h3>
      <Menu
        class="button select wide"
        kind="listbox"
        label={`Fault: ${fault.title}`}
        items={catalogueItems(control.catalogue, fault.id)}
        onPick={choose}
      >
        <span>{fault.title}</span>
        <Icon name="chevron" />
      </Menu>
      <p class="dim small-print">{fault.about}</p>
      <div class="fault-row">
        <label for={`${id}-region`}>in</label>
        <select
          id={`${id}-region`}
          class="field"
          value={region}
          onChange={(event) => setWhere(event.currentTarget.value)}
        >
          {control.regions.map((one) => (
            <option value={one.region}>{one.region}</option>
          ))}
        </select>
        <input
          id={`${id}-min`}
          class="field minutes"
          type="number"
          min={0}
          max={120}
          value={minutes}
          disabled={fault.minutesAgo === 0}
          onInput={(event) => setTyped(Number(event.currentTarget.value))}
        />
        <label for={`${id}-min`}>min ago</label>
        <button
          type="button"
          class={pending ? 'button primary pending' : 'button primary'}
          aria-busy={pending}
          onClick={() => run(() => send({ kind: 'inject', fault: fault.id, region, minutesAgo: minutes }))}
        >
          <Icon name="bolt" /> Inject
        </button>
      </div>
      {control.active.length > 0 && <h3>Broken now</h3>}
      <ul class="active-faults">
        {control.active.map((one) => (
          <Active
            key={`${one.id}/${one.region}`}
            fault={one}
            byHand={control.catalogue.find((entry) => entry.id === one.id)?.byHand ?? ''}
            send={send}
          />
        ))}
      </ul>
    </section>
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
