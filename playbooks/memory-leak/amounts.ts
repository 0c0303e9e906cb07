/** Sizes and stretches of time as text: rounded to what they are good for. */

/** "620 MiB", "2.5 GiB". */
export function sized(mebi: number): string {
  return mebi < 1000
    ? `${mebi < 100 ? Math.round(mebi) : Math.round(mebi / 10) * 10} MiB`
    : `${Math.round(mebi / 102.4) / 10} GiB`;
}

/** "12.7 to 12.8 GiB". */
export function rangeText(least: number, most: number): string {
  const [a, b] = [sized(least), sized(most)];
  if (a === b) return a;
  return a.split(' ')[1] === b.split(' ')[1] ? `${a.split(' ')[0]} to ${b}` : `${a} to ${b}`;
}

/** A stretch of time that is known as a range. */
export interface Hours {
  readonly from: number;
  /** Null: never, by the flattest of the slopes. */
  readonly to: number | null;
}

/** "12 to 15 h", "about 12 h", "more than 12 h". */
export function hoursText({ from, to }: Hours): string {
  const one = (hours: number): string =>
    hours < 1
      ? `${Math.max(1, Math.round(hours * 60))} min`
      : hours < 48
        ? `${Math.round(hours)} h`
        : `${Math.round(hours / 24)} d`;
  if (to === null) return `${one(from)} or more`;
  const [a, b] = [one(from), one(to)];
  if (a === b) return `about ${a}`;
  return a.split(' ')[1] === b.split(' ')[1] ? `${a.split(' ')[0]} to ${b}` : `${a} to ${b}`;
}
