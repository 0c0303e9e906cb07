let last: Promise<unknown> = Promise.resolve();

/**
 * Runs what works a large answer through when nothing else of its kind runs, and lets the event loop go round before the next: pages of
 * several clusters that arrive in the same moment would otherwise be worked through one after the other without a break.
 */
export function inTurn<T>(work: () => T): Promise<T> {
  const mine = last.then(nextRound).then(work);
  last = mine.catch(() => undefined);
  return mine;
}

/** Two rounds of the loop: what was waiting when the first began, I/O and timers, is served before the second. */
function nextRound(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
