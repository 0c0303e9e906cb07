import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { PageBlock } from '../slack/page-api.ts';
import { Element, ImageElement } from './elements.tsx';
import { Field } from './fields.tsx';
import { list, num, obj, str, type Json } from './json.ts';
import { Markdown } from './markdown.tsx';
import { isSafeUrl } from './mrkdwn.ts';
import { RichText } from './rich-text.tsx';
import { useSurface } from './surface.ts';
import { Link, plainOf, TextObject } from './text.tsx';

export function Blocks({ blocks }: { readonly blocks: readonly PageBlock[] }): JSX.Element {
  return (
    <>
      {blocks.map((block, index) => (
        <Block key={block.block_id ?? index} block={block} />
      ))}
    </>
  );
}

function Block({ block }: { readonly block: PageBlock }): JSX.Element {
  const blockId = block.block_id ?? '';
  switch (block.type) {
    case 'section':
      return <Section block={block} blockId={blockId} />;
    case 'header':
      return (
        <h3 class="block header">
          <TextObject value={block['text']} />
        </h3>
      );
    case 'divider':
      return <hr class="block" />;
    case 'context':
      return (
        <div class="block context">
          {list(block, 'elements').map((one) =>
            str(one, 'type') === 'image' ? (
              <ImageElement element={one} />
            ) : (
              <span>
                <TextObject value={one} />
              </span>
            ),
          )}
        </div>
      );
    case 'actions':
    case 'context_actions':
      return (
        <div class="block actions">
          {list(block, 'elements').map((one) => (
            <Element key={str(one, 'action_id')} element={one} blockId={blockId} />
          ))}
        </div>
      );
    case 'image':
      return <Picture block={block} />;
    case 'rich_text':
      return (
        <div class="block">
          <RichText elements={list(block, 'elements')} />
        </div>
      );
    case 'markdown':
      return (
        <div class="block">
          <Markdown text={str(block, 'text')} />
        </div>
      );
    case 'input':
      return <InputBlock block={block} blockId={blockId} />;
    case 'table':
      return <Table block={block} />;
    case 'alert':
      return (
        <div class="block alert" role="note">
          <TextObject value={block['text']} />
        </div>
      );
    default:
      return (
        <div class="block unknown">
          A “{block.type}” block, which this page cannot draw. {plainOf(block['text']) || plainOf(block['title'])}
        </div>
      );
  }
}

function Section({ block, blockId }: { readonly block: Json; readonly blockId: string }): JSX.Element {
  const accessory = obj(block, 'accessory');
  const fields = list(block, 'fields');
  return (
    <div class="block section">
      <div class="section-text">
        {block['text'] !== undefined && <TextObject value={block['text']} />}
        {fields.length > 0 && (
          <div class="section-fields">
            {fields.map((field) => (
              <div>
                <TextObject value={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {accessory !== null && (
        <div class="section-accessory">
          <Element element={accessory} blockId={blockId} />
        </div>
      )}
    </div>
  );
}

function Picture({ block }: { readonly block: Json }): JSX.Element {
  const url = str(block, 'image_url');
  return (
    <figure class="block">
      {block['title'] !== undefined && (
        <figcaption>
          <TextObject value={block['title']} />
        </figcaption>
      )}
      <ImageElement element={block} />
      {isSafeUrl(url) && <Link url={url}>Open the picture</Link>}
    </figure>
  );
}

function InputBlock({ block, blockId }: { readonly block: Json; readonly blockId: string }): JSX.Element {
  const id = useId();
  const { form } = useSurface();
  const element = obj(block, 'element') ?? {};
  const error = form?.errors[blockId];
  const label = <TextObject value={block['label']} />;
  const grouped = /^(checkboxes|radio_buttons|multi_)/.test(str(element, 'type'));
  const described = [block['hint'] === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`]
    .filter((one) => one !== '')
    .join(' ');
  const optional = block['optional'] === true && <small> (optional)</small>;
  const field = (
    <Field
      element={element}
      blockId={blockId}
      dispatch={block['dispatch_action'] === true}
      id={id}
      invalid={error !== undefined}
      {...(described === '' ? {} : { describedBy: described })}
    />
  );
  const below = (
    <>
      {block['hint'] !== undefined && (
        <div class="hint" id={`${id}-hint`}>
          <TextObject value={block['hint']} />
        </div>
      )}
      {error !== undefined && (
        <div class="field-error" id={`${id}-error`} role="alert">
          ⚠ {error}
        </div>
      )}
    </>
  );
  if (grouped) {
    return (
      <fieldset class="block input">
        <legend>
          {label}
          {optional}
        </legend>
        {field}
        {below}
      </fieldset>
    );
  }
  return (
    <div class="block input">
      <label for={id}>
        {label}
        {optional}
      </label>
      {field}
      {below}
    </div>
  );
}

function Table({ block }: { readonly block: Json }): JSX.Element {
  const rows = Array.isArray(block['rows']) ? (block['rows'] as readonly unknown[]) : [];
  const settings = list(block, 'column_settings');
  const cells = (row: unknown): readonly Json[] => (Array.isArray(row) ? (row as readonly Json[]) : []);
  const cell = (one: Json): JSX.Element =>
    str(one, 'type') === 'rich_text' ? (
      <RichText elements={list(one, 'elements')} />
    ) : (
      <>{str(one, 'text') || String(num(one, 'value') ?? '')}</>
    );
  const align = (index: number): string => str(settings[index] ?? {}, 'align') || 'left';
  return (
    <div class="block table" tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead>
          <tr>
            {cells(rows[0]).map((one, index) => (
              <th scope="col" class={align(index)}>
                {cell(one)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(1).map((row) => (
            <tr>
              {cells(row).map((one, index) => (
                <td class={align(index)}>{cell(one)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
