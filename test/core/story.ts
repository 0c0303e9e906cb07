import { listDigest, membersOf } from '../../src/core/incident/listed.ts';
import { canonical } from '../../src/core/json.ts';
import { decide } from '../../src/core/incident/decide.ts';
import type { Command, Decision, Facts, Inside, Now } from '../../src/core/incident/commands.ts';
import type { AlertSeen } from '../../src/core/incident/events.ts';
import { regionToPlan } from '../../src/core/incident/changes.ts';
import type { Asked, Change } from '../../src/core/incident/changes.ts';
import { pending } from '../../src/core/incident/pending.ts';
import type { Effect } from '../../src/core/incident/pending.ts';
import { EMPTY, next } from '../../src/core/incident/state.ts';
import type { Incident, Proposal } from '../../src/core/incident/state.ts';
import { votersToCheck } from '../../src/core/incident/standing.ts';
import { undoRisk } from '../../src/core/incident/undoing.ts';
import type { Press } from '../../src/core/message.ts';
import type { RegionDiagnosis } from '../../src/core/diagnose.ts';
import type { Probed } from '../../src/core/probed.ts';
import { plain, say } from '../../src/core/words.ts';
import { inWords } from './in-words.ts';
import { people, rules } from './people.ts';
import { alertOf, calm, diagnosisOf, hurt, offer, subject } from './things.ts';

/** One incident in memory: tests tell what happens, the pure core says what follows. The world answers as its fields say. */
export class Story {
  state: Incident = EMPTY;
  /** Every event in words, in order. */
  readonly log: string[] = [];
  readonly audit: string[] = [];
  /** What each person was told, newest last. */
  readonly told: Record<string, string[]> = {};
  readonly rules: typeof rules;
  ms = Date.parse('2026-03-02T02:16:00.000Z');
  killSwitch: string | null = null;

  /** The world. */
  broken = new Set(['eu-west-1']);
  /** The check that finds what is found. */
  check = 'image-missing';
  offers: RegionDiagnosis['offers'] = [offer()];
  handOver: {
    readonly playbook: string;
    readonly target: { readonly namespace: string; readonly name: string };
  } | null = null;
  dark = new Set<string>();
  /** What the public page of a region says. */
  publicPages = new Map<string, Probed>();
  /** Regions whose fault another incident answers for, with its number. */
  others = new Map<string, number>();
  /** What that one is called in lists. */
  calls = new Map<number, string>();
  /** Faults of their own: what is found in these regions, in short. */
  faults = new Map<string, string>();
  write: 'done' | 'failed' | 'overtaken' | 'unknown' = 'done';
  /** Does a fix that was written cure? */
  cures = true;
  verdict: 'yes' | 'not yet' | 'no' | 'worse' = 'yes';
  users = { before: calm, after: calm };
  refuses: string | null = null;
  /** What a change that is asked for is like. */
  asked: Partial<ReturnType<typeof offer>> = {};
  now: Now | { readonly unreadable: string } | null = null;
  /** The same by region, where several are changed on one approval. */
  nowIn: Record<string, Now | { readonly unreadable: string }> = {};

  constructor(some: Partial<typeof rules.timing> & { readonly policy?: Partial<typeof rules.policy> } = {}) {
    const { policy, ...timing } = some;
    this.rules = { timing: { ...rules.timing, ...timing }, policy: { ...rules.policy, ...policy } };
  }

  get at(): string {
    return new Date(this.ms).toISOString();
  }

  /** One command → one decision, applied. */
  tell(command: Command): Decision {
    const decision = decide(this.state, command, this.facts(command), this.rules);
    for (const event of decision.events) {
      this.state = next(this.state, event, this.at);
      this.log.push(inWords(event));
    }
    for (const { to, words } of decision.whispers) (this.told[to] ??= []).push(plain(words));
    for (const entry of decision.audit) this.audit.push(`${entry.who}: ${entry.what}`);
    return decision;
  }

