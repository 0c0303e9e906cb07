import type { Verb } from '../command/command.ts';
import { VERBS } from '../command/command.ts';
import type { Help, LookWord } from '../looking/view.ts';
import { WATCH_HELP } from '../looking/watch.ts';
import type { Message } from '../message.ts';
import type { Catalogue } from '../routing.ts';
import { bold, code, plain, say } from '../words.ts';
import type { Words } from '../words.ts';
import { HANDLING_HELP } from './help-handling.ts';
import { cut } from './small.ts';

/** `/mlp help`: one line for each command; `/mlp help <command>`: what it does, how to say it, who may. */

/** Of every change. */
const SHOWN =
  'It is shown in a thread of its own, or in that of the incident that is open for it; nothing is done before it is approved.';
const WHERE = 'Several regions: one after the other, each verified before the next is offered.';

/** A view says its own words. */
const HELP: Readonly<Record<Exclude<Verb, LookWord>, Help>> = {
  diagnose: {
    usage: 'diagnose [deployment] [region]',
    short: 'look now, and say what is wrong. Changes nothing',
    more: [
      'Words in any order. Without a region I look at all; without a deployment at everything in a namespace.',
      'kubectl habits work: `deploy/<deployment>`, a pod, `-n`, `-A`, `-l app=…`, `--context`, or a whole `kubectl get`, `describe`, `logs` line.',
      'I look fully into Deployments; of StatefulSets, DaemonSets and Jobs I see the pods.',
      'Anybody may ask.',
    ],
    examples: ['diagnose <deployment> <region>', 'is <deployment> down?', "what's broken in <region>?"],
  },
  watch: WATCH_HELP,
  ...HANDLING_HELP,
  silence: {
    usage: 'silence INC-214 30m | 2h | 1d <why>',
    short: 'hold back its alerts in Alertmanager, for everybody; shown exactly first',
    more: [
      'Other than `snooze`, nobody hears of them at all, also by other ways. They still fire: the incident stays open.',
      'For who may approve low risk or is on call. Summary, lists and handover say until when and who; it ends by itself and says so.',
    ],
    examples: ['silence INC-214 2h node pool is replaced', 'silence end INC-214'],
  },
  unsilence: {
    usage: 'unsilence INC-214',
    short: 'its alerts are heard again',
    more: [],
    examples: ['unsilence INC-214'],
  },
  maintenance: {
    usage: 'maintenance [<region> 2h why]',
    short: 'people work there: alerts call nobody, P0 apart',
    more: [
      'Alone it lists what is in maintenance. The announcement says what was kept quiet, in its thread.',
      'I keep looking, and offer what I find: what writes there needs an approval by a person, also in mode act.',
      'For who may approve low risk or is on call. It ends by itself, and says what is still open there. PagerDuty and Alertmanager are not told.',
    ],
    examples: ['maintenance <region> 2h the nodes are replaced', 'maintenance end <region>', 'maintenance'],
  },
  restart: {
    usage: 'restart <deployment> <region>',
    short: 'start its pods anew, a few at a time',
    more: [SHOWN, WHERE],
    examples: ['restart <deployment> <region>', 'kubectl rollout restart deployment/<deployment> --context <region>'],
  },
  rollback: {
    usage: 'rollback <deployment> <region> [to 16]',
    short: 'back to another revision',
    more: ['Without a number: to the newest other version, one that still runs first.', SHOWN, WHERE],
    examples: ['rollback <deployment> <region>', 'rollback <deployment> <region> to 16'],
  },
  scale: {
    usage: 'scale <deployment> <region> 14',
    short: 'to so many replicas',
    more: ['Where an autoscaler owns the number I say so: see `help bounds`.', SHOWN, WHERE],
    examples: ['scale <deployment> <region> 14'],
  },
  bounds: {
    usage: 'bounds <deployment> <region> 12 30',
    short: 'what its autoscaler may ask for',
    more: [
      'Of the HPA, or of the ScaledObject where KEDA makes the HPA. I keep in mind what it was: see `/mlp temp`.',
      SHOWN,
      WHERE,
    ],
    examples: ['bounds <deployment> <region> 12 30', 'bounds <deployment> <region> max=30'],
  },
  set: {
    usage: 'set <deployment> <region> [cpu=4]',
    short: 'a resource or a variable of one container; without one a form opens',
    more: ['cpu, memory, gpu (with `request=` and `container=`), or a variable that the config lists.', SHOWN, WHERE],
    examples: ['set <deployment> <region>', 'set <deployment> <region> cpu=4 request=2'],
  },
  replace: {
    usage: 'replace <pod> <region>',
    short: 'take one pod away; another is started',
    more: ['A disruption budget is respected.', SHOWN],
    examples: ['replace <deployment>-5d8c7b9f4-x2x7k <region>'],
  },
  cordon: {
    usage: 'cordon <node> <region>',
    short: 'no new pod on this node',
    more: ['What runs there goes on. I keep in mind that it is cordoned: see `/mlp temp`.', SHOWN],
    examples: ['cordon gpu-node-3 <region>'],
  },
  uncordon: {
    usage: 'uncordon <node> <region>',
    short: 'it takes new pods again',
    more: [SHOWN],
    examples: ['uncordon gpu-node-3 <region>'],
  },
  temp: {
    usage: 'temp',
    short: 'what was changed for a while and not taken back',
    more: ['With who approved it, since when, and a button that prepares taking it back.'],
    examples: ['temp'],
  },
  status: {
    usage: 'status [region]',
    short: 'what is open',
    more: ['Each with its state and since when. Without a region: everywhere.'],
    examples: ['status', 'status <region>'],
  },
  show: {
    usage: 'show INC-214',
    short: 'one incident as it is now',
    more: ['In its thread `@mlp show` is enough.'],
    examples: ['show INC-214'],
  },
  runs: { usage: 'runs', short: 'the newest incidents, also closed ones', more: ['The last 15.'], examples: ['runs'] },
  why: {
    usage: 'why <alert> | INC-214 | not <remedy> [INC-214]',
    short: 'where an alert goes and by which rule or label; not: why a remedy is not offered',
    more: [
      'An alert by its name or fingerprint; one that never came: what it would do. Labels may follow, `region=eu-west-1 deployment=model-server`.',
      'not: what ruled the remedy out, or what would have to be found. Without a number: of the newest open incident.',
    ],
    examples: ['why KubePodNotReady', 'why INC-214', 'why not rollback INC-214', 'why not restart'],
  },
  stop: {
    usage: 'stop INC-214 | all | off',
    short: "end one incident's runs; all: no change starts anywhere; off: lift that",
    more: [
      'A change that is under way is followed to its end and not undone. Looking goes on after `stop all`.',
      'Any member may stop, guests may not. `stop off` is for those who may approve high risk.',
    ],
    examples: ['stop INC-214', 'stop all', 'stop off'],
  },
  undo: {
    usage: 'undo INC-214',
    short: 'prepare taking its change back',
    more: ['It is proposed with a preview and needs an approval like any change.'],
    examples: ['undo INC-214'],
  },
  similar: {
    usage: 'similar [INC-214]',
    short: 'incidents of the last 30 days that read like it, and what ended them',
    more: ['In its thread no number is needed. With what people said of the cause that was named then.'],
    examples: ['similar INC-214'],
  },
  postmortem: {
    usage: 'postmortem INC-214',
    short: 'make the draft of its post-mortem anew',
    more: [
      'A Markdown file in its thread, and where the config says. When an incident closes I make one by myself.',
      'Anybody of the workspace may ask; guests may not.',
    ],
    examples: ['postmortem INC-214'],
  },
  doctor: {
    usage: 'doctor',
    short: 'is everything there that I need: rights, systems, clocks, store',
    more: [
      'Slack, Prometheus, Alertmanager, PagerDuty, the store and the audit log, each with what to do. Changes nothing.',
      'Only you see the answer. `npm run doctor` prints the same where the bot is installed.',
    ],
    examples: ['doctor'],
  },
  escalate: {
    usage: 'escalate [INC-214] [why]',
    short: 'call a person by PagerDuty, now',
    more: [
      'In its thread no number is needed, nor where one incident is open. The thread says who was called and whom it reached.',
      'Anybody may ask. Whom it calls is in the config: `escalation.byHand`.',
    ],
    examples: ['escalate INC-214 the customer is on the phone', 'escalate'],
  },
  oncall: {
    usage: 'oncall [route]',
    short: 'who is on call now, and until when',
    more: ['By route and level, as PagerDuty says it now.'],
    examples: ['oncall', 'oncall lead'],
  },
  playbooks: { usage: 'playbooks', short: 'what I know, and which alerts start it', more: [], examples: ['playbooks'] },
  undelivered: {
    usage: 'undelivered [retry]',
    short: 'what Slack refused, and why; retry: once more',
    more: ['Nothing is thrown away: each is kept until it is delivered or its message changes.', 'Anybody may ask.'],
    examples: ['undelivered', 'undelivered retry'],
  },
  help: {
    usage: 'help [command]',
    short: 'this list, or more about one of them',
    more: [],
    examples: ['help diagnose', 'help stop'],
  },
};

