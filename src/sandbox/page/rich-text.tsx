import type { ComponentChildren, JSX } from 'preact';
import { Fence } from './fence.tsx';
import { list, num, obj, str, type Json } from './json.ts';
import { isSafeUrl } from './mrkdwn.ts';
import { Channel, Emoji, Group, Link, Person, When } from './text.tsx';

export function RichText({ elements }: { readonly elements: readonly Json[] }): JSX.Element {
  return (
    <>
      {elements.map((element) => (
        <Part element={element} />
      ))}
    </>
  );
}

function Part({ element }: { readonly element: Json }): JSX.Element {
  const inner = list(element, 'elements');
  switch (str(element, 'type')) {
    case 'rich_text_list': {
      const items = inner.map((item) => (
        <li>
          <Spans elements={list(item, 'elements')} />
        </li>
      ));
      const name = `list indent-${Math.min(num(element, 'indent') ?? 0, 5)}`;
      return str(element, 'style') === 'ordered' ? (
        <ol class={name} start={(num(element, 'offset') ?? 0) + 1}>
          {items}
        </ol>
      ) : (
        <ul class={name}>{items}</ul>
      );
    }
    case 'rich_text_quote':
      return (
        <blockquote>
          <Spans elements={inner} />
        </blockquote>
      );
    case 'rich_text_preformatted':
      return <Fence text={inner.map((one) => str(one, 'text') || str(one, 'url')).join('')} />;
    default:
      return (
        <div class="lines">
          <Spans elements={inner} />
        </div>
      );
  }
}

function Spans({ elements }: { readonly elements: readonly Json[] }): JSX.Element {
  return (
    <>
      {elements.map((one) => (
        <Styled style={obj(one, 'style') ?? {}}>
          <Span element={one} />
        </Styled>
      ))}
    </>
  );
}

function Styled({ style, children }: { readonly style: Json; readonly children: ComponentChildren }): JSX.Element {
  let out = <>{children}</>;
  if (style['code'] === true) out = <code>{out}</code>;
  if (style['strike'] === true) out = <s>{out}</s>;
  if (style['italic'] === true) out = <em>{out}</em>;
  if (style['bold'] === true) out = <strong>{out}</strong>;
  return out;
}

function Span({ element }: { readonly element: Json }): JSX.Element {
  switch (str(element, 'type')) {
    case 'link': {
      const url = str(element, 'url');
      const label = str(element, 'text') || url;
      return isSafeUrl(url) ? <Link url={url}>{label}</Link> : <>{label}</>;
    }
    case 'user':
      return <Person id={str(element, 'user_id')} />;
    case 'usergroup':
      return <Group id={str(element, 'usergroup_id')} />;
    case 'channel':
      return <Channel id={str(element, 'channel_id')} label={null} />;
    case 'emoji':
      return <Emoji name={str(element, 'name')} />;
    case 'broadcast':
      return <span class="mention mention-me">@{str(element, 'range')}</span>;
    case 'date':
      return <When atMs={(num(element, 'timestamp') ?? 0) * 1000} format={str(element, 'format')} url={null} />;
    case 'color':
      return <code>{str(element, 'value')}</code>;
    default:
      return <>{str(element, 'text')}</>;
  }
}
