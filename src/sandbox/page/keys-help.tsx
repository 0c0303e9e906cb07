import { Fragment, type JSX } from 'preact';
import { Dialog } from './dialog.tsx';
import { Icon } from './icons.tsx';
import { shortcutList } from './shortcuts.ts';

/** What the keyboard can do here. */
export function KeysHelp({ onClose }: { readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog label="Keyboard shortcuts" class="keys-help" onClose={onClose}>
      <header class="keys-head">
        <h2>Keyboard shortcuts</h2>
        <button type="button" class="tool" aria-label="Close" autofocus onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="keys-lists">
        {shortcutList.map(({ where, keys }) => (
          <section key={where}>
            <h3>{where}</h3>
            <dl>
              {keys.map((one) => (
                <div key={one.does}>
                  <dt>
                    {one.keys.map((key, index) => (
                      <Fragment key={key}>
                        {index > 0 && ' '}
                        <kbd>{key}</kbd>
                      </Fragment>
                    ))}
                  </dt>
                  <dd>{one.does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
