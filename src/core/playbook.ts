import type { Chart } from './chart.ts';
import type {
  Advice,
  AdviceText,
  Answer,
  Asked,
  Bag,
  ChartOf,
  CheckOf,
  Differs,
  Maybe,
  NewestChange,
  NoPlan,
  Opened,
  Playbook,
  Proposed,
  Reading,
  Readings,
  Remark,
  Remedy,
  Scope,
  Seen,
  Severity,
  TargetKind,
  Unexplained,
} from './contract.ts';
import type { RemedySpec } from './remedy-spec.ts';
import type { z } from 'zod';
import type { Json, Plain } from './json.ts';
import type { Kind, Read } from './ports/platform.ts';
import type { Words } from './words.ts';

/** Fixes scope and target; each helper is then inferred from its own argument alone, in any file. */
export function about<S extends Scope, T extends Plain<T>>(scope: S, target: TargetKind<T>) {
  return {
    reading: <const I extends string, V extends Plain<V>, const A extends Readings<T> = []>(
      id: I,
      r: {
        readonly after?: A;
        readonly withinMs?: number;
        readonly byHand: (t: T) => string;
        readonly read: (read: Read, t: T, seen: Seen<A, 'region'>) => Promise<V>;
      },
    ): Reading<T, I, V> => ({
      id,
      after: (r.after ?? []).map((a) => a.id),
      withinMs: r.withinMs ?? 5_000,
      byHand: r.byHand,
      read: (read, t, seen) => r.read(read, t, seen as Seen<A, 'region'>),
    }),

    /** `needs` decides, so an unknown one means "could not tell"; `also` only adds detail and arrives as an outcome. */
    check: <const I extends string, const N extends Readings<T>, const A extends Readings<T> = []>(
      id: I,
      c: {
        readonly severity: Severity;
        readonly ask: string;
        readonly rulesOut: string;
        readonly needs: N;
        readonly also?: A;
        readonly find: (seen: Seen<N, S>, also: Maybe<A, S>, on: Asked<T>) => Answer;
      },
    ): CheckOf<T, I, N[number]['id'] | A[number]['id']> => ({
      id,
      severity: c.severity,
      ask: c.ask,
      rulesOut: c.rulesOut,
      needs: c.needs.map((n) => n.id),
      also: (c.also ?? []).map((n) => n.id),
      find: (seen, also, on) => c.find(seen as Seen<N, S>, also as Maybe<A, S>, on),
    }),

    remedy: <
      const I extends string,
      const N extends Readings<T>,
      const W extends string,
      K extends Kind,
      P extends Plain<P>,
      O extends Plain<O>,
      A extends Plain<A> = never,
      const L extends Readings<T> = [],
    >(
      id: I,
      r: RemedySpec<T, S, N, W, K, P, O, A, L>,
    ): Remedy<T, I, N[number]['id'], W> => ({
      id,
      title: r.title,
      when: r.when,
      needs: r.needs.map((n) => n.id),
      also: (r.also ?? []).map((n) => n.id),
      open: (plan) => close(id, r, r.schema.parse(plan), false),
      asks: r.asks?.usage ?? null,
      propose: (t, seen, at, asked, also) => {
        const details = detailsOf(r, asked);
        if ('no' in details) return details;
        const plan = r.plan(t, seen as Seen<N, S>, at, details.asked, also as Maybe<L, S>);
        // Parsed here as well: what is digested is what will be reopened.
        return isNo(plan) ? plan : close(id, r, r.schema.parse(plan), false);
      },
    }),

    advice: <const N extends Readings<T>, const W extends string>(a: {
      readonly when: readonly W[];
      readonly needs: N;
      readonly say: (t: T, seen: Seen<N, S>) => AdviceText;
    }): Advice<T, W, N[number]['id']> => ({
      when: a.when,
      needs: a.needs.map((n) => n.id),
      say: (t, seen) => a.say(t, seen as Seen<N, S>),
    }),

    remark: <const N extends Readings<T>>(
      label: string,
      r: {
        readonly needs: N;
        readonly say: (t: T, seen: Seen<N, S>, at: string) => Words | null;
        readonly newest?: (t: T, seen: Seen<N, S>) => NewestChange | null;
        readonly beside?: (t: T, seen: Seen<N, S>) => string | null;
      },
    ): Remark<T, N[number]['id']> => {
      const { newest, beside } = r;
      return {
        label,
        needs: r.needs.map((n) => n.id),
        say: (t, seen, at) => r.say(t, seen as Seen<N, S>, at),
        ...(newest === undefined ? {} : { newest: (t: T, seen: Bag) => newest(t, seen as Seen<N, S>) }),
        ...(beside === undefined ? {} : { beside: (t: T, seen: Bag) => beside(t, seen as Seen<N, S>) }),
      };
    },

    chart: <const N extends Readings<T>, const W extends string>(c: {
      readonly when: readonly W[];
      readonly needs: N;
      readonly draw: (t: T, seen: Seen<N, S>, at: string) => Chart | null;
    }): ChartOf<T, W, N[number]['id']> => ({
      when: c.when,
      needs: c.needs.map((n) => n.id),
      draw: (t, seen, at) => c.draw(t, seen as Seen<N, S>, at),
    }),

    playbook: <const L extends Readings<T>, const C extends readonly CheckOf<T, string, L[number]['id']>[]>(p: {
      readonly id: string;
      readonly title: string;
      readonly guide: string;
      readonly about: string;
      readonly alerts: readonly string[];
      readonly symptoms: readonly string[];
      readonly look: L;
      readonly checks: C;
      readonly remedies: readonly Remedy<T, string, L[number]['id'], C[number]['id'] | Unexplained>[];
      readonly advice: readonly Advice<T, C[number]['id'] | Unexplained, L[number]['id']>[];
      readonly remarks?: readonly Remark<T, L[number]['id']>[];
      readonly charts?: readonly ChartOf<T, C[number]['id'] | Unexplained, L[number]['id']>[];
    }): Playbook => ({
      id: p.id,
      title: p.title,
      scope,
      guide: p.guide,
      about: p.about,
      alerts: p.alerts,
      symptoms: p.symptoms,
      target: { from: target.from },
      remedies: p.remedies,
      checks: p.checks,
      open: (raw) => openFor(p, target, target.schema.parse(raw)),
    }),
  };
}

