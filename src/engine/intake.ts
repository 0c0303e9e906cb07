import { redact } from '../core/redact.ts';
import { parseCommand } from '../core/command/command.ts';
import type { Parsed } from '../core/command/command.ts';
import { watchInThread, withWatches } from '../core/looking/watch.ts';
import type { Outside } from '../core/incident/commands.ts';
import type { Message } from '../core/message.ts';
import type { Answer, Intake, Taken } from '../core/ports/intake.ts';
import type { Incoming } from '../core/ports/store.ts';
import type { PagedEvent } from '../core/ports/paging.ts';
import { diagnoseForm, regionForm, setForm } from '../core/render/forms.ts';
import { playbooksMessage, sentence, unclearMessage } from '../core/render/help.ts';
import { helpMessage } from '../core/render/help-text.ts';
import type { AlertIn, Catalogue } from '../core/routing.ts';
import { StormGate } from '../core/storm-gate.ts';
import { answerOncall, whichToEscalate } from './oncall.ts';
import { askMore, answerHandling } from './handling.ts';
import { answerHandover, answerHome, answerIncidents } from './lists.ts';
import { takePaged } from './paged-events.ts';
import { answerSimilar } from './memory.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import { IN_THREAD, changeHere, inThread } from '../core/command/thread-words.ts';
import {
  answerRuns,
  answerShow,
  answerStatus,
  answerTemporary,
  answerWhyNot,
  isThread,
  loadIncident,
} from './answers.ts';
import { alertRows } from './alert-rows.ts';
import { askChange, askDiagnosis, askDraft, askIncident } from './asked.ts';
import { Doctor } from './doctor/answer.ts';
import { rowOf } from './inbox-row.ts';
import { answerMaintenance } from './maintenance.ts';
import { setKillSwitch } from './kill-switch.ts';
import { answerPress, known, namedIn } from './pressed.ts';
import type { Looking } from './looking.ts';
import { answerUndelivered } from './undelivered.ts';
import { answerSilence } from './silences.ts';
import { acceptInParts, otherWork } from './take-alerts.ts';
import type { Watchdogs } from './watchdog.ts';
import type { Watching } from './watching.ts';
import { answerWhyAlert } from './why-alert.ts';

/** So many alerts are routed before others have their turn. */
const TOGETHER = 1_000;

/** All that incidents are posted in. */
function channelsOf({ channel, services, routes = [] }: Catalogue): readonly string[] {
  return [channel, ...[...services, ...routes].flatMap((one) => one.channel ?? [])];
}

/** What people and webhooks bring: parsed, stored, answered. Nothing is done here but storing. */
export class EngineIntake implements Intake {
  readonly #parts: Parts;
  readonly #catalogue: Catalogue;
  readonly #looking: Looking;
  readonly #watching: Watching;
  readonly #doctor: Doctor;
  readonly #watchdogs: Watchdogs;
  readonly #gate: StormGate | null;

  constructor(
    parts: Parts,
    catalogue: Catalogue,
    around: { readonly looking: Looking; readonly watching: Watching; readonly watchdogs: Watchdogs },
  ) {
    this.#parts = parts;
    this.#catalogue = catalogue;
    this.#looking = around.looking;
    this.#watching = around.watching;
    this.#watchdogs = around.watchdogs;
    this.#doctor = new Doctor(parts);
    this.#gate = catalogue.storms === undefined ? null : new StormGate(catalogue.storms);
  }

