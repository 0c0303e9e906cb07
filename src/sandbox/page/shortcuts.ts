import { useEffect, useRef } from 'preact/hooks';
import { isTyping } from './keys.ts';

/** Keys that work anywhere: Ctrl/Cmd+K goes to a channel or person, `/` starts a command, Escape closes the thread. */
export function useShortcuts({ quick, escape }: { readonly quick: () => void; readonly escape: () => void }): void {
  const latest = useRef({ quick, escape });
  latest.current = { quick, escape };
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (document.querySelector('dialog[open]') !== null) return;
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        latest.current.quick();
      } else if (event.key === '/' && !isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        startCommand();
      } else if (
        event.key === 'Escape' &&
        !event.defaultPrevented &&
        document.querySelector(':popover-open') === null
      ) {
        latest.current.escape();
      }
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

/** Goes to the channel's composer with the slash already there, so that "/mlp" can be typed from anywhere. */
function startCommand(): void {
  const area = document.querySelector<HTMLTextAreaElement>('[data-composer="channel"]');
  if (area === null) return;
  area.focus();
  if (area.value !== '') return;
  area.value = '/';
  area.dispatchEvent(new InputEvent('input', { bubbles: true }));
}
