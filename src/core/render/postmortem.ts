import type { Playbook } from '../contract.ts';
import { MOST_TRIES, draftName, isReal } from '../incident/memory.ts';
import { changeName, endWord } from '../incident/proposal.ts';
import type { Incident } from '../incident/state.ts';
import type { Desired, Message } from '../message.ts';
import { redact } from '../redact.ts';
import { bold, code, plain, say } from '../words.ts';
import type { Span, Words } from '../words.ts';
import { beganAt, hadTrouble, howOver, leftToDo, overAt, usersLine } from './closed.ts';
import { timelineRows } from './help.ts';
import { refusedNames } from '../refusing.ts';
import { leftBehind, sourcesToDo } from './left.ts';
import { nameOf, whoIs } from './phase.ts';
import type { View } from './phase.ts';
import { priorityAtWorst } from './priority.ts';
import { cut, duration } from './small.ts';
import { stormTitle } from './storm.ts';

/** The draft of a post-mortem: what the bot knows, in Markdown; what only people know is left open and named. */

type About = Pick<View, 'incident' | 'playbooks'>;

export function postmortem({ incident, playbooks }: About): string {
  const { number, closed } = incident;
  const names = namesOf(incident);
  const said = (words: Words): string => markdown(words, names);
  const bullets = (all: readonly Words[], none: string): readonly string[] =>
    all.length === 0 ? [none] : all.map((one) => `- ${said(one)}`);
  const text = [
    `# INC-${number ?? 0}: ${escaped(titleOf(incident))}`,
    '',
    `_A draft that mlp-bot made from what it saw and recorded${closed === null ? '' : `, ${moment(closed.at)}`}. All times are UTC._`,
    ...section('Impact', bullets(impact(incident, playbooks), '')),
    ...section('Cause', bullets(causes(incident), 'A cause was never found.')),
    ...section(
      'Timeline',
      timelineRows(incident).map((one) => `- ${moment(one.at)}: ${said(one.words)}`),
    ),
    ...section('Evidence', evidence(incident, said)),
    ...section('Decisions', bullets(decisions(incident), 'Nothing was proposed.')),
    ...section('Refused, or not done', bullets(refused(incident), 'Nothing.')),
    ...section('People called', bullets(called(incident), 'Nobody.')),
    ...section('Not known', bullets(unknowns(incident), 'Nothing that the bot knows of.')),
    ...section('Left to do', bullets(open(incident), 'Nothing that the bot knows of.')),
    ...section('For people to write', [
      '- Why it could happen, and why it was not noticed earlier:',
      '- What went well, what did not:',
      '- Follow-ups, each with an owner and a date:',
    ]),
    '',
  ].join('\n');
  return redact(text);
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return ['', `## ${title}`, '', ...lines];
}

function titleOf(incident: Incident): string {
  if (incident.storm !== null) return stormTitle(incident);
  const first = hadTrouble(incident)[0];
  const short = first?.causes[0]?.short ?? first?.first?.short;
  return short === undefined ? nameOf(incident) : `${nameOf(incident)}: ${short}`;
}

function impact(incident: Incident, playbooks: readonly Playbook[]): readonly Words[] {
  const regions = hadTrouble(incident).map((one) => one.region);
  const began = beganAt(incident);
  const over = overAt(incident);
  const took = began === null || over === null ? null : duration(Math.max(0, Date.parse(over) - Date.parse(began)));
  const playbook = playbooks.find((one) => one.id === incident.subject.playbook)?.title;
  return [
    usersLine(incident),
    say`*Severity:* ${priorityAtWorst(incident)}`,
    say`*Regions:* ${regions.length === 0 ? 'none' : regions.join(', ')}`,
    say`*Began:* ${began === null ? 'not known' : moment(began)} · *over:* ${over === null ? 'not known' : moment(over)}${took === null ? '' : ` · ${took}`}`,
    say`*Ended by:* ${howOver(incident)}`,
    ...(playbook === undefined ? [] : [say`*Playbook:* ${playbook}`]),
  ];
}

