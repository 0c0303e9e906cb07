/** Why the scheduler finds no node, from its own words (kubernetes pkg/scheduler, `FitError`). */
export type Hindrance =
  | { readonly is: 'room'; readonly resource: string; readonly nodes: number }
  | { readonly is: 'max pods'; readonly nodes: number }
  | { readonly is: 'port'; readonly nodes: number }
  | { readonly is: 'spread'; readonly nodes: number }
  | { readonly is: 'pod affinity'; readonly nodes: number }
  | { readonly is: 'volume'; readonly nodes: number; readonly what: string }
  | { readonly is: 'cordoned'; readonly nodes: number }
  | { readonly is: 'selector'; readonly nodes: number }
  | { readonly is: 'taint'; readonly nodes: number; readonly taint: string };

export interface Placing {
  /** All nodes that were tried. */
  readonly nodes: number;
  readonly hindrances: readonly Hindrance[];
}

/** "0/12 nodes are available: 4 Insufficient nvidia.com/gpu, 8 node(s) had untolerated taint {x: y}. preemption: …" */
export function placingOf(message: string): Placing | null {
  const tried = /\d+\/(\d+) nodes are available:/.exec(message)?.[1];
  if (tried === undefined) {
    const claim =
      /persistentvolumeclaim "[^"]+" (not found|is being deleted|bound to non-existent [^.,]+)|unbound immediate PersistentVolumeClaims/i.exec(
        message,
      );
    return claim === null ? null : { nodes: 0, hindrances: [{ is: 'volume', nodes: 0, what: claim[0] }] };
  }
  const body = message.slice(message.indexOf('available:') + 'available:'.length).split(/\.? ?preemption:/)[0] ?? '';
  const hindrances = body
    .split(/, (?=\d+ |pod has|persistentvolumeclaim)|\. /)
    .map((part) => hindranceIn(part.trim().replace(/[.,]$/, '')))
    .filter((one) => one !== null);
  return { nodes: Number(tried), hindrances };
}

function hindranceIn(part: string): Hindrance | null {
  const counted = /^(\d+) (.+)$/.exec(part);
  const nodes = Number(counted?.[1] ?? 0);
  const what = counted?.[2] ?? part;
  const short = /^Insufficient (\S+)/.exec(what);
  if (short?.[1] !== undefined) return { is: 'room', resource: short[1], nodes };
  if (what.startsWith('Too many pods')) return { is: 'max pods', nodes };
  if (/free ports/.test(what)) return { is: 'port', nodes };
  if (/topology spread/.test(what)) return { is: 'spread', nodes };
  if (/pod (anti-)?affinity/.test(what)) return { is: 'pod affinity', nodes };
  if (/volume|PersistentVolumeClaim|persistentvolumeclaim/.test(what)) return { is: 'volume', nodes, what };
  if (/were unschedulable/.test(what)) return { is: 'cordoned', nodes };
  if (/node affinity|node selector/.test(what)) return { is: 'selector', nodes };
  const taint = /taint(?:s|\(s\))? \{([^}]*)\}/.exec(what);
  if (taint !== null || /taint/.test(what)) return { is: 'taint', nodes, taint: taint?.[1] ?? '' };
  return null;
}

/** The one that stands between the pod and the nodes it is meant for: nodes kept out by taints or selectors are so by design. */
const order: readonly Hindrance['is'][] = [
  'room',
  'max pods',
  'port',
  'spread',
  'pod affinity',
  'volume',
  'cordoned',
  'selector',
  'taint',
];

export function mainHindrance(placing: Placing): Hindrance | null {
  for (const is of order) {
    // Among resources the GPU first: it is what cannot be squeezed.
    const mine = placing.hindrances.filter((one) => one.is === is);
    const gpu = mine.find((one) => one.is === 'room' && isGpu(one.resource));
    const [first] = mine;
    if (gpu !== undefined || first !== undefined) return gpu ?? first ?? null;
  }
  return null;
}

export function isGpu(resource: string): boolean {
  return /(^|\/|\.)(gpu|mig-[\w.]+)$/.test(resource);
}
