import { type ComponentChildren, type JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

export interface MenuItem {
  readonly id: string;
  readonly label: ComponentChildren;
  /** For the filter and for typing the first letters. */
  readonly words: string;
  readonly hint?: ComponentChildren;
  readonly group?: string;
  readonly danger?: boolean;
  readonly chosen?: boolean;
}

interface MenuProps {
  readonly label: string;
  readonly children: ComponentChildren;
  readonly items: readonly MenuItem[];
  readonly kind: 'menu' | 'listbox';
  readonly onPick: (id: string) => void;
  readonly class?: string;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  /** As wide as the window allows, for items with long hints. */
  readonly wide?: boolean;
  /** More attributes of the button. */
  readonly data?: Readonly<Record<string, string>>;
  /** Told when it opens and what is typed into the filter, where the choices come from elsewhere. */
  readonly onTyped?: (typed: string) => void;
}

const filterFrom = 9;

/** A button with a list that opens in the top layer: the browser itself closes it on Escape or a press elsewhere. */
export function Menu(props: MenuProps): JSX.Element {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popup = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const close = (): void => {
    popup.current?.hidePopover();
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={props.class ?? 'button'}
        popovertarget={id}
        aria-haspopup={props.kind}
        aria-expanded={open}
        aria-label={props.label}
        aria-busy={props.busy === true}
        disabled={props.disabled}
        {...props.data}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          if (open) focusInside(popup.current);
          else popup.current?.showPopover();
        }}
      >
        {props.children}
      </button>
      <div
        ref={popup}
        id={id}
        popover="auto"
        class={props.wide === true ? 'popup wide-popup' : 'popup'}
        onBeforeToggle={(event) => {
          if (event.newState !== 'open') return;
          placeBeside(button.current, popup.current, props.wide === true ? wideWidthPx : usualWidthPx);
          setOpen(true);
          setTimeout(() => focusInside(popup.current));
        }}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {open && (
          <MenuList
            {...props}
            onPick={(picked) => {
              close();
              props.onPick(picked);
            }}
          />
        )}
      </div>
    </>
  );
}

/** The filter, or what is chosen, or the first. */
function focusInside(popup: HTMLElement | null): void {
  if (popup === null || popup.contains(document.activeElement)) return;
  const order = ['input', '[aria-selected="true"]', '[data-item]'];
  const first = order.map((one) => popup.querySelector<HTMLElement>(one)).find((one) => one !== null);
  first?.focus();
}

const usualWidthPx = 300;
const wideWidthPx = 480;

function placeBeside(button: HTMLElement | null, popup: HTMLElement | null, widthPx: number): void {
  if (button === null || popup === null) return;
  const box = button.getBoundingClientRect();
  const below = innerHeight - box.bottom;
  const up = below < 300 && box.top > below;
  popup.style.top = up ? 'auto' : `${box.bottom + 4}px`;
  popup.style.bottom = up ? `${innerHeight - box.top + 4}px` : 'auto';
  popup.style.left = `${Math.max(8, Math.min(box.left, innerWidth - widthPx - 8))}px`;
  popup.style.maxHeight = `${Math.max(160, (up ? box.top : below) - 16)}px`;
}

function MenuList({ items, kind, label, onPick, onTyped }: MenuProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState('');
  const filtered = onTyped !== undefined || items.length >= filterFrom;
  useEffect(() => onTyped?.(''), []);
  const shown =
    onTyped === undefined && typed !== ''
      ? items.filter((item) => item.words.toLowerCase().includes(typed.toLowerCase()))
      : items;
  return (
    <div ref={box} onKeyDown={(event) => box.current !== null && listKeys(event, box.current)}>
      {filtered && (
        <input
          class="field"
          type="search"
          placeholder="Type to find"
          aria-label={`${label}: find`}
          value={typed}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            onTyped?.(event.currentTarget.value);
          }}
        />
      )}
      <div role={kind} aria-label={label} data-items>
        {groupsOf(shown).map(({ group, items: inGroup }) => {
          const list = inGroup.map((item) => <Item key={item.id} item={item} kind={kind} onPick={onPick} />);
          if (group === undefined) return list;
          return (
            <div key={group} role="group" aria-label={group}>
              <div class="popup-group" aria-hidden="true">
                {group}
              </div>
              {list}
            </div>
          );
        })}
        {shown.length === 0 && <div class="popup-none">Nothing found</div>}
      </div>
    </div>
  );
}

interface Group {
  readonly group: string | undefined;
  readonly items: MenuItem[];
}

/** Neighbours of the same group together. */
function groupsOf(items: readonly MenuItem[]): readonly Group[] {
  const out: Group[] = [];
  for (const item of items) {
    const last = out.at(-1);
    if (last !== undefined && last.group === item.group) last.items.push(item);
    else out.push({ group: item.group, items: [item] });
  }
  return out;
}

function Item({
  item,
  kind,
  onPick,
}: {
  readonly item: MenuItem;
  readonly kind: 'menu' | 'listbox';
  readonly onPick: (id: string) => void;
}): JSX.Element {
  const role = kind === 'menu' ? 'menuitem' : 'option';
  const selected = kind === 'listbox' ? { 'aria-selected': item.chosen === true } : {};
  return (
    <button
      type="button"
      role={role}
      {...selected}
      tabIndex={-1}
      data-item
      data-words={item.words.toLowerCase()}
      class={item.danger === true ? 'item danger' : 'item'}
      onClick={() => onPick(item.id)}
    >
      <span>{item.label}</span>
      {item.hint !== undefined && <small>{item.hint}</small>}
    </button>
  );
}

function listKeys(event: KeyboardEvent, box: HTMLElement): void {
  const items = [...box.querySelectorAll<HTMLElement>('[data-item]')];
  const input = box.querySelector<HTMLInputElement>('input');
  const at = items.findIndex((item) => item === document.activeElement);
  if (event.key === 'Enter' && event.target === input) {
    event.preventDefault();
    items[0]?.click();
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    const to = at + (event.key === 'ArrowDown' ? 1 : -1);
    (to < 0 && input !== null ? input : items[(to + items.length) % items.length])?.focus();
  } else if ((event.key === 'Home' || event.key === 'End') && event.target !== input) {
    event.preventDefault();
    items.at(event.key === 'Home' ? 0 : -1)?.focus();
  } else if (input === null && event.key.length === 1 && /\S/.test(event.key)) {
    const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    after.find((item) => item.dataset['words']?.startsWith(event.key.toLowerCase()))?.focus();
  }
}
