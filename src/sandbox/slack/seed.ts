import { randomBytes } from 'node:crypto';
import type { AppSpec, Person, Seed } from './model.ts';

/** Ids that config/sandbox.yaml and tests name; they never change. */
export const ids = {
  team: 'T0SANDBOX',
  app: 'A0MLPBOT',
  bot: 'B0MLPBOT',
  channels: { platform: 'C0MLPLATFRM', staging: 'C0MLSTAGING', general: 'C0MLGENERAL' },
  groups: { oncall: 'S0MLONCALL', approvers: 'S0MLAPPROVE', leads: 'S0MLLEADS' },
  users: {
    bot: 'U0MLPBOT',
    slackbot: 'USLACKBOT',
    sana: 'U0SANAOKAFOR',
    kofi: 'U0KOFIMENSAH',
    mateo: 'U0MATEOCRUZ',
    linh: 'U0LINHTRAN',
    ada: 'U0ADAWINTER',
    tomas: 'U0TOMASLIND',
    noah: 'U0NOAHBERG',
    ria: 'U0RIAGUEST',
    paul: 'U0PAULGONE',
  },
} as const;

function person(
  id: string,
  name: string,
  realName: string,
  role: string,
  colour: string,
  more: Partial<Person> = {},
): Person {
  return {
    id,
    name,
    realName,
    role,
    colour,
    email: `${name}@sandbox.example`,
    kind: 'person',
    notify: 'mentions',
    ...more,
  };
}

const u = ids.users;

/** Invented people. On call hears of every new post in their channels; the others of mentions and direct messages. */
export const people: readonly Person[] = [
  person(u.sana, 'sana', 'Sana Okafor', 'on call', '#0b6e4f', { notify: 'first-posts' }),
  person(u.kofi, 'kofi', 'Kofi Mensah', 'on call, second', '#1f6feb'),
  person(u.mateo, 'mateo', 'Mateo Cruz', 'approver', '#8a3ffc'),
  person(u.linh, 'linh', 'Linh Tran', 'approver', '#b5541c'),
  person(u.ada, 'ada', 'Ada Winter', 'lead', '#9c1c6b'),
  person(u.tomas, 'tomas', 'Tomas Lind', 'lead', '#33658a'),
  person(u.noah, 'noah', 'Noah Berg', 'bystander', '#6b705c'),
  person(u.ria, 'ria', 'Ria Sol', 'guest', '#7d5a00', { kind: 'guest' }),
  person(u.paul, 'paul', 'Paul Frost', 'left the company', '#555555', { kind: 'deactivated' }),
  person(u.bot, 'mlp', 'mlp', 'the bot', '#14213d', { kind: 'bot' }),
  person(u.slackbot, 'slackbot', 'Slackbot', 'Slack itself', '#4a154b', { kind: 'bot' }),
];

const staff = [u.sana, u.kofi, u.mateo, u.linh, u.ada, u.tomas, u.noah];

