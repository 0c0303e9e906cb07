/** What a workspace holds. Names follow Slack's wire format only where the value goes out unchanged. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly email: string;
  readonly role: string;
  readonly colour: string;
  kind: 'person' | 'guest' | 'bot' | 'deactivated';
  /** When the phone rings. Mentions and direct messages always do. */
  readonly notify: 'mentions' | 'first-posts';
}

export interface Group {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  users: string[];
}

export interface Channel {
  readonly id: string;
  name: string;
  readonly kind: 'channel' | 'private' | 'dm';
  topic: string;
  readonly purpose: string;
  members: string[];
  archived: boolean;
  readonly createdMs: number;
}

/** A JSON object, as blocks, metadata and payloads are. */
export interface Json {
  readonly [key: string]: unknown;
}

export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  /** Set when an app posted it. */
  readonly botId: string | null;
  text: string;
  blocks: readonly Json[];
  attachments: readonly Json[];
  metadata: Json | null;
  files: readonly string[];
  readonly threadTs: string | null;
  readonly broadcast: boolean;
  /** Ephemerals belong to one user and are in no history. */
  readonly onlyFor: string | null;
  readonly subtype: string | null;
  readonly username: string | null;
  editedTs: string | null;
  reactions: { name: string; users: string[] }[];
}

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  title: string;
  readonly altText: string;
  readonly length: number;
  readonly user: string;
  readonly createdMs: number;
  mimetype: string;
  bytes: Buffer | null;
  completed: boolean;
  shares: { channel: string; ts: string; threadTs: string | null }[];
}

export interface ViewRecord {
  readonly id: string;
  readonly user: string;
  readonly type: 'modal' | 'home';
  /** As the bot sent it. */
  body: Json;
  /** The blocks with block and action ids filled in. */
  blocks: readonly Json[];
  hash: string;
  readonly rootId: string;
  readonly previousId: string | null;
  errors: Record<string, string>;
  trouble: boolean;
}

export interface Notification {
  readonly id: string;
  readonly atMs: number;
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  readonly from: string;
  readonly title: string;
  readonly body: string;
  readonly why: 'mention' | 'direct' | 'channel' | 'thread';
}

/** What happened, told to whoever watches: event delivery, notifications, the page. */
export type Happening =
  | { readonly kind: 'posted'; readonly message: Message }
  | { readonly kind: 'edited'; readonly message: Message; readonly before: Message }
  | { readonly kind: 'deleted'; readonly message: Message }
  | {
      readonly kind: 'reacted';
      readonly message: Message;
      readonly user: string;
      readonly name: string;
      readonly added: boolean;
    }
  | { readonly kind: 'joined'; readonly channel: string; readonly user: string }
  | { readonly kind: 'file-shared'; readonly file: string; readonly channel: string; readonly user: string }
  | {
      readonly kind: 'group-changed';
      readonly group: string;
      readonly added: readonly string[];
      readonly removed: readonly string[];
    }
  | { readonly kind: 'home-opened'; readonly user: string; readonly channel: string }
  | { readonly kind: 'other' };

export interface CommandSpec {
  readonly command: string;
  readonly description: string;
  readonly usageHint: string;
  readonly shouldEscape: boolean;
  readonly words: readonly { readonly word: string; readonly hint: string }[];
}

export interface ShortcutSpec {
  readonly callbackId: string;
  readonly name: string;
  readonly kind: 'message' | 'global';
  readonly description: string;
}

/** The app as its manifest would install it. */
export interface AppSpec {
  readonly appId: string;
  readonly botId: string;
  readonly botUser: string;
  readonly name: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** The legacy verification token that payloads still carry. */
  readonly verificationToken: string;
  readonly scopes: readonly string[];
  readonly events: readonly string[];
  readonly commands: readonly CommandSpec[];
  readonly shortcuts: readonly ShortcutSpec[];
  /** Links to these hosts (and below) are told to the app as `link_shared`. */
  readonly unfurlDomains: readonly string[];
}

export interface Seed {
  readonly team: { readonly id: string; readonly name: string; readonly domain: string };
  readonly app: AppSpec;
  readonly people: readonly Person[];
  readonly groups: readonly Group[];
  readonly channels: readonly Omit<Channel, 'createdMs'>[];
}