  facts(command: Command): Facts {
    const { at, killSwitch } = this;
    const base = { at, killSwitch, auditHead: '9:abc' };
    if (command.is === 'ask' || command.is === 'handle') return { ...base, who: this.whoIs(command.by), now: null };
    if (command.is !== 'press' && command.is !== 'change')
      return { ...base, who: null, now: null, voters: this.voters(command) };
    const who = this.whoIs(command.is === 'press' ? command.by : command.change.by);
    const press = command.is === 'press' ? command.press : null;
    const proposal = this.state.proposals.find((one) => one.id === press?.proposal);
    if (proposal?.stage !== 'open') return { ...base, who, now: null };
    const [now = null, ...rest] = membersOf(proposal).map((one, index) => {
      const seen = this.nowIn[one.region] ?? (index === 0 ? this.now : null) ?? this.fitting(one);
      return 'unreadable' in seen
        ? ({ known: false, why: seen.unreadable } as const)
        : { known: true as const, value: seen };
    });
    return { ...base, who, now, rest };
  }

  /** Who approved what is about to be written, as of now. */
  voters(command: Command): Facts['voters'] {
    const proposal = command.is === 'acting' ? this.state.proposals.find((one) => one.id === command.proposal) : null;
    return proposal == null ? null : votersToCheck(proposal, this.at).map((id) => this.whoIs(id));
  }

  whoIs(id: string): NonNullable<Facts['who']> {
    const person = people[id];
    return person === undefined ? { known: false, why: 'timeout: no answer' } : { known: true, value: person };
  }

  fitting(proposal: Proposal): Now {
    return { fits: { is: 'yes' }, state: proposal.state, digest: proposal.digest };
  }

  alert(
    status: AlertSeen['status'] = 'firing',
    more: Partial<AlertSeen> & { readonly playbook?: string } = {},
  ): Decision {
    const { playbook, ...alert } = more;
    return this.tell({
      is: 'alert',
      alert: alertOf(status, alert),
      subject: { ...subject, playbook: playbook ?? subject.playbook },
      channel: 'C1',
      key: 'eu-west-1/ml-platform/model-server',
    });
  }

  ask(by = 'sana', playbook = subject.playbook): Decision {
    const about = { ...subject, playbook };
    return this.tell({ is: 'ask', by, subject: about, channel: 'C1', key: 'eu-west-1/ml-platform/model-server' });
  }

  /** Asked about all regions alike. */
  askAll(by = 'sana'): { readonly subject: Incident['subject'] } {
    const all = { ...subject, focus: null };
    this.tell({ is: 'ask', by, subject: all, channel: 'C1', key: 'all/ml-platform/model-server' });
    return this.state;
  }

  press(by: string, does: Press['does'], proposal?: string, more: { reason?: string; digest?: string } = {}): string {
    const pressed = this.state.proposals.find((one) => one.id === proposal);
    const digest = more.digest ?? (pressed === undefined ? undefined : listDigest(pressed));
    const before = this.told[by]?.length ?? 0;
    const press: Press = {
      does,
      thread: 't',
      ...(proposal === undefined ? {} : { proposal }),
      ...(digest === undefined ? {} : { digest }),
    };
    this.tell({ is: 'press', press, by, reason: more.reason ?? null });
    return (this.told[by] ?? []).slice(before).join(' | ');
  }

  wait(ms: number): void {
    this.ms += ms;
  }

  due(): readonly Effect[] {
    return pending(this.state, this.at, this.rules).filter((effect) => effect.dueAt <= this.at);
  }

  /** Carries out whatever is due, again and again, until nothing is due now. Gives what it did. */
  run(limit = 200): readonly string[] {
    const did: string[] = [];
    for (let effect = this.due()[0]; effect !== undefined; effect = this.due()[0]) {
      if (did.length >= limit) throw new Error(`no rest: ${did.slice(-6).join(', ')}`);
      did.push(effect.id);
      this.perform(effect);
    }
    return did;
  }

