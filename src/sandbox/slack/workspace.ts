import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import type {
  Channel,
  Group,
  Happening,
  Message,
  Notification,
  Person,
  Seed,
  StoredFile,
  ViewRecord,
} from './model.ts';

export type Draft = Pick<Message, 'channel' | 'user' | 'text'> &
  Partial<Omit<Message, 'channel' | 'user' | 'text' | 'ts'>>;

/** The workspace's memory: what is there, and what just happened. It knows nothing of HTTP or of who may do what. */
export class Workspace {
  readonly seed: Seed;
  readonly clock: Clock;
  readonly people = new Map<string, Person>();
  readonly groups = new Map<string, Group>();
  readonly channels = new Map<string, Channel>();
  readonly files = new Map<string, StoredFile>();
  readonly views = new Map<string, ViewRecord>();
  /** Open modals per user, the last on top. */
  readonly stacks = new Map<string, string[]>();
  readonly homes = new Map<string, ViewRecord>();
  readonly notifications: Notification[] = [];
  /** Of a thread, by `channel|threadTs`. */
  readonly followers = new Map<string, Set<string>>();
  /** `user|channel` or `user|channel|threadTs` to the newest ts read. */
  readonly read = new Map<string, string>();
  revision = 1;
  readonly #messages = new Map<string, Message[]>();
  readonly #listeners = new Set<(what: Happening) => void>();
  #lastTsMicros = 0;

  constructor(seed: Seed, clock: Clock) {
    this.seed = seed;
    this.clock = clock;
    for (const one of seed.people) this.people.set(one.id, { ...one });
    for (const one of seed.groups) this.groups.set(one.id, { ...one, users: [...one.users] });
    for (const one of seed.channels) {
      this.channels.set(one.id, { ...one, members: [...one.members], createdMs: clock.nowMs() });
      this.#messages.set(one.id, []);
    }
  }

  listen(listener: (what: Happening) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(what: Happening): void {
    this.revision += 1;
    for (const listener of this.#listeners) listener(what);
  }

  /** Unique and growing, whatever the clock does: it is the key of a message. */
  nextTs(): string {
    this.#lastTsMicros = Math.max(this.clock.nowMs() * 1000 + 100, this.#lastTsMicros + 100);
    const micros = this.#lastTsMicros;
    return `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, '0')}`;
  }

  /** New messages come after this one, though the clock may say otherwise. */
  continueAfter(ts: string): void {
    this.#lastTsMicros = Math.max(this.#lastTsMicros, Math.round(Number(ts) * 1_000_000));
  }

  newId(prefix: string): string {
    const alphabet = '0123456789ABCDEFGHJKLMNPQRSTVWXYZ';
    return prefix + [...randomBytes(10)].map((b) => alphabet[b % alphabet.length] ?? '0').join('');
  }

  post(draft: Draft): Message {
    const message: Message = {
      botId: null,
      blocks: [],
      attachments: [],
      metadata: null,
      files: [],
      threadTs: null,
      broadcast: false,
      onlyFor: null,
      subtype: null,
      username: null,
      editedTs: null,
      reactions: [],
      ...draft,
      ts: this.nextTs(),
    };
    this.messagesOf(draft.channel).push(message);
    // What one writes oneself is read.
    if (message.onlyFor === null) this.markRead(message.user, message.channel, message.ts, message.threadTs);
    this.tell({ kind: 'posted', message });
    return message;
  }

  edit(
    message: Message,
    change: Partial<Pick<Message, 'text' | 'blocks' | 'attachments' | 'metadata' | 'files'>>,
  ): void {
    const before = { ...message };
    Object.assign(message, change, { editedTs: this.nextTs() });
    this.tell({ kind: 'edited', message, before });
  }

  remove(message: Message): void {
    const list = this.messagesOf(message.channel);
    const at = list.indexOf(message);
    if (at >= 0) list.splice(at, 1);
    this.tell({ kind: 'deleted', message });
  }

  /** Everything in a channel, ephemerals included, in order of ts. */
  messagesOf(channel: string): Message[] {
    let list = this.#messages.get(channel);
    if (list === undefined) this.#messages.set(channel, (list = []));
    return list;
  }

  /** No ephemerals: Slack has no way to address them by ts. */
  find(channel: string, ts: string): Message | undefined {
    return this.messagesOf(channel).find((m) => m.ts === ts && m.onlyFor === null);
  }

  findAny(channel: string, ts: string): Message | undefined {
    return this.messagesOf(channel).find((m) => m.ts === ts);
  }

  replies(channel: string, threadTs: string): Message[] {
    return this.messagesOf(channel).filter((m) => m.threadTs === threadTs && m.ts !== threadTs && m.onlyFor === null);
  }

  /** The direct-message channel of two users, made when it is not there. */
  dm(a: string, b: string): Channel {
    for (const channel of this.channels.values()) {
      if (channel.kind === 'dm' && channel.members.includes(a) && channel.members.includes(b)) return channel;
    }
    const id = this.newId('D');
    const channel: Channel = {
      id,
      name: '',
      kind: 'dm',
      topic: '',
      purpose: '',
      members: [a, b],
      archived: false,
      createdMs: this.clock.nowMs(),
    };
    this.channels.set(id, channel);
    this.tell({ kind: 'other' });
    return channel;
  }

  groupsOf(user: string): Group[] {
    return [...this.groups.values()].filter((g) => g.users.includes(user));
  }

  setGroup(id: string, users: readonly string[]): void {
    const group = this.groups.get(id);
    if (group === undefined) throw new Error(`no user group ${id}`);
    const added = users.filter((one) => !group.users.includes(one));
    const removed = group.users.filter((one) => !users.includes(one));
    group.users = [...users];
    this.tell({ kind: 'group-changed', group: id, added, removed });
  }

  markRead(user: string, channel: string, ts: string, threadTs: string | null): void {
    const key = threadTs === null ? `${user}|${channel}` : `${user}|${channel}|${threadTs}`;
    if ((this.read.get(key) ?? '') < ts) this.read.set(key, ts);
  }

  lastRead(user: string, channel: string, threadTs: string | null): string {
    return this.read.get(threadTs === null ? `${user}|${channel}` : `${user}|${channel}|${threadTs}`) ?? '0';
  }

  person(id: string): Person {
    const found = this.people.get(id);
    if (found === undefined) throw new Error(`no user ${id} in this workspace`);
    return found;
  }
}
