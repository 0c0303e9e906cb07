import { Failure } from '../../core/failure.ts';

/** Plain names only: they become a part of a path. */
export function checkName(name: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/.test(name))
    throw new Failure('invalid', 'a post-mortem has a name of letters, digits, dots and dashes');
}