function causes(incident: Incident): readonly Words[] {
  const found = hadTrouble(incident).flatMap(({ region, causes: all, change }) => [
    ...all.map((one) => say`${region}: ${one.found}`),
    ...(change === null ? [] : [say`${region}, what had changed before: ${change}`]),
  ]);
  const judged = incident.judged.map(({ who, right, said }) =>
    right
      ? say`${whoIs(who)}: the cause named here was right`
      : say`${whoIs(who)}: the cause named here was wrong${said === undefined ? '' : `: ${said}`}`,
  );
  return [...found, ...judged];
}

function evidence(incident: Incident, said: (words: Words) => string): readonly string[] {
  const out = hadTrouble(incident).flatMap(({ region, causes: all, first }) =>
    (all.length > 0 ? all : first === null ? [] : [first]).flatMap(({ found, quotes, byHand }) => [
      `- ${escaped(region)}: ${said(found)}`,
      ...quotes.slice(0, 3).map((one) => `  - ${coded(cut(one, 500))}`),
      ...(byHand === '' ? [] : [`  - By hand: ${coded(byHand)}`]),
    ]),
  );
  return out.length === 0 ? ['None.'] : out;
}

function decisions({ proposals }: Incident): readonly Words[] {
  return proposals.map((one) => {
    const votes = one.votes.map((vote) =>
      vote.reason === null || vote.by === 'mlp-bot'
        ? say`; approved by ${whoIs(vote.by)}, ${moment(vote.at)}`
        : say`; approved by ${whoIs(vote.by)} alone (glass broken: ${vote.reason}), ${moment(vote.at)}`,
    );
    const acted = one.actedAt === null ? '' : `; written ${moment(one.actedAt)}`;
    const end =
      one.ended === null ? '; not ended' : `; ${endWord(one.ended)} ${moment(one.ended.at)}: ${one.ended.because}`;
    return say`${bold(changeName(one))} (risk ${one.offer.risk}): ${one.offer.says}${votes.flat()}${acted}${end}`;
  });
}

function refused(incident: Incident): readonly Words[] {
  const nos = [...Object.values(incident.diagnoses), ...Object.values(incident.worst)].flatMap((one) =>
    one.notOffered.map((no) => `${one.region}: ${no.remedy} was not offered: ${no.because}`),
  );
  const later = incident.notOffered.map((no) => `${no.region}: ${no.remedy} was not offered: ${no.because}`);
  const kept = hadTrouble(incident)
    .flatMap(({ causes: all }) => all)
    .flatMap(({ refuse }) => (refuse === null ? [] : [say`${refusedNames(refuse)}: ${refuse.because}`]));
  const ended = incident.proposals.flatMap((one) =>
    one.actedAt !== null || one.ended === null
      ? []
      : [
          say`${changeName(one)}: ${endWord(one.ended)}${one.ended.by === null ? null : say` by ${whoIs(one.ended.by)}`}: ${one.ended.because}`,
        ],
  );
  return [...ended, ...kept, ...[...new Set([...nos, ...later])].map((one) => say`${one}`)];
}

function called({ pages, calls }: Incident): readonly Words[] {
  return [
    ...calls.map(({ at, by, why }) => say`${moment(at)}: ${whoIs(by)} asked for a person: ${why}`),
    ...pages.map(({ at, why, ackedBy, outcome }) => {
      const ack = ackedBy === null ? '' : `; acknowledged by ${ackedBy}`;
      return say`${moment(at)}: ${why}${outcome.is === 'accepted' ? ack : ' (it was not taken)'}`;
    }),
  ];
}

function unknowns(incident: Incident): readonly Words[] {
  const asked = hadTrouble(incident)
    .flatMap(({ causes: all, first }) => (all.length > 0 ? all : first === null ? [] : [first]))
    .flatMap(({ notKnown }) => (notKnown === null ? [] : [notKnown]));
  const unseen = incident.unseen.map(
    ({ region, from, to }) => say`what happened in ${region} from ${moment(from)} to ${moment(to)}: it gave no answer`,
  );
  const unread = Object.values(incident.worst)
    .filter((one) => one.unread.length > 0)
    .map((one) => say`${one.region}: ${one.unread.length} of ${one.asked} readings had no answer`);
  return [...asked, ...unseen, ...unread];
}

