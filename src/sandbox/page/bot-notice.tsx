import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { BotView } from '../control-api.ts';
import { useNow } from './live.ts';

interface NoticeProps {
  /** Null while the page does not know the process. */
  readonly bot: BotView | null;
  /** Whether the local Slack reaches the bot. */
  readonly connected: boolean;
}

const backShownMs = 8000;
const lost = 'Nothing is lost: it goes on where it was.';
const meanwhile = 'Until then buttons and commands get no answer.';

/** While the bot is away: what is going on, that nothing is lost, and when it is back; then for some seconds that it is. */
export function BotNotice({ bot, connected }: NoticeProps): JSX.Element | null {
  const now = useNow(500);
  const awayMs = useAway(connected);
  if (connected) {
    if (awayMs === null) return null;
    return <div class="warning well">✓ The bot is back after {seconds(awayMs)}. It goes on where it was.</div>;
  }
  return (
    <div class="warning">
      <span class="spinner" aria-hidden="true" />
      <span>
        <strong>{stateOf(bot)}</strong>
        {/* Not read out: it changes each second. */}
        <span aria-hidden="true">{whenOf(bot, now)}</span>{' '}
        {bot !== null && bot.restarts === 0 && bot.state !== 'down' ? '' : `${lost} `}
        {bot !== null && bot.complaint !== null ? 'Its last words stand in the platform panel. ' : ''}
        {meanwhile}
      </span>
    </div>
  );
}

/** How long it was away, for some seconds after it has come back; null otherwise, and after the first start. */
function useAway(connected: boolean): number | null {
  const wasThere = useRef(connected);
  const leftAt = useRef<number | null>(null);
  const [awayMs, setAwayMs] = useState<number | null>(null);
  useEffect(() => {
    if (!connected) {
      if (wasThere.current) leftAt.current = Date.now();
      setAwayMs(null);
      return undefined;
    }
    wasThere.current = true;
    if (leftAt.current === null) return undefined;
    setAwayMs(Date.now() - leftAt.current);
    leftAt.current = null;
    const timer = setTimeout(() => setAwayMs(null), backShownMs);
    return () => clearTimeout(timer);
  }, [connected]);
  return awayMs;
}

function stateOf(bot: BotView | null): string {
  if (bot === null) return 'The bot is not connected.';
  if (bot.state === 'down') return `The bot is down${bot.lastExit === null ? '' : ` (${bot.lastExit})`}.`;
  if (bot.state === 'starting') return bot.restarts === 0 ? 'The bot is starting.' : 'The bot is starting again.';
  return 'The bot runs, but is not connected to the chat.';
}

function whenOf(bot: BotView | null, now: number): string {
  if (bot === null) return '';
  if (bot.state === 'starting') return ` Back in a few seconds (${seconds(Math.max(0, now - bot.sinceMs))} so far).`;
  if (bot.againAtMs === null) return '';
  const waitMs = bot.againAtMs - now;
  return waitMs > 0 ? ` Starts again in ${seconds(waitMs)}.` : ' Starts again now.';
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1000))} s`;
}
