import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../test/core/catalogue.ts';
import { parseCommand } from '../command/command.ts';
import { patternText } from './pattern.ts';

/** In a line: "logs model-server ml-platform eu-west-1 since 600 s grep x"; a question as "? …". */
function short(text: string): string {
  const parsed = parseCommand(text, catalogue);
  if (parsed.is === 'unclear') return `? ${parsed.because}${parsed.choices.map((one) => ` [${one.command}]`).join('')}`;
  if (parsed.is === 'watch')
    return [
      `watch ${parsed.does}`,
      parsed.name,
      parsed.regions.join('+') || 'everywhere',
      `${parsed.forMs / 60_000} min`,
    ].join(' ');
  if (parsed.is !== 'look') return parsed.is;
  const { view, namespace, name, pod, regions, sinceMs, grep, previous, container, nodes, here } = parsed.asked;
  return [
    view,
    pod ?? (name === '' ? '(all)' : name),
    namespace,
    regions.length === 0 ? 'everywhere' : regions.join('+'),
    ...(sinceMs === null ? [] : [`since ${sinceMs / 1000} s`]),
    ...(previous ? ['previous'] : []),
    ...(container === null ? [] : [`container ${container}`]),
    ...(nodes ? ['nodes'] : []),
    ...(here ? ['here'] : []),
    ...(grep === null ? [] : [`grep ${patternText(grep)}`]),
  ].join(' ');
}

const POD = 'model-server-5d8c7b9f4-x2x7k';

describe('in any order', () => {
  test.each([
    ['pods', 'pods (all) ml-platform everywhere'],
    ['pods model-server', 'pods model-server ml-platform everywhere'],
    ['pods eu model-server', 'pods model-server ml-platform eu-west-1'],
    ['pods us eu', 'pods (all) ml-platform us-east-1+eu-west-1'],
    ['Pods in eu, please', 'pods (all) ml-platform eu-west-1'],
    ['pods -n other', 'pods (all) other everywhere'],
    ['pods here model-server', 'pods model-server ml-platform everywhere here'],
    ['pods deploy/model-server --context=eu', 'pods model-server ml-platform eu-west-1'],
    ['events model-server 15m', 'events model-server ml-platform everywhere since 900 s'],
    ['events last 2h eu', 'events (all) ml-platform eu-west-1 since 7200 s'],
    ['top nodes eu', 'top (all) ml-platform eu-west-1 nodes'],
    [`describe ${POD}`, `describe ${POD} ml-platform everywhere`],
    ['describe pod/postgres-0 eu', 'describe postgres-0 ml-platform eu-west-1'],
    ['describe statefulset/postgres', 'describe postgres ml-platform everywhere'],
    [
      'logs model-server eu since 10m grep out of memory',
      'logs model-server ml-platform eu-west-1 since 600 s grep out of memory',
    ],
    ['logs 10m model-server previous', 'logs model-server ml-platform everywhere since 600 s previous'],
    [`logs ${POD} -c sidecar`, `logs ${POD} ml-platform everywhere container sidecar`],
    ['logs', 'logs (all) ml-platform everywhere'],
    ['changes 1h', 'changes (all) ml-platform everywhere since 3600 s'],
    ['changes model-server 24h', 'changes model-server ml-platform everywhere since 86400 s'],
    ['compare us eu model-server', 'compare model-server ml-platform us-east-1+eu-west-1'],
    ['compare model-server', 'compare model-server ml-platform everywhere'],
    ['watch model-server eu 30m', 'watch start model-server eu-west-1 30 min'],
    ['watch model-server for 2h', 'watch start model-server everywhere 120 min'],
    ['watch', 'watch list  everywhere 30 min'],
    ['watch off', 'watch off  everywhere 30 min'],
    ['watch off model-server', 'watch off model-server everywhere 30 min'],
  ])('%s', (text, meant) => expect(short(text)).toBe(meant));
});