  /** Runs, waiting for whatever comes by itself, for so long. */
  runFor(ms: number, limit = 2_000): void {
    const until = this.ms + ms;
    for (let step = 0; step < limit; step++) {
      this.run();
      const wake = pending(this.state, this.at, this.rules)
        .map((effect) => Date.parse(effect.dueAt))
        .toSorted((a, b) => a - b)[0];
      if (wake === undefined || wake > until) break;
      this.ms = Math.max(this.ms, wake);
    }
    this.ms = Math.max(this.ms, until);
  }

  /** Carries out the one effect that is due and whose id begins so. */
  step(id = ''): void {
    const effect = this.due().find((one) => one.id.startsWith(id));
    if (effect === undefined)
      throw new Error(
        `${id} is not due: ${this.due()
          .map((one) => one.id)
          .join(', ')}`,
      );
    this.perform(effect);
  }

  perform(effect: Effect): void {
    switch (effect.is) {
      case 'number':
        this.tell({ is: 'numbered', number: 214 });
        return;
      case 'look':
        this.wait(500);
        this.look(effect);
        return;
      case 'branch':
        this.others.set(effect.region, 300 + this.others.size);
        this.tell({ is: 'branched', region: effect.region });
        return;
      case 'prepare':
        this.tell(this.prepared(effect.round, effect.region, null, effect.offer));
        return;
      case 'plan':
        this.tell(this.planned(effect.change));
        return;
      case 'prepare-undo':
        this.tell(
          this.prepared(effect.round, effect.of.region, effect.of.id, offer({ label: 'undo', plan: { to: 'v2.4.1' } })),
        );
        return;
      case 'act':
        return this.act(effect.proposal, null);
      case 'settle':
        return this.settle(effect.proposal);
      case 'observe':
        this.wait(this.rules.timing.observeMs);
        this.observe(effect.proposal);
        return;
      case 'tick':
        this.tell({ is: 'tick' });
        return;
      // What reaches others than the thread is told elsewhere.
      case 'draft':
      case 'gather':
      case 'let-go':
      case 'page':
      case 'page-words':
      case 'tell-group':
    }
  }

  look({ round, region, id }: Extract<Effect, { is: 'look' }>): void {
    const diagnosis = this.seen(region);
    const number = diagnosis.findings.length === 0 ? undefined : this.others.get(region);
    const title = number === undefined ? undefined : this.calls.get(number);
    const called = title === undefined ? {} : { title };
    const elsewhere =
      number === undefined ? {} : { elsewhere: { stream: `incident/${number}`, number, link: null, ...called } };
    this.tell({ is: 'looked', round, diagnosis, evidence: id, ...elsewhere });
  }

  seen(region: string): RegionDiagnosis {
    const bad = this.broken.has(region) && !this.dark.has(region);
    const probed = this.publicPages.get(region);
    return diagnosisOf(region, this.at, {
      bad,
      fault: this.faults.get(region) ?? 'image v2.4.1 not found',
      check: this.check,
      dark: this.dark.has(region),
      ...(probed === undefined ? {} : { probed }),
      offers: bad ? this.offers : [],
      handOver: bad ? this.handOver : null,
      impact: this.users.before,
    });
  }

  planned(change: Change): Inside {
    const { id, tries, remedies } = change;
    const region = regionToPlan(change);
    const remedy = remedies[0] ?? '';
    const what = offer({ remedy, label: remedy, plan: change.details, says: say`${change.title}`, ...this.asked });
    const { result } = this.prepared(0, region, null, what) as Extract<Inside, { is: 'prepared' }>;
    return { is: 'planned', change: id, region, tries, result };
  }

