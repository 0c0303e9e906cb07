import { botUser } from './bot-rights.ts';
import type { ControlPlane } from './control-plane.ts';

/** One write of the bot, as the API server's audit log has it. */
export interface BotWrite {
  readonly region: string;
  readonly verb: string;
  /** HTTP status. */
  readonly status: number;
  /** JSON pointers to what it wrote. */
  readonly paths: readonly string[];
}

/** What the bot wrote since then, in all regions; readings and rehearsals are left out. */
export function botWrites(plane: ControlPlane, since: Date): readonly BotWrite[] {
  return plane.regions.flatMap(({ name }) =>
    plane
      .requests(name, { user: botUser, since })
      .filter(({ verb, uri }) => !['get', 'list', 'watch'].includes(verb) && !uri.includes('dryRun'))
      .map(({ verb, status, body }) => ({ region: name, verb, status, paths: pathsOf(body) })),
  );
}

export const changesTemplate = ({ paths }: BotWrite): boolean => paths.includes('/spec/template');

/** A rollback may write these and nothing else. `resourceVersion` is the condition that it is sent under. */
export const isRollback = ({ verb, paths }: BotWrite): boolean =>
  verb === 'patch' && paths.length > 0 && paths.every((path) => allowed.has(path));

const allowed = new Set([
  '/metadata/resourceVersion',
  '/metadata/annotations',
  '/metadata/annotations/mlp-bot~1fence',
  '/spec/template',
]);

/** Of a JSON patch its operations' paths, of a merge patch those of its leaves. */
function pathsOf(body: unknown): readonly string[] {
  return Array.isArray(body) ? body.map((one: { path: string }) => one.path) : leaves(body);
}

function leaves(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [''];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner).map((path) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}${path}`),
  );
}