/** The installed app. Its secrets are for tests; a sandbox that listens takes `seedWith` made ones. */
export const app: AppSpec = {
  appId: ids.app,
  botId: ids.bot,
  botUser: ids.users.bot,
  name: 'mlp',
  botToken: 'xoxb-sandbox-bot',
  appToken: 'xapp-sandbox-app',
  signingSecret: '5a4db0c5a4db0c5a4db0c5a4db0c5a4d',
  verificationToken: 'sandbox-verification',
  scopes: [
    'commands',
    'chat:write',
    'app_mentions:read',
    'channels:read',
    'channels:history',
    'channels:join',
    'groups:read',
    'groups:history',
    'im:read',
    'im:write',
    'im:history',
    'users:read',
    'users:read.email',
    'usergroups:read',
    'reactions:read',
    'reactions:write',
    'files:read',
    'files:write',
    'team:read',
  ],
  events: [
    'app_mention',
    'app_home_opened',
    'message.im',
    'message.channels',
    'member_joined_channel',
    'reaction_added',
    'subteam_members_changed',
  ],
  commands: [
    {
      command: '/mlp',
      description: 'Diagnose and fix the ML platform',
      usageHint:
        'diagnose <service> [region] | logs <service> [region] | scale <service> <region> 14 | status | temp | help',
      shouldEscape: true,
      words: [
        { word: 'diagnose', hint: '[service] [region]: look now, and say what is wrong' },
        { word: 'pods', hint: '[service] [region]: what is wrong first' },
        { word: 'events', hint: '[service] [region] [1h]: warnings first' },
        { word: 'top', hint: '[service | nodes] [region]: in % of request and limit' },
        { word: 'describe', hint: '<service or pod> [region]' },
        { word: 'logs', hint: '<service or pod> [region] [previous] [10m] [grep text]' },
        { word: 'changes', hint: '[service] [region] [1h]: what changed when and by whom' },
        { word: 'compare', hint: '<region> <region> <service>: what differs' },
        { word: 'watch', hint: '<service> [region] [30m] | off: speaks when it goes wrong' },
        { word: 'scale', hint: '<service> <region> <replicas>' },
        { word: 'restart', hint: '<service> <region>' },
        { word: 'rollback', hint: '<service> <region> [to <revision>]' },
        { word: 'bounds', hint: '<service> <region> min=… max=…: what its autoscaler may ask for' },
        { word: 'set', hint: '<service> <region> [cpu=4]: without a value a form opens' },
        { word: 'replace', hint: '<pod> <region>: another pod in its place' },
        { word: 'cordon', hint: '<node> <region>: no new pod there' },
        { word: 'uncordon', hint: '<node> <region>: it takes pods again' },
        { word: 'temp', hint: 'what was changed for a while and not taken back' },
        { word: 'status', hint: 'what is open, and who has it' },
        { word: 'show', hint: 'INC-1: one incident' },
        { word: 'runs', hint: 'what the bot is doing' },
        { word: 'why not', hint: '<remedy>: why a fix is not offered' },
        { word: 'stop', hint: 'INC-1 | all | off' },
        { word: 'undo', hint: 'INC-1: take the last change back' },
        { word: 'playbooks', hint: 'what the bot can recognise' },
        { word: 'help', hint: '[word]: how to ask' },
      ],
    },
  ],
  unfurlDomains: [],
  shortcuts: [
    {
      callbackId: 'diagnose_this',
      name: 'Diagnose this',
      kind: 'message',
      description: 'Look at what this message is about',
    },
    {
      callbackId: 'handle_incident',
      name: 'Handle this incident',
      kind: 'message',
      description: 'Severity, assign, snooze, status, note, resolve',
    },
  ],
};

export const seed: Seed = {
  team: { id: ids.team, name: 'Sandbox', domain: 'sandbox' },
  app,
  people,
  groups: [
    { id: ids.groups.oncall, handle: 'ml-oncall', name: 'ML on call', users: [u.sana, u.kofi] },
    { id: ids.groups.approvers, handle: 'ml-approvers', name: 'ML approvers', users: [u.mateo, u.linh] },
    { id: ids.groups.leads, handle: 'ml-leads', name: 'ML leads', users: [u.ada, u.tomas] },
  ],
  channels: [
    {
      id: ids.channels.platform,
      name: 'ml-platform',
      kind: 'channel',
      topic: 'Production of the ML platform, three regions',
      purpose: 'Alerts and incidents',
      members: [...staff, u.ria, u.bot],
      archived: false,
    },
    {
      id: ids.channels.staging,
      name: 'ml-platform-staging',
      kind: 'channel',
      topic: 'Staging. Nobody is woken for this',
      purpose: 'Staging alerts',
      members: [...staff, u.bot],
      archived: false,
    },
    {
      id: ids.channels.general,
      name: 'general',
      kind: 'channel',
      topic: '',
      purpose: 'Everybody',
      members: [...staff, u.ria],
      archived: false,
    },
  ],
};

export type Secrets = Pick<AppSpec, 'botToken' | 'appToken' | 'signingSecret'>;

/** Secrets that nobody knows; Slack's prefixes stay, since clients look at them. */
export function makeSecrets(): Secrets {
  const random = (): string => randomBytes(16).toString('hex');
  return { botToken: `xoxb-${random()}`, appToken: `xapp-${random()}`, signingSecret: random() };
}

export function seedWith(secrets: Secrets): Seed {
  return { ...seed, app: { ...app, ...secrets } };
}
