import type { JSX } from 'preact';
import type { BotView } from '../control-api.ts';
import { duration, relative } from './dates.ts';
import { Fence } from './fence.tsx';
import { Icon } from './icons.tsx';
import { useNow } from './live.ts';
import type { Control } from './platform.tsx';
import { usePending } from './surface.ts';

const words = { starting: 'Starting', ready: 'Running', 'not ready': 'Running, not ready', down: 'Down' } as const;

/** The bot's process, and the button that takes its power away. */
export function BotCard({ bot, send }: { readonly bot: BotView; readonly send: Control }): JSX.Element {
  const now = useNow(1000);
  const [pending, run] = usePending();
  const again = bot.againAtMs === null ? null : Math.max(0, Math.ceil((bot.againAtMs - now) / 1000));
  return (
    <section class="card bot-card" aria-label="The bot's process">
      <div class="bot-line">
        <span class={`lamp ${bot.state.replace(' ', '-')}`} aria-hidden="true" />
        <div>
          <strong role="status">mlp-bot: {words[bot.state].toLowerCase()}</strong>
          <p class="dim">
            {bot.state === 'down'
              ? `${relative(bot.sinceMs, now)}${again === null ? '' : ` · again in ${again} s`}`
              : `for ${duration(now - bot.sinceMs)}`}
          </p>
        </div>
        <button
          type="button"
          class={pending ? 'button danger small pending' : 'button danger small'}
          aria-disabled={bot.pid === null}
          onClick={() => bot.pid !== null && run(() => send({ kind: 'kill' }))}
        >
          <Icon name="power" /> Kill the bot
        </button>
      </div>
      <p class="dim small-print">
        {bot.pid !== null && `Process ${bot.pid}. `}
        {bot.restarts === 0
          ? 'Never restarted.'
          : `Restarted ${bot.restarts} ${bot.restarts === 1 ? 'time' : 'times'}.`}
        {bot.lastExit !== null && ` Last end: ${bot.lastExit}.`} The button sends SIGKILL; a run goes on where it was.
      </p>
      {bot.complaint !== null && (
        <div role="group" aria-label="What the bot said last">
          <Fence text={bot.complaint} />
        </div>
      )}
    </section>
  );
}
