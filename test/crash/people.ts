import type { Button } from '../../src/core/message.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import type { World } from './harness.ts';

/** What people in the channel do, as scripts that look at it after every step. */
export const { users } = ids;

export function find(world: World, does: Button['press']['does']): Button | undefined {
  return world.chat.buttons().find((one) => one.press.does === does);
}

/** Presses each new button of this kind once. */
export function presses(
  world: World,
  who: string,
  does: Button['press']['does'],
  options: { readonly reason?: string; readonly when?: () => boolean } = {},
): void {
  world.scripts.push(() => {
    const button = find(world, does);
    if (button !== undefined && (options.when?.() ?? true)) press(world, who, button, options.reason ?? null);
  });
}

export function press(world: World, who: string, button: Button, reason: string | null = null): string {
  const { does, proposal, digest } = button.press;
  const id = `press ${who} ${does} ${proposal ?? ''} ${digest ?? ''}`;
  world.deliver(id, (engine) =>
    engine.intake.take({
      is: 'pressed',
      id,
      press: button.press,
      by: who,
      channel: ids.channels.platform,
      messageTs: '1.1',
      threadTs: null,
      reason,
      team: ids.team,
    }),
  );
  return id;
}

export function types(world: World, who: string, text: string, id: string = `command ${who} ${text}`): string {
  world.deliver(id, (engine) =>
    engine.intake.take({ is: 'command', id, text, by: who, channel: ids.channels.platform, team: ids.team }),
  );
  return id;
}