function openFor<T>(
  p: {
    readonly look: Readings<T>;
    readonly checks: readonly CheckOf<T, string, string>[];
    readonly remedies: readonly Remedy<T, string, string, string>[];
    readonly advice: readonly Advice<T, string, string>[];
    readonly remarks?: readonly Remark<T, string>[];
    readonly charts?: readonly ChartOf<T, string, string>[];
  },
  target: TargetKind<T>,
  t: T,
): Opened {
  return {
    name: target.name(t),
    key: target.key(t),
    look: p.look.map((r) => ({
      id: r.id,
      after: r.after,
      withinMs: r.withinMs,
      byHand: r.byHand(t),
      read: (read, seen) => r.read(read, t, seen),
    })),
    checks: p.checks.map((c) => ({ ...c, find: (seen, also, at) => c.find(seen, also, { t, at }) })),
    remedies: p.remedies.map((r) => ({
      id: r.id,
      when: r.when,
      needs: r.needs,
      open: r.open,
      also: r.also,
      asks: r.asks,
      propose: (seen, at, asked, also = {}) => r.propose(t, seen, at, asked, also),
    })),
    advice: p.advice.map((a) => ({ when: a.when, needs: a.needs, say: (seen) => a.say(t, seen) })),
    remarks: (p.remarks ?? []).map(({ label, needs, say, newest, beside }) => ({
      label,
      needs,
      say: (seen, at) => say(t, seen, at),
      ...(newest === undefined ? {} : { newest: (seen: Bag) => newest(t, seen) }),
      ...(beside === undefined ? {} : { beside: (seen: Bag) => beside(t, seen) }),
    })),
    charts: (p.charts ?? []).map((c) => ({ when: c.when, needs: c.needs, draw: (seen, at) => c.draw(t, seen, at) })),
  };
}

