import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PageSnapshot } from '../slack/page-api.ts';
import { Blocks } from './blocks.tsx';
import { useSession } from './session.ts';
import { SurfaceContext, type Surface } from './surface.ts';

/** The bot's Home tab: asks the bot for it when it is opened, as Slack does. */
export function Home({ home }: { readonly home: PageSnapshot['home'] }): JSX.Element {
  const session = useSession();
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => {
    void session.act({ kind: 'openHome' });
  }, [session]);
  const surface = useMemo<Surface>(
    () => ({
      form: null,
      press: async (blockId, actionId, value) => {
        setTrouble(null);
        const result = await session.act({
          kind: 'pressInView',
          viewId: 'home',
          blockId,
          actionId,
          ...(value === undefined ? {} : { value }),
        });
        if (!result.ok && result.kind !== 'fields') setTrouble(result.error);
        return result;
      },
      suggest: async (blockId, actionId, typed) => {
        const result = await session.act({ kind: 'suggest', where: { viewId: 'home' }, blockId, actionId, typed });
        return result.ok ? (result.options ?? []) : [];
      },
    }),
    [session],
  );
  return (
    <div class="home" role="region" aria-label="Home of the bot">
      {home === null ? (
        <p class="empty">The bot has not published its Home tab yet.</p>
      ) : (
        <SurfaceContext.Provider value={surface}>
          <Blocks blocks={home.blocks} />
        </SurfaceContext.Provider>
      )}
      {trouble !== null && (
        <div class="trouble" role="alert">
          ⚠ {trouble}
        </div>
      )}
    </div>
  );
}
