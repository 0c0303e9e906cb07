import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PageElementValue, PageView, PageViewValues } from '../slack/page-api.ts';
import { Blocks } from './blocks.tsx';
import { Dialog } from './dialog.tsx';
import { Icon } from './icons.tsx';
import { useSession } from './session.ts';
import { SurfaceContext, usePending, type Surface } from './surface.ts';
import { Plain } from './text.tsx';

interface ModalForm {
  readonly surface: Surface;
  readonly pending: boolean;
  readonly failed: string | null;
  readonly submit: () => void;
}

/** What was typed stays while the bot updates the view, by block and action id. */
function useForm(view: PageView): ModalForm {
  const session = useSession();
  const [values, setValues] = useState<PageViewValues>({});
  const [pending, run] = usePending();
  const [failed, setFailed] = useState<string | null>(null);
  const current = useRef(values);
  const submit = (): void =>
    run(async () => {
      setFailed(null);
      const result = await session.act({ kind: 'submit', viewId: view.id, values: current.current });
      if (!result.ok && result.kind !== 'fields') setFailed(result.error);
    });
  const surface = useMemo<Surface>(() => {
    const set = (blockId: string, actionId: string, value: PageElementValue): void => {
      current.current = { ...current.current, [blockId]: { ...current.current[blockId], [actionId]: value } };
      setValues(current.current);
    };
    return {
      form: { values, set, errors: view.errors, submit },
      press: async (blockId, actionId, value) => {
        const where = { viewId: view.id, blockId, actionId, values: current.current };
        const result = await session.act({ kind: 'pressInView', ...where, ...(value === undefined ? {} : { value }) });
        if (!result.ok && result.kind !== 'fields') setFailed(result.error);
        return result;
      },
      suggest: async (blockId, actionId, typed) => {
        const result = await session.act({ kind: 'suggest', where: { viewId: view.id }, blockId, actionId, typed });
        return result.ok ? (result.options ?? []) : [];
      },
    };
  }, [session, view, values, pending]);
  return { surface, pending, failed, submit };
}

const fields = '.modal-blocks :is(input, textarea, select), [type="submit"]';

/** The modal on top of the stack. */
export function Modal({ view, below }: { readonly view: PageView; readonly below: number }): JSX.Element {
  const session = useSession();
  const { surface, pending, failed, submit } = useForm(view);
  const body = useRef<HTMLFormElement>(null);
  const close = (all: boolean): void => void session.act({ kind: 'close', viewId: view.id, ...(all ? { all } : {}) });
  useEffect(() => body.current?.querySelector<HTMLElement>(fields)?.focus(), []);
  useEffect(() => {
    if (Object.keys(view.errors).length > 0) body.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [view.errors]);
  const trouble = view.trouble ? 'We had some trouble connecting. Try again?' : failed;
  return (
    <Dialog label={view.title} class="modal" onClose={() => close(false)}>
      <form
        ref={body}
        class="modal-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <header class="modal-head">
          <h2>
            <Plain text={view.title} />
          </h2>
          {below > 0 && <span class="dim">{below} more below</span>}
          <button type="button" class="tool" aria-label="Close all" onClick={() => close(true)}>
            <Icon name="close" />
          </button>
        </header>
        <div class="modal-blocks">
          <div class="only-you">Only you see this window</div>
          <SurfaceContext.Provider value={surface}>
            <Blocks blocks={view.blocks} />
          </SurfaceContext.Provider>
        </div>
        {trouble !== null && (
          <div class="trouble" role="alert">
            ⚠ {trouble}
          </div>
        )}
        <footer class="dialog-buttons">
          <button type="button" class="button" onClick={() => close(false)}>
            {view.close}
          </button>
          {view.submit !== null && (
            <button type="submit" class={pending ? 'button primary pending' : 'button primary'} aria-busy={pending}>
              {view.submit}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}
