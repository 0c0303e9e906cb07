import { whyOf } from '../../core/failure.ts';
import type { Message } from '../../core/message.ts';
import type { Log } from '../../core/ports/log.ts';
import type { Files } from './files.ts';
import type { Rest } from './format.ts';
import type { NamedPeople } from './people.ts';
import { bytesOf } from './upload.ts';
import type { Place } from './upload.ts';
import { wholeOf } from './whole.ts';

/** What stands in files below a message. The message is said whatever becomes of them. */
export interface Beside {
  /** All of a message that is too long, as one file in its thread. Where is the rest? */
  readonly overflow: (below: Place, message: Message, key: string) => Promise<Rest>;
  /** The files that come with a message. */
  readonly attach: (below: Place, message: Message) => Promise<void>;
}

export function besideIn({
  files,
  people,
  log,
}: {
  readonly files: Files;
  readonly people: NamedPeople;
  readonly log: Log;
}): Beside {
  return {
    // One that is there is kept: edits would make a row of them.
    async overflow(below, message, key) {
      const file = wholeOf(message, key, await people.names(message));
      try {
        const size = await files.there(below, file.name);
        if (size === null) await files.share(below, file);
        return size === null || size === bytesOf(file).length ? 'in thread' : 'in thread, as it was';
      } catch (error) {
        log('error', 'A long message could not be put into a file', { key, why: whyOf(error) });
        return 'left out';
      }
    },
    async attach(below, message) {
      for (const file of message.files ?? []) {
        try {
          await files.share(below, file);
        } catch (error) {
          log('error', 'A file could not be shared', { name: file.name, why: whyOf(error) });
        }
      }
    },
  };
}
