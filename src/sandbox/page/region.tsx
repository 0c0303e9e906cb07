import type { JSX } from 'preact';
import type { DeploymentView, Link, PodState, PodView, RegionView } from '../control-api.ts';
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

export function Region({ region, send }: { readonly region: RegionView; readonly send: Control }): JSX.Element {
  const [pending, run] = usePending();
  const { link, nodes, gpus } = region;
  const linkWords = link.kind === 'slow' ? `slow, +${link.addedMs} ms` : link.kind;
  return (
    <section class="card region" aria-label={region.region}>
      <header>
        <h3>
          <Icon name="globe" /> {region.region}
        </h3>
        <Menu
          class={`chip link-${link.kind}${pending ? ' pending' : ''}`}
          kind="listbox"
          label={`The way to ${region.region}: ${linkWords}`}
          items={links.map((one) => ({
            id: one.id,
            label: one.label,
            words: one.label,
            hint: one.hint,
            chosen: one.id === link.kind,
          }))}
          onPick={(id) => {
            const chosen = links.find((one) => one.id === id);
            if (chosen !== undefined) run(() => send({ kind: 'link', region: region.region, link: chosen.link }));
          }}
        >
          {linkWords} <Icon name="chevron" />
        </Menu>
      </header>
      <p class="dim small-print">
        <span class={nodes.ready < nodes.total ? 'bad' : ''}>
          {nodes.ready} of {nodes.total} nodes ready
        </span>{' '}
        · {gpus.used} of {gpus.total} GPUs used
      </p>
      {region.deployments.map((deployment) => (
        <Deployment key={`${deployment.namespace}/${deployment.name}`} deployment={deployment} />
      ))}
    </section>
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

const letters: Readonly<Record<PodState, string>> = {
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

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio < 0.001 ? 2 : 1)} %`;
}
