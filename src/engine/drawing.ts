import { Buffer } from 'node:buffer';
import type { Attachment, Message } from '../core/message.ts';
import { within } from './facts.ts';
import type { Parts } from './parts.ts';

/**
 * Charts become files before they are sent. Each is drawn beside what is being published: nobody waits for a picture. One that cannot be
 * drawn is logged, and the message goes without it, since its words say the same.
 */
const KEPT = 64;

export class Drawing {
  readonly #parts: Pick<Parts, 'draw' | 'clock' | 'log'>;
  readonly #made = new Map<string, readonly Attachment[] | null>();

  constructor(parts: Pick<Parts, 'draw' | 'clock' | 'log'>) {
    this.#parts = parts;
  }

  /** The message as it can be sent; null: it is being drawn, ask again. */
  ready(key: string, message: Message): Message | null {
    const { charts = [], ...rest } = message;
    if (charts.length === 0) return message;
    const known = this.#made.get(key);
    if (known === undefined) {
      const oldest = this.#made.keys().next().value;
      // What was drawn for a message that is not sent after all must not stay.
      if (this.#made.size >= KEPT && oldest !== undefined) this.#made.delete(oldest);
      this.#made.set(key, null);
      void this.#draw(message).then((files) => this.#made.set(key, files));
      return null;
    }
    return known === null ? null : { ...rest, files: [...(rest.files ?? []), ...known] };
  }

  /** It was sent: what was drawn for it is not needed any more. */
  forget(key: string): void {
    this.#made.delete(key);
  }

  /** Never throws. */
  async #draw({ charts = [] }: Message): Promise<readonly Attachment[]> {
    const { draw, clock, log } = this.#parts;
    if (draw === undefined) return [];
    const files: Attachment[] = [];
    for (const { name, chart } of charts) {
      const drawn = await within(
        clock,
        // What it throws at once counts as well.
        Promise.resolve()
          .then(() => draw(chart))
          .then((png) => Buffer.from(png).toString('base64')),
      );
      if (drawn.known)
        files.push({
          name,
          title: chart.title,
          mime: 'image/png',
          content: { base64: drawn.value },
          altText: chart.says.slice(0, 1_000),
        });
      else log('warn', 'a chart could not be drawn: its words stand', { name, err: drawn.why });
    }
    return files;
  }
}