export function helpMessage(catalogue: Catalogue, about: Verb | null = null): Message {
  return about === null ? listing(catalogue) : aboutOne(about, catalogue);
}

/** Null: not here. */
function helpOf(verb: Verb, catalogue: Catalogue): Help | null {
  const view = catalogue.views.find((one) => one.word === verb);
  return view?.help ?? (HELP as Partial<Record<Verb, Help>>)[verb] ?? null;
}

function listing(catalogue: Catalogue): Message {
  const services = catalogue.services.map((one) => one.name);
  const named = `${services.slice(0, 6).join(', ')}${services.length > 6 ? ` and ${services.length - 6} more` : ''}`;
  const regions = catalogue.regions
    .map((one) => `${one.name}${one.aliases.length === 0 ? '' : ` (${one.aliases.join(', ')})`}`)
    .join(', ');
  return message([
    ...VERBS.flatMap((verb) => {
      const help = helpOf(verb, catalogue);
      return help === null ? [] : [say`${bold(`/mlp ${help.usage}`)}: ${help.short}`];
    }),
    say`In a thread: *@mlp* diagnose, show, stop, undo, note … A change needs a press on Approve by who may.`,
    say`Deployments: ${named} · Regions: ${regions}`,
  ]);
}

function aboutOne(verb: Verb, catalogue: Catalogue): Message {
  const { usage, short, more, examples } = helpOf(verb, catalogue) ?? HELP.help;
  const here = (text: string): string =>
    text
      .replaceAll('<deployment>', catalogue.services[0]?.name ?? 'model-server')
      .replaceAll('<region>', catalogue.regions[0]?.name ?? 'eu-west-1')
      .replaceAll('<other region>', catalogue.regions[1]?.name ?? 'us-east-1');
  const shown = examples.map((one) => code(`/mlp ${here(one)}`));
  return message([
    say`${bold(`/mlp ${here(usage)}`)}: ${short}.`,
    ...more.map((line) => marked(here(line))),
    shown.flatMap((one, index) => (index === 0 ? [...say`For example `, one] : [...say` · `, one])),
  ]);
}

/** `` `code` `` in a sentence of our own. */
function marked(text: string): Words {
  return text
    .split('`')
    .map((part, index) => ({ part, mono: index % 2 === 1 }))
    .filter(({ part }) => part !== '')
    .map(({ part, mono }) => (mono ? code(part) : { is: 'text', text: part }));
}

function message(lines: readonly Words[]): Message {
  return { lock: cut(plain(lines[0] ?? []), 200), blocks: [{ is: 'lines', lines }] };
}
