import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { Region } from './region.ts';
import type { Cluster } from './state.ts';

/** What a JSON-RPC method is made of. Every parameter set also has `region`. */

/** Callers may hand in a wider target: only these two count. */
export const name = z.object({ namespace: z.string().min(1), name: z.string().min(1) });
export const space = z.object({ namespace: z.string() });

export interface Method {
  readonly writes: boolean;
  /** Throws a Failure. */
  readonly run: (region: Region, params: unknown, now: number) => unknown;
}

export function reads<T>(schema: z.ZodType<T>, run: (cluster: Cluster, params: T, now: number) => unknown): Method {
  return { writes: false, run: (region, params, now) => run(region.at(now), parse(schema, params), now) };
}

/** A write is remembered as a fact once it has succeeded; when history is made again it is tried again without its precondition. */
export function writes<T>(
  schema: z.ZodType<T>,
  what: string,
  run: (cluster: Cluster, params: T, at: number) => void,
  again: (cluster: Cluster, params: T, at: number) => void,
): Method {
  return {
    writes: true,
    run(region, raw, now) {
      const params = parse(schema, raw);
      const replay = (cluster: Cluster, at: number): void => {
        try {
          again(cluster, params, at);
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
        }
      };
      region.do({ at: now, kind: 'write', what, run: (cluster, at) => run(cluster, params, at) }, replay);
      return null;
    },
  };
}

function parse<T>(schema: z.ZodType<T>, params: unknown): T {
  const parsed = schema.safeParse(params);
  if (!parsed.success) throw new Failure('invalid', z.prettifyError(parsed.error));
  return parsed.data;
}
