import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PageElementValue } from '../slack/page-api.ts';
import { Confirm } from './dialog.tsx';
import { Icon } from './icons.tsx';
import { initialOf, optionItems, selectValue, useItems } from './choices.tsx';
import { obj, str, type Json } from './json.ts';
import { Menu, type MenuItem } from './menu.tsx';
import { isSafeUrl } from './mrkdwn.ts';
import { Field } from './fields.tsx';
import { usePending, useSurface } from './surface.ts';
import { Plain, plainOf, TextObject } from './text.tsx';

interface ElementProps {
  readonly element: Json;
  readonly blockId: string;
}

/** One interactive element of an actions block, a section's accessory, or a context. */
export function Element({ element, blockId }: ElementProps): JSX.Element {
  const type = str(element, 'type');
  if (type === 'button') return <ButtonElement element={element} blockId={blockId} />;
  if (type === 'overflow') return <Overflow element={element} blockId={blockId} />;
  if (type === 'image') return <ImageElement element={element} />;
  if (type.endsWith('_select') && !type.startsWith('multi_'))
    return <SelectElement element={element} blockId={blockId} />;
  return <Field element={element} blockId={blockId} dispatch />;
}

/** Asks first when the element has a `confirm`, then presses, and says whether that is under way. */
function usePress({ element, blockId }: ElementProps): {
  readonly pending: boolean;
  readonly press: (value?: PageElementValue) => void;
  readonly question: JSX.Element | null;
} {
  const surface = useSurface();
  const [pending, run] = usePending();
  const [asking, setAsking] = useState<{ readonly value: PageElementValue | undefined } | null>(null);
  const confirm = obj(element, 'confirm');
  const send = (value: PageElementValue | undefined): void =>
    run(() => surface.press(blockId, str(element, 'action_id'), value));
  const question =
    asking === null || confirm === null ? null : (
      <Confirm
        title={<TextObject value={confirm['title']} />}
        text={<TextObject value={confirm['text']} />}
        yes={plainOf(confirm['confirm'])}
        no={plainOf(confirm['deny'])}
        danger={str(confirm, 'style') === 'danger'}
        onAnswer={(yes) => {
          setAsking(null);
          if (yes) send(asking.value);
        }}
      />
    );
  return { pending, question, press: (value) => (confirm === null ? send(value) : setAsking({ value })) };
}

function ButtonElement(props: ElementProps): JSX.Element {
  const { element } = props;
  const { pending, press, question } = usePress(props);
  const style = str(element, 'style');
  const url = str(element, 'url');
  const label = str(element, 'accessibility_label');
  const common = {
    class: `button ${style}${pending ? ' pending' : ''}`,
    ...(label === '' ? {} : { 'aria-label': label, title: label }),
  };
  const value = str(element, 'value');
  const pressed = (): void => press(value === '' ? undefined : { value });
  if (url !== '' && isSafeUrl(url)) {
    return (
      <a {...common} href={url} target="_blank" rel="noreferrer noopener" onClick={pressed}>
        <Plain text={plainOf(element['text'])} />
      </a>
    );
  }
  return (
    <>
      <button type="button" {...common} aria-busy={pending} onClick={pressed}>
        <Plain text={plainOf(element['text'])} />
      </button>
      {question}
    </>
  );
}

function Overflow(props: ElementProps): JSX.Element {
  const { pending, press, question } = usePress(props);
  return (
    <>
      <Menu
        class={pending ? 'button quiet pending' : 'button quiet'}
        kind="menu"
        label="More actions"
        busy={pending}
        items={optionItems(props.element, [])}
        onPick={(value) => press({ selectedOption: value })}
      >
        <Icon name="more" />
      </Menu>
      {question}
    </>
  );
}

/** A select in a message: what is chosen goes to the bot at once. */
function SelectElement(props: ElementProps): JSX.Element {
  const { element, blockId } = props;
  const surface = useSurface();
  const { pending, press, question } = usePress(props);
  const [picked, setPicked] = useState<string | null>(null);
  const [found, setFound] = useState<readonly MenuItem[]>([]);
  const type = str(element, 'type');
  const chosen = picked ?? initialOf(element);
  const known = useItems(element, [chosen]);
  const items = type === 'external_select' ? found : known;
  const label = plainOf(element['placeholder']) || 'Choose';
  const words = items.find((item) => item.id === chosen)?.words;
  const shown = items.find((item) => item.id === chosen)?.label ?? (picked === null ? label : picked);
  const suggest = (typed: string): void => {
    void surface
      .suggest(blockId, str(element, 'action_id'), typed)
      .then((options) => setFound(options.map((one) => ({ id: one.value, label: one.label, words: one.label }))));
  };
  return (
    <>
      <Menu
        kind="listbox"
        class={pending ? 'button select pending' : 'button select'}
        label={words === undefined ? label : `${label}: ${words}`}
        busy={pending}
        items={items}
        {...(type === 'external_select' ? { onTyped: suggest } : {})}
        onPick={(value) => {
          setPicked(value);
          press(selectValue(type, value));
        }}
      >
        <span>{shown}</span>
        <Icon name="chevron" />
      </Menu>
      {question}
    </>
  );
}

export function ImageElement({ element }: { readonly element: Json }): JSX.Element {
  const url = str(element, 'image_url') || str(element, 'url');
  const alt = str(element, 'alt_text');
  // Only pictures of this server are fetched; the sandbox calls nobody.
  if (url.startsWith('/page/files/') || url.startsWith('data:image/'))
    return <img class="picture" src={url} alt={alt} />;
  return (
    <span class="picture-text" title={url}>
      {alt === '' ? 'Picture' : alt}
    </span>
  );
}
