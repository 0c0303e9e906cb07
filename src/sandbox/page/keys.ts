/** Arrow keys, Home and End move between the children marked `data-item`. */
export function moveByArrows(
  event: KeyboardEvent,
  box: HTMLElement,
  ways: 'vertical' | 'horizontal' = 'vertical',
): void {
  // A menu inside has its own arrow keys.
  if (event.defaultPrevented) return;
  const items = [...box.querySelectorAll<HTMLElement>('[data-item]:not([disabled])')].filter(
    (item) => item.closest('[data-items]') === box,
  );
  const at = items.findIndex((item) => item === document.activeElement);
  const [back, forth] = ways === 'vertical' ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight'];
  const last = items.length - 1;
  const to =
    event.key === forth
      ? Math.min(at + 1, last)
      : event.key === back
        ? at < 0
          ? last
          : Math.max(at - 1, 0)
        : event.key === 'Home'
          ? 0
          : event.key === 'End'
            ? last
            : null;
  if (to === null || isTyping(event.target)) return;
  event.preventDefault();
  items[to]?.focus();
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
