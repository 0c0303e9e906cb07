import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { METHODS } from './client.ts';
import type { Ears } from './ears.ts';
import { listen } from './listen.ts';

/** manifest.yml asks for exactly what the code uses. Limits: github.com/slackapi/manifest-schema. */

const here = new URL('.', import.meta.url);
const address = z.url({ protocol: /^https?$/ });
const manifestSchema = z.strictObject({
  _metadata: z.strictObject({ major_version: z.union([z.literal(1), z.literal(2)]) }),
  display_information: z.strictObject({
    name: z.string().max(35),
    description: z.string().max(140),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/i),
    long_description: z.string().min(175).max(4_000).optional(),
  }),
  features: z.strictObject({
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    bot_user: z.strictObject({ display_name: z.string().min(1).max(80), always_online: z.boolean() }),
    shortcuts: z.array(
      z.strictObject({
        name: z.string().max(24),
        type: z.enum(['message', 'global']),
        callback_id: z.string().max(255),
        description: z.string().max(150),
      }),
    ),
    slash_commands: z.array(
      z.strictObject({
        command: z.string().max(32).regex(/^\//),
        description: z.string().max(2_000),
        usage_hint: z.string().max(1_000),
        should_escape: z.boolean(),
        url: address.optional(),
      }),
    ),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()).max(255) }) }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ bot_events: z.array(z.string()).max(100), request_url: address.optional() }),
    interactivity: z.strictObject({ is_enabled: z.boolean(), request_url: address.optional() }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
});

const text = readFileSync(new URL('../../../manifest.yml', here), 'utf8');
const manifest = manifestSchema.parse(parse(text));

/** What the code listens to, told by the very function that registers it. */
const heard = { commands: [] as string[], shortcuts: [] as string[], events: [] as string[] };
listen(
  {
    command: (name: unknown) => void heard.commands.push(String(name)),
    shortcut: (where: unknown) => void heard.shortcuts.push((where as { readonly callback_id: string }).callback_id),
    event: (name: unknown) => void heard.events.push(String(name)),
    action: () => {},
    view: () => {},
    error: () => {},
  } as Parameters<typeof listen>[0],
  {} as Ears,
);

const EVENT_SCOPES: Readonly<Record<string, readonly string[]>> = {
  app_mention: ['app_mentions:read'],
  app_home_opened: [],
};

const sources = readdirSync(here)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(new URL(name, here), 'utf8') }));

test('commands, shortcuts and events are those that the code listens to', () => {
  expect(manifest.features.slash_commands.map((it) => it.command).sort()).toEqual(heard.commands.sort());
  expect(manifest.features.shortcuts.map((it) => it.callback_id).sort()).toEqual(heard.shortcuts.sort());
  expect(manifest.features.shortcuts.map((it) => it.type)).toEqual(['message', 'message']);
  expect(manifest.settings.event_subscriptions.bot_events.toSorted()).toEqual(heard.events.sort());
  expect(manifest.settings.interactivity.is_enabled).toBe(true);
});

test('scopes are those of the methods, events and commands in use', () => {
  const unknown = heard.events.filter((name) => EVENT_SCOPES[name] === undefined);
  expect(unknown, 'say in this test which scope the event needs').toEqual([]);
  const wanted = new Set([
    ...Object.values(METHODS).flat(),
    ...heard.events.flatMap((name) => EVENT_SCOPES[name] ?? []),
    'commands',
  ]);
  expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual([...wanted].sort());
});

test('every listed method is called, and none past the list', () => {
  const others = sources.filter((it) => it.name !== 'client.ts');
  for (const method of Object.keys(METHODS)) {
    expect(
      others.filter((it) => it.text.includes(`'${method}'`)).length,
      `${method} is listed but never called`,
    ).toBeGreaterThan(0);
  }
  // Only client.ts holds a Slack client; listeners do not use Bolt's.
  const past = /new WebClient|\.apiCall\(|\bclient\.(?:chat|views|users|conversations)\b|\bsay\(\{/;
  expect(others.filter((it) => past.test(it.text)).map((it) => it.name)).toEqual([]);
});

test('HTTP mode: with its three lines put in it is a manifest too', () => {
  const http = text
    .replaceAll(/# ((?:request_)?url: \S+)\s+# HTTP mode/g, '$1')
    .replace('socket_mode_enabled: true', 'socket_mode_enabled: false');
  const parsed = manifestSchema.parse(parse(http));
  const urls = [
    parsed.features.slash_commands[0]?.url,
    parsed.settings.event_subscriptions.request_url,
    parsed.settings.interactivity.request_url,
  ];
  expect(urls).toEqual(Array(3).fill('https://mlp-bot.example.com/slack/events'));
});
