import { createContext } from 'preact';
import { useContext, useState } from 'preact/hooks';
import type { PageActResult, PageElementValue, PageOption, PageViewValues } from '../slack/page-api.ts';

/** Where blocks stand: a message, a modal, the Home tab. */
export interface Surface {
  press(blockId: string, actionId: string, value?: PageElementValue): Promise<PageActResult>;
  suggest(blockId: string, actionId: string, typed: string): Promise<readonly PageOption[]>;
  /** What stands in the fields of a modal; null where nothing is submitted. */
  readonly form: Form | null;
}

export interface Form {
  readonly values: PageViewValues;
  set(blockId: string, actionId: string, value: PageElementValue): void;
  readonly errors: Readonly<Record<string, string>>;
  submit(): void;
}

export const SurfaceContext = createContext<Surface | null>(null);

export function useSurface(): Surface {
  const found = useContext(SurfaceContext);
  if (found === null) throw new Error('blocks stand on no surface');
  return found;
}

/** Runs one thing at a time and tells whether it is under way: a pressed button shows it, and a second press does nothing. */
export function usePending(): readonly [boolean, (work: () => Promise<unknown>) => void] {
  const [pending, setPending] = useState(false);
  const run = (work: () => Promise<unknown>): void => {
    if (pending) return;
    setPending(true);
    void work().finally(() => setPending(false));
  };
  return [pending, run];
}
