import type { JSX } from 'preact';
import type { RegionView } from '../control-api.ts';

export interface RegionState {
  readonly kind: 'well' | 'moving' | 'wrong' | 'unseen';
  /** The worst of it, in a few words. */
  readonly words: string;
  /** What it does to users, where anybody measures it. */
  readonly users: string;
}

/** More of the requests failing than this is said to be wrong. */
const errorLimit = 0.01;

export function stateOfRegion(region: RegionView): RegionState {
  return { ...worstOf(region), users: usersOf(region) };
}

function worstOf({ link, nodes, deployments }: RegionView): Pick<RegionState, 'kind' | 'words'> {
  if (link.kind === 'unreachable') return { kind: 'unseen', words: 'unreachable' };
  if (link.kind === 'hangs') return { kind: 'unseen', words: 'no answer' };
  if (nodes.ready < nodes.total) return { kind: 'wrong', words: `${nodes.ready}/${nodes.total} nodes` };
  const short = deployments.filter((one) => one.ready < one.wanted).toSorted((a, b) => share(a) - share(b))[0];
  if (short !== undefined) return { kind: 'wrong', words: `${short.ready}/${short.wanted} ready` };
  if (deployments.some((one) => (one.traffic?.errorRatio ?? 0) > errorLimit))
    return { kind: 'wrong', words: 'requests fail' };
  if (deployments.some((one) => one.paused)) return { kind: 'moving', words: 'rollout paused' };
  if (deployments.some((one) => one.pods.some((pod) => pod.state !== 'ready' && pod.state !== 'ending')))
    return { kind: 'moving', words: 'pods not ready' };
  if (link.kind === 'slow') return { kind: 'moving', words: 'slow to answer' };
  return { kind: 'well', words: 'all ready' };
}

const share = (one: RegionView['deployments'][number]): number => one.ready / Math.max(one.wanted, 1);

function usersOf({ link, deployments }: RegionView): string {
  if (link.kind === 'unreachable' || link.kind === 'hangs') return 'cannot be seen';
  const traffic = deployments.flatMap((one) => one.traffic ?? [])[0];
  return traffic === undefined ? '' : `errors ${percent(traffic.errorRatio)}`;
}

export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio < 0.001 ? 2 : 1)} %`;
}

const glyphs = { well: '✓', moving: '…', wrong: '▼', unseen: '?' } as const;

/** The regions side by side, before anything else: which one is not as it should be. */
export function Glance({ regions }: { readonly regions: readonly RegionView[] }): JSX.Element {
  return (
    <ul class="glance" aria-label="The regions at a glance">
      {regions.map((region) => {
        const { kind, words, users } = stateOfRegion(region);
        return (
          <li key={region.region}>
            <button type="button" class={`glance-one ${kind}`} onClick={() => showRegion(region.region)}>
              <strong>{region.region}</strong>
              <span class="glance-words">
                <span aria-hidden="true">{glyphs[kind]}</span> {words}
              </span>
              <small>{users}</small>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function showRegion(region: string): void {
  const card = document.querySelector<HTMLElement>(`.region[data-region="${region}"]`);
  card?.scrollIntoView({ block: 'nearest' });
  card?.querySelector<HTMLElement>('.region-name')?.focus();
}