  /** What a person types. Each is another command, unless `id` says otherwise. */
  change(by: string, title: string, more: Partial<Asked> = {}): string {
    const [region = 'eu-west-1'] = more.regions ?? [];
    const before = this.told[by]?.length ?? 0;
    const asked: Asked = {
      id: `c${this.log.length}`,
      by,
      playbook: 'change',
      remedies: [title.split(' ')[0] ?? ''],
      details: { to: title },
      title,
      target: subject.target,
      regions: ['eu-west-1'],
      ...more,
    };
    this.tell({
      is: 'change',
      change: asked,
      subject: { playbook: asked.playbook, target: asked.target, regions: asked.regions, focus: region },
      channel: 'C1',
      key: `${region}/ml-platform/model-server`,
    });
    return (this.told[by] ?? []).slice(before).join(' | ');
  }

  prepared(round: number, region: string, undoOf: string | null, what: ReturnType<typeof offer>): Inside {
    const risk = undoOf === null ? what.risk : undoRisk(this.get(undoOf), what.risk);
    const result =
      this.refuses === null
        ? {
            offer:
              undoOf === null
                ? what
                : { ...what, risk, preview: ['image: v2.4.0 → v2.4.1'], undo: { impossible: 'it is the undo' } },
            digest: `digest of ${canonical(what.plan)}${undoOf ?? ''}`,
            state: 'template A',
            rehearsal: [],
            noPreview: null,
            may: { need: risk === 'high' ? 2 : 1, groups: ['S1'], users: [], now: ['Sana', 'Ben'] },
          }
        : { no: this.refuses };
    return { is: 'prepared', round, region, remedy: what.remedy, undoOf, result };
  }

  act(proposal: Proposal, retryOf: number | null): void {
    const notAfter = new Date(this.ms + this.rules.timing.actMs).toISOString();
    const before = { at: this.at, state: null, impact: this.users.before };
    const now = this.now === null || 'unreadable' in this.now ? this.fitting(proposal) : this.now;
    const fence = `fence ${proposal.attempts + 1}`;
    this.tell({ is: 'acting', proposal: proposal.id, fence, notAfter, before, now, retryOf });
    const begun = this.state.proposals.find((one) => one.id === proposal.id);
    if (begun?.stage !== 'acting' || begun.attempt?.fence !== fence) return;
    const outcome =
      this.write === 'done'
        ? ({ is: 'done', how: 'did it' } as const)
        : this.write === 'unknown'
          ? ({ is: 'unknown' } as const)
          : ({ is: this.write, because: 'the server said so' } as const);
    if (outcome.is === 'done' && this.cures) this.broken.delete(proposal.region);
    this.tell({ is: 'acted', proposal: proposal.id, attempt: begun.attempts, outcome });
  }

  /** After a lost answer: `cures` tells whether the write had arrived. */
  settle(proposal: Proposal): void {
    if (!this.cures) return this.act(proposal, proposal.attempts);
    this.broken.delete(proposal.region);
    const outcome = { is: 'done', how: 'found it done' } as const;
    this.tell({ is: 'acted', proposal: proposal.id, attempt: proposal.attempts, outcome });
  }

  observe(proposal: Proposal): void {
    const verdict = this.verdict === 'yes' ? ({ is: 'yes' } as const) : { is: this.verdict, because: 'pods say so' };
    this.tell({ is: 'observed', proposal: proposal.id, verdict, progress: '9 of 12', impact: this.users.after });
  }

  get(id: string): Proposal {
    const found = this.state.proposals.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no ${id} in: ${this.log.join(', ')}`);
    return found;
  }

  /** "p1 verified, p2 open". */
  get proposals(): string {
    return this.state.proposals.map((one) => `${one.id} ${one.ended?.how ?? one.stage}`).join(', ');
  }
}

/** An alert came, all regions were looked at, p1 is open. */
export function waiting(some?: ConstructorParameters<typeof Story>[0], change?: (story: Story) => void): Story {
  const story = new Story(some);
  change?.(story);
  story.alert();
  story.run();
  return story;
}

export { calm, hurt };
