import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { DeploymentView, Link, PodState, PodView, RegionView } from '../control-api.ts';
import { percent } from './glance.tsx';
import { Icon } from './icons.tsx';
import { Menu } from './menu.tsx';
import type { Control } from './platform.tsx';
import { usePending } from './surface.ts';

const links: readonly { readonly id: string; readonly label: string; readonly hint: string; readonly link: Link }[] = [
  { id: 'normal', label: 'Normal', hint: 'a few milliseconds', link: { kind: 'normal' } },
  { id: 'slow', label: 'Slow', hint: '800 ms more for each request', link: { kind: 'slow', addedMs: 800 } },
  { id: 'hangs', label: 'Hangs', hint: 'takes requests and never answers', link: { kind: 'hangs' } },
  { id: 'unreachable', label: 'Unreachable', hint: 'no connection', link: { kind: 'unreachable' } },
];

/** A region that is as it should be is a line; one with something wrong opens by itself. */
export function Region({ region, send }: { readonly region: RegionView; readonly send: Control }): JSX.Element {
  const { nodes, gpus, deployments } = region;
  const wrong = isWrong(region);
  const [chosen, setChosen] = useState<boolean | null>(null);
  // What was opened or closed by hand stays so until the region's state turns.
  useEffect(() => setChosen(null), [wrong]);
  const open = chosen ?? wrong;
  return (
    <section class="card region" aria-label={region.region} data-region={region.region}>
      <header>
        <button type="button" class="region-name" aria-expanded={open} onClick={() => setChosen(!open)}>
          <Icon name="chevron" />
          <strong>{region.region}</strong>
        </button>
        <LinkChip region={region} send={send} />
      </header>
      <p class="dim small-print">
        <span class={nodes.ready < nodes.total ? 'bad' : ''}>
          {nodes.ready} of {nodes.total} nodes ready
        </span>{' '}
        · {gpus.used} of {gpus.total} GPUs used
      </p>
      {open ? (
        deployments.map((one) => <Deployment key={`${one.namespace}/${one.name}`} deployment={one} />)
      ) : (
        <p class="small-print region-short">
          {deployments.map((one) => (
            <span key={`${one.namespace}/${one.name}`}>
              {one.name} {one.ready}/{one.wanted}
            </span>
          ))}
        </p>
      )}
    </section>
  );
}

function isWrong({ nodes, deployments, link }: RegionView): boolean {
  if (nodes.ready < nodes.total || link.kind === 'unreachable' || link.kind === 'hangs') return true;
  return deployments.some(
    (one) =>
      one.paused || one.ready < one.wanted || one.pods.some((pod) => pod.state !== 'ready' && pod.state !== 'ending'),
  );
}

function LinkChip({ region, send }: { readonly region: RegionView; readonly send: Control }): JSX.Element {
  const [pending, run] = usePending();
  const { link } = region;
  const words = link.kind === 'slow' ? `slow, +${link.addedMs} ms` : link.kind;
  return (
    <Menu
      class={`chip link-${link.kind}${pending ? ' pending' : ''}`}
      kind="listbox"
      label={`The way to ${region.region}: ${words}`}
      items={links.map((one) => ({
        id: one.id,
        label: one.label,
        words: one.label,
        hint: one.hint,
        chosen: one.id === link.kind,
      }))}
      onPick={(id) => {
        const picked = links.find((one) => one.id === id);
        if (picked !== undefined) run(() => send({ kind: 'link', region: region.region, link: picked.link }));
      }}
    >
      {words} <Icon name="chevron" />
    </Menu>
  );
}

function Deployment({ deployment }: { readonly deployment: DeploymentView }): JSX.Element {
  const { name, ready, wanted, traffic } = deployment;
  const tag = deployment.image.split('/').at(-1) ?? deployment.image;
  return (
    <div class="deployment">
      <div class="deployment-head">
        <strong>{name}</strong>
        {deployment.paused && <span class="tag">paused</span>}
        <span class={ready < wanted ? 'count bad' : 'count'}>
          {ready < wanted && '▼ '}
          {ready} of {wanted} ready
        </span>
      </div>
      <progress
        class={ready < wanted ? 'bar low' : 'bar'}
        max={Math.max(wanted, 1)}
        value={Math.min(ready, wanted)}
        aria-label={`${name}: ${ready} of ${wanted} ready`}
      />
      <p class="dim small-print" title={deployment.image}>
        {tag} · revision {deployment.revision}
        {traffic !== null &&
          ` · ${traffic.requestsPerSecond.toFixed(0)} req/s · errors ${percent(traffic.errorRatio)} · p95 ${traffic.p95Ms.toFixed(0)} ms`}
      </p>
      <ul class="pods" aria-label={`Pods of ${name}`}>
        {deployment.pods.map((pod) => (
          <Pod key={pod.name} pod={pod} />
        ))}
      </ul>
    </div>
  );
}

/** What stands in a pod's square, so that its colour is never all there is. */
export const letters: Readonly<Record<PodState, string>> = {
  ready: 'R',
  starting: 'S',
  pending: 'P',
  image: 'I',
  crash: 'C',
  ending: 'E',
  lost: 'L',
};

function Pod({ pod }: { readonly pod: PodView }): JSX.Element {
  const words = `${pod.name}: ${pod.says}, ${pod.restarts} restarts${pod.node === '' ? '' : `, on ${pod.node}`}, ${pod.image}`;
  return (
    <li class={`pod ${pod.state}`} title={words}>
      <span aria-hidden="true">{letters[pod.state]}</span>
      <span class="sr">{words}</span>
    </li>
  );
}
