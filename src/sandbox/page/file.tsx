import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PageFile } from '../slack/page-api.ts';
import { Fence } from './fence.tsx';
import { Icon } from './icons.tsx';

/** A file of a message: a picture with its description, a text with its beginning, anything else as a link. */
export function File({ file }: { readonly file: PageFile }): JSX.Element {
  const title = file.title || file.name;
  if (file.mimetype.startsWith('image/')) {
    return (
      <figure class="file-picture">
        <a href={file.url} target="_blank" rel="noreferrer">
          <img class="picture" src={file.url} alt={file.altText || title} />
        </a>
        <figcaption>
          {title} · {sizeOf(file.size)}
        </figcaption>
      </figure>
    );
  }
  return (
    <figure class="file" aria-label={`File: ${title}`}>
      <figcaption class="file-head">
        <Icon name="file" />
        <span class="file-name">
          <strong>{title}</strong>
          <small>
            {title === file.name ? '' : `${file.name} · `}
            {sizeOf(file.size)}
          </small>
        </span>
        <a href={file.url} target="_blank" rel="noreferrer" aria-label={`Open ${title}`}>
          Open
        </a>
      </figcaption>
      {isText(file.mimetype) && <Preview file={file} />}
    </figure>
  );
}

/** More than this is not fetched for a preview: it is there to be opened. */
const mostPreviewedBytes = 200_000;
const previewLimitMs = 8000;

function Preview({ file }: { readonly file: PageFile }): JSX.Element | null {
  const [text, setText] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const fits = file.size <= mostPreviewedBytes;
  useEffect(() => {
    if (!fits) return undefined;
    const stop = new AbortController();
    void fetchText(file.url, AbortSignal.any([stop.signal, AbortSignal.timeout(previewLimitMs)])).then((found) => {
      if (stop.signal.aborted) return;
      setText(found);
      setFailed(found === null);
    });
    return () => stop.abort();
  }, [file.url, fits]);
  if (!fits) return <p class="dim small-print">Too long to show here.</p>;
  if (failed) return <p class="dim small-print">Its text could not be fetched. Open shows it.</p>;
  return text === null ? null : <Fence text={text.trimEnd()} />;
}

async function fetchText(url: string, signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(url, { signal });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

function isText(mimetype: string): boolean {
  return mimetype.startsWith('text/') || /^application\/(json|yaml|x-yaml|xml)$/.test(mimetype);
}

function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
