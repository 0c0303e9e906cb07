import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from './clock.ts';
import type { Channel, Message, Notification, StoredFile, ViewRecord } from './model.ts';
import type { Workspace } from './workspace.ts';

const version = 1;
const settleMs = 500;

interface Kept {
  readonly version: typeof version;
  readonly channels: readonly Channel[];
  readonly messages: Readonly<Record<string, readonly Message[]>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly homes: readonly ViewRecord[];
  readonly files: readonly (Omit<StoredFile, 'bytes'> & { readonly bytes: string | null })[];
  readonly notifications: readonly Notification[];
  readonly read: readonly (readonly [string, string])[];
  readonly followers: readonly (readonly [string, readonly string[]])[];
}

function take(ws: Workspace): Kept {
  const channels = [...ws.channels.values()];
  return {
    version,
    channels,
    // Ephemerals do not outlive a reload of the client either.
    messages: Object.fromEntries(
      channels.map(({ id }) => [id, ws.messagesOf(id).filter((one) => one.onlyFor === null)]),
    ),
    groups: Object.fromEntries([...ws.groups.values()].map(({ id, users }) => [id, users])),
    homes: [...ws.homes.values()],
    files: [...ws.files.values()].map((one) => ({ ...one, bytes: one.bytes?.toString('base64') ?? null })),
    notifications: ws.notifications,
    read: [...ws.read],
    followers: [...ws.followers].map(([key, users]) => [key, [...users]] as const),
  };
}

function put(ws: Workspace, kept: Kept): void {
  for (const channel of kept.channels) ws.channels.set(channel.id, channel);
  for (const [id, messages] of Object.entries(kept.messages)) {
    ws.messagesOf(id).push(...messages);
    ws.continueAfter(messages.at(-1)?.ts ?? '0.0');
  }
  for (const [id, users] of Object.entries(kept.groups)) {
    const group = ws.groups.get(id);
    if (group !== undefined) group.users = [...users];
  }
  for (const home of kept.homes) ws.homes.set(home.user, home);
  for (const file of kept.files)
    ws.files.set(file.id, { ...file, bytes: file.bytes === null ? null : Buffer.from(file.bytes, 'base64') });
  ws.notifications.push(...kept.notifications);
  for (const [key, ts] of kept.read) ws.read.set(key, ts);
  for (const [key, users] of kept.followers) ws.followers.set(key, new Set(users));
}

/** A file that cannot be read as what we wrote is left where it is, under another name, and the workspace starts empty. */
function load(file: string): Kept | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  try {
    const kept = JSON.parse(text) as Kept;
    if (kept.version === version) return kept;
  } catch {
    // Said below: it is set aside.
  }
  renameSync(file, `${file}.unreadable`);
  return null;
}

/** Loads the workspace from a file and keeps the file up to date. The answer writes a last time and stops. */
export function keepIn(file: string, ws: Workspace, clock: Clock): () => void {
  const kept = load(file);
  if (kept !== null) put(ws, kept);
  mkdirSync(dirname(file), { recursive: true });
  let cancel: (() => void) | null = null;
  let stopped = false;
  const write = (): void => {
    cancel = null;
    try {
      // Written beside and moved over, so that a crash leaves the old or the new one.
      writeFileSync(`${file}.new`, JSON.stringify(take(ws)), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      // A full disk costs the memory of this sandbox, not the sandbox.
      process.emitWarning(
        `The local Slack could not write ${file}: ${error instanceof Error ? error.message : 'unknown'}`,
      );
    }
  };
  const stop = ws.listen(() => {
    cancel ??= clock.after(settleMs, write);
  });
  return () => {
    if (stopped) return;
    stopped = true;
    stop();
    cancel?.();
    write();
  };
}
