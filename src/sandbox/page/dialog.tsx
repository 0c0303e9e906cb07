import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly label: string;
  readonly class?: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A modal dialog by the browser's own element: it traps the focus, makes the rest inert and gives the focus back. */
export function Dialog({ label, class: name, onClose, children }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={name === undefined ? 'dialog' : `dialog ${name}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: ComponentChildren;
  readonly text: ComponentChildren;
  readonly yes: string;
  readonly no: string;
  readonly danger: boolean;
  readonly onAnswer: (yes: boolean) => void;
}

export function Confirm({ title, text, yes, no, danger, onAnswer }: ConfirmProps): JSX.Element {
  return (
    <Dialog label="Please confirm" class="confirm" onClose={() => onAnswer(false)}>
      <h2>{title}</h2>
      <div class="confirm-text">{text}</div>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={() => onAnswer(false)}>
          {no}
        </button>
        <button type="button" class={danger ? 'button danger' : 'button primary'} onClick={() => onAnswer(true)}>
          {yes}
        </button>
      </div>
    </Dialog>
  );
}