describe('grep takes what was typed', () => {
  test.each([
    ['logs model-server grep "a: b, c."', 'grep a: b, c.'],
    ['logs model-server grep [ERROR]', 'grep [ERROR]'],
    ['logs model-server grep /5\\d\\d|timeout/i', 'grep /5\\d\\d|timeout/i'],
    ['logs model-server | grep -i "connection refused" | tail -5', 'grep connection refused'],
    ['logs model-server grep here eu', 'grep here eu'],
    ['logs model-server grep “smart quotes”', 'grep smart quotes'],
  ])('%s', (text, meant) => expect(short(text)).toBe(`logs model-server ml-platform everywhere ${meant}`));
});

describe('what cannot be meant is said', () => {
  test.each([
    ['logs model-server grep', '? grep what?'],
    ['logs model-server grep /(/', '? I cannot search for `/(/`: a `)` is missing.'],
    ['logs model-server grep -v health', "? Of grep's flags I know no `-v`."],
    ['pods model-server grep x', '? `pods` has nothing to grep in. Write `/mlp pods [deployment] [region]`.'],
    ['top model-server 10m', '? `top` goes back no time.'],
    ['describe model-server previous', '? `describe` has no `previous`.'],
    ['events 90d', '? `90d` is no time that I can look back'],
    ['pods --watch', '? I know no flag `--watch`.'],
    ['pods model-sever', '? I know no `model-sever`. Did you mean model-server? [pods model-server]'],
    ['pods --context mars', '? I know no region `mars`.'],
    ['pods model-server is what', '? I do not understand `what` here.'],
    [`logs ${POD} ${POD.replace('x2x7k', 'aaaaa')}`, '? One pod at a time'],
    ['pods $(rm -rf /)', '? '],
    ['pods odd_name', '? `odd_name` is no name that Kubernetes allows.'],
    ['watch model-server 40h', '? I watch for one minute to 24 hours'],
    [`watch ${POD}`, '? I watch deployments'],
  ])('%s', (text, said) => expect(short(text).startsWith(said) ? said : short(text)).toBe(said));
});

describe('what is pasted from a terminal', () => {
  test.each([
    ['kubectl get pods -n ml-platform -o wide --context eu', 'pods (all) ml-platform eu-west-1'],
    ['k get po -l app=model-server --context eu', 'pods model-server ml-platform eu-west-1'],
    ['kubectl get pods --sort-by .status.startTime', 'pods (all) ml-platform everywhere'],
    ['kubectl get events --sort-by=.lastTimestamp', 'events (all) ml-platform everywhere'],
    ['kubectl events --context=eu', 'events (all) ml-platform eu-west-1'],
    ['kubectl top pods -l app=model-server --context eu', 'top model-server ml-platform eu-west-1'],
    ['kubectl top nodes', 'top (all) ml-platform everywhere nodes'],
    [
      'kubectl -n ml-platform --context eu logs deploy/model-server --tail=100 -f',
      'logs model-server ml-platform eu-west-1',
    ],
    [
      `kubectl logs ${POD} -c sidecar --tail 50 --previous --context=eu`,
      `logs ${POD} ml-platform eu-west-1 previous container sidecar`,
    ],
    [
      'kubectl logs deployment/model-server --since=10m | grep -i oom',
      'logs model-server ml-platform everywhere since 600 s grep oom',
    ],
    [`kubectl describe pod ${POD} --context=eu`, `describe ${POD} ml-platform eu-west-1`],
    ['kubectl describe deployment model-server', 'describe model-server ml-platform everywhere'],
    [
      'kubectl rollout history deployment model-server --context eu --revision=3',
      'changes model-server ml-platform eu-west-1',
    ],
    // No view shows these.
    ['kubectl rollout status deployment/model-server', 'diagnose'],
    ['kubectl get hpa', 'diagnose'],
    ['kubectl describe node gpu-1', 'diagnose'],
    ['kubectl get job nightly', 'diagnose'],
  ])('%s', (text, meant) => expect(short(text)).toBe(meant));
});

test.each(['pods not ready in eu', 'pods keep restarting in eu'])('what is wrong is no view: %s', (text) =>
  expect(short(text)).toBe('diagnose'),
);
