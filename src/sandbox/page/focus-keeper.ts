/**
 * Keeps the keyboard's place. What one pressed may vanish by the press (an approved proposal has no buttons, a fault taken away no row):
 * the browser then drops the focus to the page's top. Here it goes to the nearest thing around it that is still there, a message for
 * its buttons, or to where it was before a window was opened.
 */
interface Held {
  readonly element: HTMLElement;
  /** What is around it, inner to outer, that can take the focus. */
  readonly homes: readonly HTMLElement[];
}

const remembered = 6;
/** Where to go when all else has gone, in this order. */
const lastResorts = ['.thread .log', '.centre .log', '.home', '.platform-body', '.rooms .room'];

export function keepFocus(): () => void {
  let held: Held[] = [];
  const focused = (event: FocusEvent): void => {
    const { target } = event;
    if (!(target instanceof HTMLElement) || held.at(-1)?.element === target) return;
    held = [...held.slice(1 - remembered), { element: target, homes: homesOf(target) }];
  };
  const left = (event: FocusEvent): void => {
    const { target, relatedTarget } = event;
    if (relatedTarget !== null || !(target instanceof HTMLElement)) return;
    // Left on purpose, by a press beside it, and not because it went away: nothing to bring back.
    setTimeout(() => {
      if (isLost() && target.isConnected && target.checkVisibility()) held = [];
    });
  };
  const restore = (): void => {
    if (held.length === 0 || !isLost() || !document.hasFocus()) return;
    const candidates = held.toReversed().flatMap((one) => [one.element, ...one.homes]);
    if (!candidates.some(take)) lastResorts.some((one) => take(document.querySelector<HTMLElement>(one)));
  };
  // After the browser has drawn: a hidden element loses the focus only then.
  const observer = new MutationObserver(() => {
    if (held.length > 0 && isLostSoon()) requestAnimationFrame(() => setTimeout(restore));
  });
  document.addEventListener('focusin', focused);
  document.addEventListener('focusout', left);
  observer.observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['data-pane', 'data-thread', 'data-platform', 'disabled'],
  });
  return () => {
    document.removeEventListener('focusin', focused);
    document.removeEventListener('focusout', left);
    observer.disconnect();
  };
}

function homesOf(element: HTMLElement): readonly HTMLElement[] {
  const homes: HTMLElement[] = [];
  for (let at = element.parentElement; at !== null; at = at.parentElement) {
    if (at.hasAttribute('tabindex')) homes.push(at);
    // A message that is taken away leaves the one before it.
    if (at.matches('article')) homes.push(...siblingsOf(at));
  }
  return homes;
}

function siblingsOf(article: HTMLElement): readonly HTMLElement[] {
  return [article.previousElementSibling, article.nextElementSibling].filter(
    (one) => one instanceof HTMLElement && one.matches('article'),
  );
}

function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function isLostSoon(): boolean {
  return isLost() || document.activeElement?.checkVisibility() === false;
}

function take(element: HTMLElement | null): boolean {
  if (element === null || !element.isConnected || !element.checkVisibility()) return false;
  element.focus({ preventScroll: true });
  if (document.activeElement !== element) return false;
  element.scrollIntoView({ block: 'nearest' });
  return true;
}
