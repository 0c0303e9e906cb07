import { expect, test } from 'vitest';
import { probeByHand } from './advice-probes.ts';

const t = { region: 'eu-west-1', namespace: 'ml-platform', name: 'model-server' };
const rest = { initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 3 };
const kubectl = 'kubectl --context=eu-west-1 -n ml-platform';
const lines = (asks: string): readonly string[] =>
  probeByHand(t, { pod: 'model-server-1', container: 'server' }, { asks, ...rest });

test.each([
  [
    'GET :8080/health',
    [
      `${kubectl} port-forward pod/model-server-1 18080:8080`,
      'curl -sS -m 2 -w %{http_code} http://localhost:18080/health',
    ],
  ],
  [
    'GET https :http-admin/live?deep=1&all=yes',
    [
      `${kubectl} port-forward pod/model-server-1 18080:http-admin`,
      "curl -sSk -m 2 -w %{http_code} 'https://localhost:18080/live?deep=1&all=yes'",
    ],
  ],
  [
    "GET :8080/it's",
    [
      `${kubectl} port-forward pod/model-server-1 18080:8080`,
      'curl -sS -m 2 -w %{http_code} http://localhost:18080/<PATH>',
    ],
  ],
  ['tcp :5432', [`${kubectl} port-forward pod/model-server-1 18080:5432`, 'nc -v -w 2 localhost 18080']],
  [
    'grpc :9000',
    [
      `${kubectl} port-forward pod/model-server-1 18080:9000`,
      'grpcurl -plaintext localhost:18080 grpc.health.v1.Health/Check',
    ],
  ],
  ['exec cat /tmp/ready', [`${kubectl} exec model-server-1 -c server -- cat /tmp/ready`]],
  ['exec sh -c test -f /ready; true', [`${kubectl} exec model-server-1 -c server -- <COMMAND_OF_THE_PROBE>`]],
])('%s', (asks, wanted) => {
  expect(lines(asks)).toEqual(wanted);
});

test('no probe, nothing to ask', () => {
  expect(probeByHand(t, { pod: 'p', container: 'c' }, null)).toEqual([]);
});
