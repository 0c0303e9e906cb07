import { createServer } from 'node:http';
import bolt from '@slack/bolt';
import type { KnownBlock, ModalView } from '@slack/types';

/**
 * A bot for the tests of the page alone: it answers `/mlp <word>` with what a page must be able to show. It speaks the real protocol,
 * with Slack's own library.
 */
const { env } = process;
const app = new bolt.App({
  token: env['SLACK_BOT_TOKEN'] ?? '',
  appToken: env['SLACK_APP_TOKEN'] ?? '',
  socketMode: true,
  logLevel: bolt.LogLevel.ERROR,
  clientOptions: { slackApiUrl: env['SLACK_API_URL'] ?? '' },
});

const plain = (text: string) => ({ type: 'plain_text' as const, text });

function card(): KnownBlock[] {
  const at = Math.floor(Date.now() / 1000) - 26 * 60;
  return [
    {
      type: 'section',
      text: {
        type: 'mrkdwn',
        text: `:red_circle: *Stuck* since <!date^${at}^{time} ({ago})|then> \`v2.4.1\` &lt;b&gt;not bold&lt;/b&gt;\n> quoted\nby <@U0KOFIMENSAH>`,
      },
    },
    {
      type: 'actions',
      block_id: 'act',
      elements: [
        { type: 'button', action_id: 'quick', text: plain('Quick'), style: 'primary' },
        { type: 'button', action_id: 'slow', text: plain('Slow') },
        { type: 'button', action_id: 'silent', text: plain('Silent') },
        { type: 'button', action_id: 'vanishing', text: plain('Vanishing') },
        {
          type: 'button',
          action_id: 'careful',
          text: plain('Careful'),
          style: 'danger',
          confirm: {
            title: plain('Sure?'),
            text: plain('It pages a person.'),
            confirm: plain('Page'),
            deny: plain('No'),
          },
        },
        {
          type: 'static_select',
          action_id: 'choose',
          placeholder: plain('Compare with'),
          options: ['us-east-1', 'eu-west-1'].map((value) => ({ text: plain(value), value })),
        },
        { type: 'overflow', action_id: 'more', options: [{ text: plain('Timeline'), value: 'timeline' }] },
      ],
    },
  ];
}

const modal: ModalView = {
  type: 'modal',
  callback_id: 'why',
  title: plain('Break glass'),
  submit: plain('Do it now'),
  close: plain('Cancel'),
  blocks: [
    {
      type: 'input',
      block_id: 'reason',
      label: plain('Why now?'),
      element: { type: 'plain_text_input', action_id: 'text', multiline: true },
    },
    {
      type: 'input',
      block_id: 'who',
      optional: true,
      label: plain('Who knows?'),
      element: { type: 'users_select', action_id: 'user' },
    },
  ],
};

/** Longer than any window is wide, with its end as the part that counts. */
const longCommand = `docker buildx imagetools create --tag 111122223333.dkr.ecr.eu-west-1.amazonaws.com/${'model-'.repeat(20)}server:v2.4.1`;
const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADAgH/2V5sVwAAAABJRU5ErkJggg==';
const uploads = [
  { bytes: Buffer.from(onePixel, 'base64'), filename: 'p95.png', title: 'p95', alt_txt: 'p95 rises to 231 ms' },
  {
    bytes: Buffer.from(Array.from({ length: 40 }, (_, line) => `line ${line + 1} of the log`).join('\n')),
    filename: 'evidence.txt',
    title: 'Evidence',
  },
];

/** By its three steps: the library's own upload says `alt_text`, which the API does not know. */
async function share(channel: string): Promise<void> {
  for (const { bytes, title, ...about } of uploads) {
    const at = await app.client.files.getUploadURLExternal({ ...about, length: bytes.length });
    await fetch(at.upload_url ?? '', { method: 'POST', body: bytes });
    await app.client.files.completeUploadExternal({ files: [{ id: at.file_id ?? '', title }], channel_id: channel });
  }
}

app.command('/mlp', async ({ ack, command, client }) => {
  await ack();
  if (command.text === 'modal') await client.views.open({ trigger_id: command.trigger_id, view: modal });
  else if (command.text === 'code')
    await client.chat.postMessage({
      channel: command.channel_id,
      text: `By hand:\n\`\`\`${longCommand}\n  indented\`\`\``,
    });
  else if (command.text === 'files') await share(command.channel_id);
  else
    await client.chat.postMessage({ channel: command.channel_id, text: `Stuck, said ${command.text}`, blocks: card() });
});

app.action(/.*/, async ({ ack, action, body, client }) => {
  const id = 'action_id' in action ? action.action_id : '';
  if (id === 'silent') return;
  if (id === 'slow') await new Promise((resolve) => setTimeout(resolve, 1200));
  await ack();
  // As an approved proposal: the message has no buttons any more.
  if (id === 'vanishing' && body.type === 'block_actions' && body.message !== undefined && body.channel !== undefined)
    return void client.chat.update({
      channel: body.channel.id,
      ts: body.message.ts,
      text: 'Vanished',
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Vanished' } }],
    });
  const said = 'selected_option' in action ? ` ${action.selected_option?.value}` : '';
  if (body.channel?.id !== undefined)
    await client.chat.postEphemeral({ channel: body.channel.id, user: body.user.id, text: `Pressed ${id}${said}` });
});

app.view('why', async ({ ack, view, client, body }) => {
  const reason = view.state.values['reason']?.['text']?.value ?? '';
  if (reason.length < 10) return ack({ response_action: 'errors', errors: { reason: 'Say a little more.' } });
  await ack();
  await client.chat.postMessage({ channel: body.user.id, text: `Noted: ${reason}` });
});

app.shortcut('diagnose_this', async ({ ack, shortcut, client }) => {
  await ack();
  await client.views.open({ trigger_id: shortcut.trigger_id, view: { ...modal, title: plain('Diagnose') } });
});

app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({
    user_id: event.user,
    view: { type: 'home', blocks: [{ type: 'header', text: plain('What is open') }] },
  });
});

await app.start();
createServer((_, response) => response.end('ok')).listen(Number(env['PORT']), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
