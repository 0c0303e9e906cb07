import { whyOf } from '../core/failure.ts';
import type { Inside } from '../core/incident/commands.ts';
import type { Effect } from '../core/incident/pending.ts';
import type { Incident } from '../core/incident/state.ts';
import type { Step } from '../core/ports/store.ts';
import { performAct, performSettle } from './act.ts';
import { performBranch } from './elsewhere.ts';
import { performDraft, recall } from './memory.ts';
import type { Parts } from './parts.ts';
import { performPage, performPageWords } from './paging.ts';
import { performLook, performObserve, performPrepare } from './perform.ts';
import { performPlan } from './plan.ts';
import { performGather, performLetGo, performTellGroup } from './storms.ts';
import type { SharedReads } from './shared-reads.ts';
import { LostLease } from './stream.ts';

/** What an effect is given: the newest state, and the way to have its outcome stored. */
export interface Desk {
  readonly stream: string;
  readonly state: () => Incident;
  /** Resolves when it is stored, with the state after it; null: not stored, another incident holds the target. Rejects when the drive has ended. */
  readonly submit: (command: Inside, evidence?: Step['evidence']) => Promise<Incident | null>;
}

/** Carries out one effect. `held`: another incident is changing the same target. `waits`: others come to their end first. Throws when it is to be tried again. */
export async function perform(
  parts: Parts,
  shared: SharedReads,
  effect: Effect,
  desk: Desk,
): Promise<'done' | 'held' | 'waits'> {
  switch (effect.is) {
    case 'number':
      await desk.submit({ is: 'numbered', number: await parts.store.number(desk.stream) });
      return 'done';
    case 'look': {
      const { command, evidence } = await performLook(parts, shared, effect, desk.stream);
      const remembered = command.is === 'looked' ? await recall(parts, desk, command) : null;
      await desk.submit(
        remembered === null || command.is !== 'looked' ? command : { ...command, remembered },
        evidence === null ? [] : [evidence],
      );
      return 'done';
    }
    case 'branch': {
      const beside = await performBranch(parts, effect, desk.stream);
      await desk.submit({ is: 'branched', region: effect.mark, beside });
      return 'done';
    }
    case 'draft':
      await desk.submit(await performDraft(parts, effect.draft, desk));
      return 'done';
    case 'gather':
      await performGather(parts, effect, desk.stream);
      await desk.submit({ is: 'gathered' });
      return 'done';
    case 'let-go':
      await performLetGo(parts, effect.leaving, desk);
      await desk.submit({ is: 'let-go-sent', id: effect.leaving.id });
      return 'done';
    case 'page':
      await performPage(parts, effect, desk);
      return 'done';
    case 'page-words':
      return performPageWords(parts, effect, desk);
    case 'tell-group':
      await performTellGroup(parts, effect.grouped, desk);
      await desk.submit({ is: 'group-told' });
      return 'done';
    case 'plan':
      await desk.submit(await performPlan(parts, shared, effect, { stream: desk.stream, state: desk.state() }));
      return 'done';
    case 'prepare':
    case 'prepare-undo':
      await desk.submit(await performPrepare(parts, shared, desk.state(), effect, desk.stream));
      return 'done';
    case 'act':
      try {
        return await performAct(parts, effect, desk);
      } catch (error) {
        const stage = desk.state().proposals.find((one) => one.id === effect.proposal.id)?.stage;
        if (error instanceof LostLease || stage !== 'granted') throw error;
        await desk.submit({ is: 'cannot-act', proposal: effect.proposal.id, because: whyOf(error) });
        return 'done';
      }
    case 'settle':
      return performSettle(parts, effect, desk);
    case 'observe':
      await desk.submit(await performObserve(parts, desk.state(), effect.proposal));
      return 'done';
    case 'tick':
      await desk.submit({ is: 'tick' });
      return 'done';
  }
}
