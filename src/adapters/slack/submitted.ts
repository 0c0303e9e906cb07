import type { AckFn } from '@slack/bolt';
import type { KnownBlock, ModalView } from '@slack/types';
import type { Answer } from '../../core/ports/intake.ts';
import { handOver } from './ears.ts';
import type { Ears } from './ears.ts';
import { section } from './blocks.ts';
import { submittedOf } from './modal.ts';
import { NOT_STORED, sentence, STILL_WORKING } from './reply.ts';

/** A form was sent. What is wrong with it is shown in the form; so is the answer. */
export async function submitted(body: unknown, ack: AckFn<unknown>, ears: Ears): Promise<void> {
  const form = submittedOf(body);
  if (form.is === 'unreadable') return ack(shown([section('I could not read this form; nothing was done.')]));
  if (form.is === 'incomplete') return ack({ response_action: 'errors', errors: form.errors });
  const outcome = await handOver(form.taken, ears);
  switch (outcome.is) {
    case 'failed':
      // Kept open, with everything that was typed.
      return form.firstField === null
        ? ack(shown([section(NOT_STORED)]))
        : ack({ response_action: 'errors', errors: { [form.firstField]: NOT_STORED } });
    case 'late': {
      await ack(shown([section(STILL_WORKING)]));
      const where = { channel: form.origin.channel, threadTs: form.origin.threadTs, user: form.taken.by };
      return outcome.later.then(
        async (answer) => (answer.is === 'said' ? ears.replies.only(where, answer.message, null) : undefined),
        () => ears.replies.only(where, sentence(NOT_STORED), null),
      );
    }
    case 'done':
      return ack(await answered(outcome.value, form.origin, ears));
  }
}

async function answered(
  answer: Answer,
  origin: Parameters<Ears['replies']['view']>[1],
  { replies }: Ears,
): Promise<unknown> {
  switch (answer.is) {
    case 'taken':
      return undefined;
    case 'ask':
      return { response_action: 'update', view: await replies.view(answer.modal, origin) };
    case 'looking':
    case 'said': {
      const message = answer.is === 'said' ? answer.message : await answer.answer;
      const { blocks } = await replies.formatted(message);
      // A button in a form has no message that it belongs to.
      return shown(blocks.filter((block) => block.type !== 'actions'));
    }
  }
}

function shown(blocks: readonly KnownBlock[]): { readonly response_action: 'update'; readonly view: ModalView } {
  return {
    response_action: 'update',
    view: {
      type: 'modal',
      callback_id: 'mlp_answer',
      title: { type: 'plain_text', text: 'mlp' },
      close: { type: 'plain_text', text: 'Close' },
      blocks: [...blocks],
    },
  };
}
