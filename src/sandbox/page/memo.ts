import { Component, createElement, type ComponentChildren, type ComponentType, type FunctionComponent } from 'preact';

/** Draws `inner` again only when one of its props is another object; with shared snapshots that means: when it changed. */
export function memo<P extends object>(inner: FunctionComponent<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const before = this.props as Readonly<Record<string, unknown>>;
      const after = next as Readonly<Record<string, unknown>>;
      return Object.keys(after).some((key) => key !== 'children' && before[key] !== after[key]);
    }
    override render(): ComponentChildren {
      return createElement(inner, this.props);
    }
  };
}
