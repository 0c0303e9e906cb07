import { botUser } from './bot-rights.ts';
import type { ControlPlane } from './control-plane.ts';

/** One write of the bot, as the API server's audit log has it. */
export interface BotWrite {
  readonly region: string;
  readonly verb: string;
  /** Path and query. */
  readonly uri: string;
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
      .filter(({ verb, uri, body }) => !isReading(verb, uri) && !isRehearsal(uri, body))
      .map(({ verb, uri, status, body }) => ({ region: name, verb, uri, status, paths: pathsOf(body) })),
  );
}

/** Asking what one may do is a `create`. An exec is a `get` or `create` that changes nothing of the cluster's. */
const isReading = (verb: string, uri: string): boolean =>
  ['get', 'list', 'watch'].includes(verb) || /\/selfsubject|\/exec\b/.test(uri);
/** An eviction's dry run stands in its body. */
const isRehearsal = (uri: string, body: unknown): boolean =>
  uri.includes('dryRun') || JSON.stringify(body ?? null).includes('"dryRun":["All"]');

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