  async take(input: Taken): Promise<Answer> {
    switch (input.is) {
      case 'command':
        return this.#command(parseCommand(input.text, this.#catalogue), input, null);
      case 'mention':
        return this.#mention(input);
      case 'pressed':
        return this.#pressed(input);
      case 'shortcut':
        return this.#shortcut(input);
      case 'home':
        return { is: 'said', message: await answerHome(this.#parts, input.by) };
    }
  }

  /**
   * Durable when it resolves. Duplicates (same alert, status and start, within half a minute) are not stored; what comes again later may be
   * news, since a sender keeps the start of what it had called over: the stream decides.
   */
  async takeAlerts(
    alerts: readonly AlertIn[],
    note: string | null,
  ): Promise<{ readonly stored: number; readonly duplicates: number }> {
    await this.#watchdogs.note(alerts);
    const now = iso(this.#parts.clock.now());
    const rows: Incoming[] = [];
    for (let from = 0; from === 0 || from < alerts.length; from += TOGETHER) {
      if (from > 0) await otherWork();
      const some = alerts.slice(from, from + TOGETHER);
      // What is missing in a delivery is said once, with the first of it.
      const said = from === 0 ? note : null;
      rows.push(...alertRows(some, said, { catalogue: this.#catalogue, now, gate: this.#gate }));
    }
    return acceptInParts(this.#parts, rows);
  }

  /** What happened to one of our pages on their side. Durable when it resolves. */
  async takePaged(event: PagedEvent): Promise<'taken' | 'duplicate' | 'not ours'> {
    return takePaged(this.#parts, event);
  }

  async #command(
    parsed: Parsed,
    input: { readonly id: string; readonly by: string; readonly channel: string },
    thread: string | null,
  ): Promise<Answer> {
    switch (parsed.is) {
      case 'diagnose':
        return askDiagnosis(this.#parts, this.#catalogue, parsed, input);
      case 'look':
        return this.#looking.answer(parsed, null);
      case 'watch':
        return this.#watching.answer(parsed, { id: input.id, by: input.by, channel: input.channel, thread });
      case 'help':
        return { is: 'said', message: helpMessage(this.#catalogue, parsed.about) };
      case 'handle':
        return answerHandling(this.#parts, parsed, input, thread);
      case 'incidents':
        return { is: 'said', message: await answerIncidents(this.#parts, parsed, input.by) };
      case 'handover':
        return { is: 'said', message: await answerHandover(this.#parts) };
      case 'undelivered':
        return { is: 'said', message: await answerUndelivered(this.#parts, parsed.retry) };
      case 'escalate':
        return this.#escalate(parsed, input, thread);
      case 'oncall':
        return { is: 'said', message: await answerOncall(this.#parts, parsed.route) };
      case 'playbooks':
        return { is: 'said', message: playbooksMessage(this.#catalogue) };
      case 'doctor':
        return this.#doctor.answer();
      case 'unclear':
        return { is: 'said', message: unclearMessage(parsed) };
      case 'change':
        return askChange(this.#parts, parsed, input);
      case 'set-form':
        return { is: 'ask', modal: setForm(parsed, this.#catalogue) };
      case 'region-form':
        return { is: 'ask', modal: regionForm(parsed.command, parsed.title, this.#catalogue) };
      case 'temp':
        return { is: 'said', message: await answerTemporary(this.#parts) };
      case 'status':
        return {
          is: 'said',
          message: withWatches(await answerStatus(this.#parts, parsed.region), await this.#watching.all()),
        };
      case 'runs':
        return { is: 'said', message: await answerRuns(this.#parts) };
      case 'show':
        return { is: 'said', message: await answerShow(this.#parts, parsed.incident, thread) };
      case 'why-not':
        return { is: 'said', message: await answerWhyNot(this.#parts, parsed.remedy, parsed.incident, thread) };
      case 'similar':
        return { is: 'said', message: await answerSimilar(this.#parts, parsed.incident, thread) };
      case 'postmortem':
        return askDraft(this.#parts, { number: parsed.incident, thread }, input);
      case 'silence':
      case 'unsilence':
        return { is: 'said', message: await answerSilence(this.#parts, parsed, input, thread) };
      case 'maintenance':
        return answerMaintenance(this.#parts, parsed, input, channelsOf(this.#catalogue));
      case 'why-alert':
        return { is: 'said', message: await answerWhyAlert(this.#parts, this.#catalogue, parsed) };
      case 'stop':
        if (parsed.what === 'all' || parsed.what === 'off')
          return { is: 'said', message: await this.#stopAll(parsed.what === 'all', input) };
        return askIncident(this.#parts, 'stop', { number: parsed.what, thread }, input);
      case 'undo':
        return askIncident(this.#parts, 'undo', { number: parsed.incident, thread }, input);
    }
  }

  async #stopAll(on: boolean, { id, by }: { readonly id: string; readonly by: string }): Promise<Message> {
    return setKillSwitch(this.#parts, on, { id, by, channels: channelsOf(this.#catalogue) });
  }

  async #escalate(
    { incident, why }: Extract<Parsed, { is: 'escalate' }>,
    { id, by }: { readonly id: string; readonly by: string },
    thread: string | null,
  ): Promise<Answer> {
    const meant = await whichToEscalate(this.#parts, incident, thread, why);
    if (meant.is === 'ask') return { is: 'said', message: meant.message };
    await this.#store(meant.stream, id, { is: 'handle', by, what: { does: 'call', why: redact(why).slice(0, 500) } });
    return { is: 'taken' };
  }

  async #mention(input: Extract<Taken, { is: 'mention' }>): Promise<Answer> {
    const text = input.text.replace(/^\s*<@[A-Z0-9]+(\|[^>]*)?>\s*/, '').trim();
    const at =
      input.threadTs === null
        ? null
        : await this.#parts.store.messageAt({ channel: input.channel, ts: input.threadTs });
    const thread = at?.stream ?? null;
    if (thread !== null && /^note\s+(?!#?inc-?\d)/i.test(text)) {
      await this.#store(thread, input.id, {
        is: 'note',
        by: input.by,
        what: redact(text.replace(/^note\s+/i, '')).slice(0, 1_000),
      });
      return { is: 'said', message: sentence('Noted on the timeline.') };
    }
    const incident = thread === null ? null : await loadIncident(this.#parts, thread);
    const change =
      incident === null || incident.openedAt === null ? null : changeHere(text, incident.subject, this.#catalogue);
    const parsed = change ?? parseCommand(text, this.#catalogue);
    if (thread === null || incident === null || incident.openedAt === null) return this.#command(parsed, input, thread);
    if (parsed.is === 'look') return this.#looking.answer(parsed, incident.subject);
    if (parsed.is === 'watch') return this.#command(watchInThread(parsed, incident.subject), input, thread);
    const meant = inThread(text, parsed, incident.subject.target, this.#catalogue);
    if (meant.is === 'usage') {
      const choices = parsed.is === 'unclear' ? parsed.choices : [];
      const because = `${meant.because} ${IN_THREAD}`;
      return { is: 'said', message: unclearMessage({ is: 'unclear', because, choices }) };
    }
    const answer =
      meant.is === 'again' ? await this.#again(thread, input, 'thread') : await this.#command(parsed, input, thread);
    return meant.note === null || answer.is !== 'taken' ? answer : { is: 'said', message: sentence(meant.note) };
  }

  /** A fresh look that the thread says somebody asked for. */
  async #again(
    thread: string,
    { id, by }: { readonly id: string; readonly by: string },
    from: 'channel' | 'thread',
  ): Promise<Answer> {
    await this.#store(thread, id, { is: 'press', press: { does: 'again', thread }, by, reason: null, from });
    return { is: 'taken' };
  }

  async #pressed(input: Extract<Taken, { is: 'pressed' }>): Promise<Answer> {
    const { press, by, reason, id } = input;
    if (press.does === 'choose') return this.#command(parseCommand(press.command ?? '', this.#catalogue), input, null);
    const answer = await answerPress(this.#parts, input);
    if (answer !== null) return answer;
    if (!(await isThread(this.#parts, press.thread)))
      return { is: 'said', message: sentence('I know no thread that this button belongs to. Nothing was done.') };
    await this.#store(press.thread, id, {
      is: 'press',
      press: known(press),
      by,
      reason: reason === null ? null : redact(reason).slice(0, 1_000),
      from: input.threadTs === null || input.threadTs === input.messageTs ? 'channel' : 'thread',
    });
    return { is: 'taken' };
  }

  async #shortcut(input: Extract<Taken, { is: 'shortcut' }>): Promise<Answer> {
    const at = await this.#parts.store.messageAt({ channel: input.channel, ts: input.threadTs ?? input.messageTs });
    if (input.callback === 'handle')
      return at === null
        ? { is: 'said', message: sentence('No incident of mine is in this message or its thread.') }
        : askMore(this.#parts, at.stream);
    if (at !== null) {
      await this.#again(at.stream, input, input.threadTs === null ? 'channel' : 'thread');
      return { is: 'said', message: sentence('I look again: the answer appears in its thread.') };
    }
    const words = namedIn(input.messageText, this.#catalogue);
    const parsed = words.length === 0 ? null : parseCommand(['diagnose', ...words].join(' '), this.#catalogue);
    if (parsed === null || parsed.is !== 'diagnose') return { is: 'ask', modal: diagnoseForm(this.#catalogue) };
    return this.#command(parsed, input, null);
  }

  async #store(stream: string, id: string, command: Outside): Promise<void> {
    await this.#parts.store.accept([{ id, to: { is: 'stream', stream }, body: rowOf(command) }]);
  }
}
