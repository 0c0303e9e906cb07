import { useEffect, useRef } from 'preact/hooks';
import { isTyping } from './keys.ts';

interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
}

/** Every key of the page, as the help under `?` lists them. */
export const shortcutList: readonly { readonly where: string; readonly keys: readonly Shortcut[] }[] = [
  {
    where: 'Anywhere',
    keys: [
      { keys: ['Ctrl K', '⌘ K'], does: 'Go to a channel or person, or become another person' },
      { keys: ['/'], does: 'Write a command' },
      { keys: ['F6', 'Shift F6'], does: 'Next part of the page, or the one before' },
      { keys: ['Esc'], does: 'Close the thread, a list or a window' },
      { keys: ['?'], does: 'Show these keys' },
    ],
  },
  {
    where: 'On a message',
    keys: [
      { keys: ['↑', '↓'], does: 'Message before, message after' },
      { keys: ['Home', 'End'], does: 'First message, newest message' },
      { keys: ['T'], does: 'Open its thread' },
      { keys: ['R'], does: 'Add a reaction' },
      { keys: ['Tab'], does: 'Its buttons, then the next message’s' },
    ],
  },
  {
    where: 'While writing',
    keys: [
      { keys: ['Enter'], does: 'Send' },
      { keys: ['Shift Enter'], does: 'New line' },
      { keys: ['↑', '↓'], does: 'Choose a completion' },
      { keys: ['Tab'], does: 'Take the completion' },
    ],
  },
];

interface Actions {
  readonly quick: () => void;
  readonly help: () => void;
  readonly escape: () => void;
}

/** Keys that work anywhere; see `shortcutList`. */
export function useShortcuts(actions: Actions): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (document.querySelector('dialog[open]') !== null) return;
      const done = globalKey(event, latest.current);
      if (done) event.preventDefault();
      else if (event.key === 'Escape' && !event.defaultPrevented && document.querySelector(':popover-open') === null)
        latest.current.escape();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

function globalKey(event: KeyboardEvent, { quick, help }: Actions): boolean {
  if (event.key === 'F6') return nextPart(event.shiftKey ? -1 : 1);
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() !== 'k') return false;
    quick();
    return true;
  }
  if (event.altKey || isTyping(event.target)) return false;
  if (event.key === '?') help();
  else if (event.key === '/') startCommand();
  else return false;
  return true;
}

/** Goes to a composer that is shown, with the slash already there, so that "/mlp" can be typed from anywhere. */
function startCommand(): void {
  const areas = [...document.querySelectorAll<HTMLTextAreaElement>('[data-composer]')];
  const area = areas.find((one) => one.checkVisibility());
  if (area === undefined) return;
  area.focus();
  if (area.value !== '') return;
  area.value = '/';
  area.dispatchEvent(new InputEvent('input', { bubbles: true }));
}

/** The parts of the page in the order in which they stand, each with what takes the focus in it. */
const parts: readonly (readonly [part: string, entries: readonly string[]])[] = [
  ['.top', ['button:not([disabled])']],
  ['.side', ['.room[aria-current]', '.room', 'button']],
  ['.centre', ['article[tabindex="0"]', 'textarea', 'button']],
  ['.thread', ['textarea']],
  ['.platform', ['.platform-body']],
];

export function goToPart(part: string): boolean {
  const entries = parts.find(([name]) => name === part)?.[1] ?? [];
  for (const entry of entries) {
    const found = [...document.querySelectorAll<HTMLElement>(`${part} ${entry}`)].find((one) => one.checkVisibility());
    if (found === undefined) continue;
    found.focus();
    return true;
  }
  return false;
}

function nextPart(step: 1 | -1): boolean {
  const now = parts.findIndex(([part]) => document.activeElement?.closest(part) !== null);
  const from = now < 0 ? (step > 0 ? -1 : 0) : now;
  for (let tries = 1; tries <= parts.length; tries += 1) {
    const [part] = parts[(from + step * tries + parts.length * 2) % parts.length] ?? [''];
    if (goToPart(part)) return true;
  }
  return false;
}
