import type { Container, Deployment, PodTemplate } from '../core/ports/kubernetes.ts';

/** Pod templates in words: what differs between two of them, and the facts that regions are compared by. */

/** "model-server:v2.4.1": the registry's host is another in each region. */
export function imageName(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1);
}

/** What is wanted and what runs are two things until a rollout is over. */
export function rolloutText({ wanted, total, updated }: Deployment['replicas']): string {
  return updated >= wanted && total <= updated ? 'complete' : `${updated} of ${total} pods on it`;
}

export function resourcesText({ requests, limits }: Container): string {
  const all = [...new Set([...Object.keys(requests), ...Object.keys(limits)])].toSorted();
  const parts = all.map((one) => {
    const name = one.replace('nvidia.com/', '');
    const [request, limit] = [requests[one], limits[one]];
    return request === limit
      ? `${name} ${request ?? ''}`
      : `${name} ${request ?? 'no request'} to ${limit ?? 'no limit'}`;
  });
  return parts.length === 0 ? 'none set' : parts.join(', ');
}

/** Names of variables and what they refer to; never values. */
export function environmentText({ env }: Container): string {
  return env
    .map((one) =>
      one.is === 'value'
        ? one.variable
        : 'key' in one
          ? `${one.variable} (${one.is} ${one.name}/${one.key})`
          : `${one.is} ${one.name}`,
    )
    .toSorted()
    .join(', ');
}

export function probesText({ readiness, liveness, startup }: Container): string {
  const all = { readiness, liveness, startup };
  return Object.entries(all)
    .map(([name, probe]) =>
      probe === null
        ? `no ${name}`
        : `${name} ${probe.asks} every ${probe.periodSeconds} s, ${probe.failureThreshold} tries of ${probe.timeoutSeconds} s, after ${probe.initialDelaySeconds} s`,
    )
    .join('; ');
}

export function placementText({ nodeSelector, placement }: PodTemplate): string {
  const selector = Object.entries(nodeSelector).map(([label, value]) => `${label}=${value}`);
  return [...selector, ...Object.values(placement).filter((one: string) => one !== '')].join('; ') || 'anywhere';
}

/** Names of the config maps that its pods read. */
export function configMapsOf(template: PodTemplate): readonly string[] {
  const all = [...template.containers, ...template.initContainers].flatMap((one) =>
    one.env.flatMap((ref) => (ref.is === 'config map' || ref.is === 'whole config map' ? [ref.name] : [])),
  );
  const mounted = template.volumes.filter((one) => one.from === 'config map').map((one) => one.source);
  return [...new Set([...all, ...mounted])].toSorted();
}

/** "image v2.4.0 → v2.4.1, resources of model-server"; '' when only a restart, or nothing that is known here, differs. */
export function differences(before: PodTemplate, after: PodTemplate): readonly string[] {
  const out: string[] = [];
  for (const one of [...after.initContainers, ...after.containers]) {
    const old = [...before.initContainers, ...before.containers].find(({ name }) => name === one.name);
    if (old === undefined) {
      out.push(`container ${one.name} added`);
      continue;
    }
    if (old.image !== one.image) out.push(`image ${imageName(old.image)} → ${imageName(one.image)}`);
    const [was, is] = [resourcesText(old), resourcesText(one)];
    if (was !== is) out.push(`resources of ${one.name}: ${was} → ${is}`);
    if (JSON.stringify(old.env) !== JSON.stringify(one.env)) out.push(`environment of ${one.name}${names(old, one)}`);
    if (probesText(old) !== probesText(one)) out.push(`probes of ${one.name}`);
    if (JSON.stringify(old.command) !== JSON.stringify(one.command)) out.push(`command of ${one.name}`);
  }
  const gone = before.containers.filter((one) => !after.containers.some(({ name }) => name === one.name));
  out.push(...gone.map((one) => `container ${one.name} removed`));
  if (placementText(before) !== placementText(after)) out.push('placement');
  if (JSON.stringify(before.volumes) !== JSON.stringify(after.volumes)) out.push('volumes');
  if (before.serviceAccount !== after.serviceAccount)
    out.push(`service account ${before.serviceAccount} → ${after.serviceAccount}`);
  if (out.length === 0 && before.restartedAt !== after.restartedAt) out.push('restart, same template');
  return out;
}

function names(before: Container, after: Container): string {
  const of = (one: Container): Set<string> => new Set(one.env.map((ref) => ref.variable));
  const [old, now] = [of(before), of(after)];
  const added = [...now].filter((one) => !old.has(one)).map((one) => `+${one}`);
  const gone = [...old].filter((one) => !now.has(one)).map((one) => `−${one}`);
  const all = [...added, ...gone];
  return all.length === 0 ? '' : ` (${all.slice(0, 6).join(', ')})`;
}