function detailsOf<A>(
  r: { readonly asks?: { readonly schema: z.ZodType<A>; readonly usage: string } },
  asked: Json | null,
): { readonly asked: A | null } | { readonly no: string } {
  if (asked === null) return { asked: null };
  if (r.asks === undefined) return { no: 'it takes no details' };
  const parsed = r.asks.schema.safeParse(asked);
  if (parsed.success) return { asked: parsed.data };
  const odd = parsed.error.issues.find((one) => one.code === 'invalid_format');
  return { no: `I did not understand the details: ${odd?.message ?? `write \`${r.asks.usage}\``}` };
}

/** The casts in here are the price of a list without type parameters: what goes in as P and O comes back as JSON of P and O. */
function close<
  T,
  S extends Scope,
  N extends Readings<T>,
  W extends string,
  K extends Kind,
  P extends Plain<P>,
  O extends Plain<O>,
  A,
  L extends Readings<T>,
>(id: string, r: RemedySpec<T, S, N, W, K, P, O, A, L>, plan: P, isUndo: boolean): Proposed {
  return {
    remedy: id,
    plan,
    kind: r.acts,
    target: r.target(plan),
    risk: r.risk(plan),
    label: r.label,
    says: r.says(plan),
    after: r.after(plan),
    temporary: isUndo ? null : (r.temporary?.(plan) ?? null),
    ...(isUndo ? {} : differsOf(r.differs?.(plan))),
    ...(r.suspected?.(plan) === true ? { suspected: true as const } : {}),
    ...(r.same === undefined ? {} : { same: r.same(plan) }),
    preview: r.preview(plan),
    ...(r.endsPods?.(plan) === false ? {} : { endsPods: true as const }),
    knownGood: r.knownGood(plan),
    ...(r.changes === undefined ? {} : { changes: r.changes(plan) }),
    ...buysOf(r.buys?.(plan)),
    ...(r.judgedBy?.(plan) === 'users' ? { judgedBy: 'users' as const } : {}),
    settleMs: typeof r.settleMs === 'number' ? r.settleMs : r.settleMs(plan),
    deadlineMs: typeof r.deadlineMs === 'number' ? r.deadlineMs : r.deadlineMs(plan),
    observe: (read) => r.observe(read, plan),
    binds: (now) => r.binds(now as O),
    fits: (now) => r.fits(plan, now as O),
    holds: (now) => r.holds(plan, now as O),
    verify: (before, now) => r.verify(plan, before as O, now as O),
    progress: (now) => r.progress(plan, now as O),
    rehearse: (rehearse, now) => r.rehearse(rehearse, plan, now as O),
    execute: (act) => r.execute(act, plan),
    undo: undoOf(id, r, plan, isUndo),
  };
}

const buysOf = (buys: string | null | undefined): { readonly buys?: string } =>
  buys === undefined || buys === null ? {} : { buys };

const differsOf = (differs: Differs | null | undefined): { readonly differs?: Differs } =>
  differs === undefined || differs === null ? {} : { differs };

function undoOf<
  T,
  S extends Scope,
  N extends Readings<T>,
  W extends string,
  K extends Kind,
  P extends Plain<P>,
  O extends Plain<O>,
  A,
  L extends Readings<T>,
>(id: string, r: RemedySpec<T, S, N, W, K, P, O, A, L>, plan: P, isUndo: boolean): Proposed['undo'] {
  if (typeof r.undo !== 'function') return r.undo;
  if (isUndo) return { impossible: 'this is the undo' };
  const back = r.undo(plan);
  return isImpossible(back) ? back : close(id, r, r.schema.parse(back), true);
}

function isImpossible(back: unknown): back is { readonly impossible: string } {
  return typeof back === 'object' && back !== null && 'impossible' in back;
}

function isNo(plan: unknown): plan is NoPlan {
  return typeof plan === 'object' && plan !== null && 'no' in plan;
}
