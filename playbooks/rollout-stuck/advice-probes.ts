import type { Container, Pod, PodTemplate, Probe } from '../../src/core/ports/kubernetes.ts';
import { say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { samples } from '../readings/pods.ts';
import type { Sample } from '../readings/pods.ts';
import { troubleOf } from '../readings/trouble.ts';
import type { Trouble } from '../readings/trouble.ts';
import { kubectl } from '../targets/deployment.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';

/** To ask a probe's question by hand, from where one sits: images of servers hold no curl, and mostly no shell. */

const { advice } = onDeployment;
type Which = 'readiness' | 'liveness' | 'startup';

/** Any free port of one's own machine. */
const localPort = 18_080;

function asked(t: DeploymentTarget, one: Asked): readonly string[] {
  const { pod, container, list, which, probe } = one;
  const look = [
    `${kubectl(t)} describe pod ${pod}`,
    `${kubectl(t)} get events --field-selector involvedObject.name=${pod},reason=Unhealthy`,
  ];
  const spec = `${kubectl(t)} get deployment ${t.name} -o jsonpath='{.spec.template.spec.${list}[?(@.name=="${container}")].${which}Probe}'`;
  return [...look, ...probeByHand(t, one, probe), spec];
}

/** The probe's own question: its path, port and scheme. The first of two commands must go on running. */
export function probeByHand(
  t: DeploymentTarget,
  { pod, container }: Pick<Asked, 'pod' | 'container'>,
  probe: Probe | null,
): readonly string[] {
  if (probe === null) return [];
  const forward = (port: string): string => `${kubectl(t)} port-forward pod/${pod} ${localPort}:${port}`;
  const http = /^GET (https )?:([\w-]+)(\/.*)?$/.exec(probe.asks);
  if (http !== null) {
    const [, secure, port = '', path = '/'] = http;
    // The kubelet does not check the certificate either.
    const url = quoted(`${secure === undefined ? 'http' : 'https'}://localhost:${localPort}${path}`);
    const curl = `curl -sS${secure === undefined ? '' : 'k'} -m ${probe.timeoutSeconds} -w %{http_code} ${url}`;
    return [forward(port), curl];
  }
  const tcp = /^tcp :([\w-]+)$/.exec(probe.asks)?.[1];
  if (tcp !== undefined) return [forward(tcp), `nc -v -w ${probe.timeoutSeconds} localhost ${localPort}`];
  const grpc = /^grpc :(\d+)$/.exec(probe.asks)?.[1];
  if (grpc !== undefined)
    return [forward(grpc), `grpcurl -plaintext localhost:${localPort} grpc.health.v1.Health/Check`];
  const command = /^exec (.+)$/.exec(probe.asks)?.[1] ?? '';
  // What was one word and what several is not known of a command with spaces in a word: it is read from the template then.
  const isPlain = /^[\w./:=@%+,-]+( [\w./:=@%+,-]+)*$/.test(command) && !/ -c /.test(command);
  return [`${kubectl(t)} exec ${pod} -c ${container} -- ${isPlain ? command : '<COMMAND_OF_THE_PROBE>'}`];
}

/** For a POSIX shell; what cannot be quoted simply is left to be filled in. */
function quoted(url: string): string {
  if (/^[\w./:=@%+,-]+$/.test(url)) return url;
  return url.includes("'") ? `http://localhost:${localPort}/<PATH>` : `'${url}'`;
}

interface Asked {
  readonly pod: string;
  readonly container: string;
  /** Native sidecars stand among the init containers. */
  readonly list: 'containers' | 'initContainers';
  readonly which: Which;
  readonly probe: Probe | null;
}

/** The container that is held up, and the first of these probes that it has. */
function whoIsAsked(
  template: PodTemplate,
  all: readonly Sample[],
  kinds: readonly Trouble['is'][],
  order: readonly Which[],
): Asked {
  const held = all.map(({ pod }) => heldUp(pod, kinds)).find((one) => one !== null);
  const name = held?.container ?? template.containers[0]?.name ?? '<CONTAINER>';
  const spec: Container | undefined = [...template.containers, ...template.initContainers].find(
    (one) => one.name === name,
  );
  const which = order.find((one) => spec?.[one] !== null && spec?.[one] !== undefined) ?? order[0] ?? 'readiness';
  const list = template.initContainers.some((one) => one.name === name) ? 'initContainers' : 'containers';
  return { pod: held?.pod ?? '<POD>', container: name, list, which, probe: spec?.[which] ?? null };
}

function heldUp(
  pod: Pod,
  kinds: readonly Trouble['is'][],
): { readonly pod: string; readonly container: string } | null {
  const trouble = troubleOf(pod);
  if (trouble === null || !kinds.includes(trouble.is) || !('container' in trouble)) return null;
  return { pod: pod.name, container: trouble.container };
}

function probeAdvice<const I extends string>(
  id: I,
  kinds: readonly Trouble['is'][],
  order: readonly Which[],
  fix: Words,
) {
  return advice({
    when: [id],
    needs: [deployment, samples],
    say: (t, seen) => ({ fix, steps: asked(t, whoIsAsked(seen.deployment.template, seen.samples, kinds, order)) }),
  });
}

export const probeAdvices = [
  probeAdvice(
    'readiness',
    ['not ready'],
    ['readiness'],
    say`ask the probe from your own machine (the second command needs the first to go on running), then fix the application or the probe`,
  ),
  probeAdvice(
    'liveness',
    ['ends'],
    ['liveness'],
    say`while the container runs, ask the probe from your own machine; then see in its log what holds it up. A longer limit only hides a server that hangs`,
  ),
  probeAdvice(
    'slow-start',
    ['ends'],
    ['startup', 'liveness'],
    say`give it a startup probe whose failureThreshold × periodSeconds is longer than its start, or make it start faster. A longer liveness delay would be paid at every hang`,
  ),
] as const;

export const gateAdvice = advice({
  when: ['readiness-gate'],
  needs: [deployment, samples],
  say: (t, seen) => {
    const pod = seen.samples.find((one) => troubleOf(one.pod)?.is === 'pod not ready')?.pod.name ?? '<POD>';
    return {
      fix: say`see why whoever sets the gate does not: for a load balancer, its controller's log and the target's health check`,
      steps: [
        `${kubectl(t)} get pod ${pod} -o jsonpath='{.status.conditions}'`,
        `kubectl --context=${t.region} -n kube-system get pods -o wide`,
      ],
    };
  },
});