function open(incident: Incident): readonly Words[] {
  const behind = leftBehind(incident);
  return [...leftToDo(incident), ...sourcesToDo(incident), ...(behind === null ? [] : [behind])];
}

/** Names as people know them, as far as a vote tells. */
function namesOf({ proposals }: Incident): ReadonlyMap<string, string> {
  return new Map(
    proposals.flatMap((one) => one.votes.flatMap(({ by, name }) => (name === undefined ? [] : [[by, name] as const]))),
  );
}

function moment(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)}`;
}

function markdown(words: Words, names: ReadonlyMap<string, string>): string {
  return words.map((one) => span(one, names)).join('');
}

function span(one: Span, names: ReadonlyMap<string, string>): string {
  switch (one.is) {
    case 'code':
      return coded(one.text);
    case 'bold':
      return `**${escaped(one.text)}**`;
    case 'italic':
      return `_${escaped(one.text)}_`;
    case 'time':
      return moment(one.at);
    case 'user':
    case 'mention':
      return escaped(names.get(one.id) ?? one.id);
    case 'group':
      return escaped(one.id);
    case 'link':
      return `[${escaped(one.text)}](${encodeURI(one.url).replaceAll('(', '%28').replaceAll(')', '%29')})`;
    case 'text':
      return escaped(one.text);
  }
}

/** Somebody else's words stay words: no headings, links, images or HTML. */
function escaped(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>#|~!]/g, (sign) => `\\${sign}`)
    .replace(/\b(https?):/g, '$1&#58;');
}

/** A fence longer than any in it. */
function coded(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((one) => one[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** In the thread: the draft as a file, once for each closing; and where it could not be stored, that. */
export function draftMessages({ incident, stream, playbooks }: View): readonly Desired[] {
  const { closed, drafts } = incident;
  if (closed === null || drafts === 0 || !isReal(incident)) return [];
  const name = draftName(incident);
  const own = drafts === 1 ? name : name.replace(/\.md$/, `-${drafts}.md`);
  const lines = [
    say`${bold('Post-mortem, a draft:')} what happened, who decided what, what is left. The rest is for people to write`,
  ];
  const draft: Desired = {
    key: `${stream}/postmortem/${drafts}`,
    channel: incident.channel,
    placement: { is: 'said', under: `${stream}/root` },
    message: {
      lock: `The draft of the post-mortem of INC-${incident.number ?? 0}.`,
      blocks: [{ is: 'lines', lines }],
      files: [
        {
          name: own,
          title: `INC-${incident.number ?? 0}: post-mortem, a draft`,
          mime: 'text/markdown',
          content: { text: postmortem({ incident, playbooks }) },
          altText: '',
        },
      ],
    },
    priority: 2,
  };
  const trouble = troubleMessage(incident, name);
  if (trouble === null) return [draft];
  const key = `${stream}/postmortem/${drafts}/trouble`;
  return [
    draft,
    {
      key,
      channel: incident.channel,
      placement: { is: 'kept', under: `${stream}/root` },
      message: trouble,
      priority: 2,
    },
  ];
}

/** Kept while it cannot be stored; null: it never was so. */
function troubleMessage({ number, draftTrouble, drafts, filed }: Incident, name: string): Message | null {
  if (draftTrouble?.draft !== drafts) return null;
  const words =
    filed !== null && filed.draft >= drafts
      ? say`The draft ${name} is stored now: ${filed.where}`
      : draftTrouble.tries >= MOST_TRIES
        ? say`The draft ${name} could not be stored: ${draftTrouble.because}. It stands in this thread; ${code(`/mlp postmortem INC-${number ?? 0}`)} tries again`
        : say`The draft ${name} could not be stored: ${draftTrouble.because}. It stands in this thread; I try again`;
  return { lock: cut(plain(words), 200), blocks: [{ is: 'lines', lines: [words] }] };
}
