import { Failure } from '../../core/failure.ts';
import { whyNotInside } from '../../core/inside.ts';
import type { Fetched, ObjectName, Ran } from '../../core/ports/kubernetes.ts';
import { redact } from '../../core/redact.ts';
import type { Request } from './connection.ts';
import { failureOf, whatOf } from './failures.ts';
import { logOf } from './log.ts';
import { getting, type Reading } from './reading.ts';
import { runOver, type Outcome } from './remote-command.ts';

/** What needs *look inside*: one program of the allow-list in a container, and one GET through the service proxy. */

/** Of each of the two streams, bytes. */
const maxOutputBytes = 64 * 1024;
/** Of a body, bytes. */
const maxBodyBytes = 4 * 1024;
const maxLines = 5_000;

export async function exec(
  on: Reading,
  of: ObjectName,
  { container, argv }: { readonly container: string; readonly argv: readonly string[] },
): Promise<Ran> {
  const why = whyNotInside(argv);
  if (why !== null) throw new Failure('invalid', why);
  const { connection } = on;
  const limit = AbortSignal.timeout(connection.limitMs);
  const signal = AbortSignal.any([on.signal, limit]);
  const pod = getting({ signal }, '/api/v1', 'pods', of);
  const query = { container, command: argv, stdout: 'true', stderr: 'true', stdin: 'false', tty: 'false' };
  // Since 1.35 the API server asks for "create", however the connection is made; before, "get" was enough for a web socket.
  const asked: Request = { ...pod, verb: 'create', resource: 'pods/exec', path: `${pod.path}/exec`, query };
  const told = whatOf({ ...asked, region: connection.region, writes: false });
  const outcome = await runOver((protocols) => connection.socket(asked, protocols), signal, maxOutputBytes);
  if (outcome.is === 'overdue') throw connection.overdue({ ...asked, signal: on.signal });
  if (outcome.is === 'refused') throw await whyRefused(on, asked, outcome.because);
  if (outcome.is === 'not run') {
    if (isNotInImage(outcome.because))
      return { exitCode: notInImage, out: [], err: [redact(outcome.because)], cut: false };
    throw new Failure('server error', `${told}: ${redact(outcome.because)}`);
  }
  return ranOf(outcome);
}

function ranOf({ exitCode, out, err, isCut }: Extract<Outcome, { is: 'ran' }>): Ran {
  const [first, second] = [logOf(out, maxLines, isCut), logOf(err, maxLines, isCut)];
  return { exitCode, out: first.lines, err: second.lines, cut: first.cut || second.cut };
}

/** Some runtimes say it with this exit code, others (containerd, CRI-O) with an error of their own: here it is always the exit code. */
const notInImage = 126;
const isNotInImage = (because: string): boolean => /executable file not found in \$PATH/.test(because);

/** A web socket does not tell why it was not opened; the same request without one does, and runs nothing. */
async function whyRefused(on: Reading, asked: Request, because: string): Promise<Failure> {
  const { connection } = on;
  const { status, body } = await connection.any({ ...asked, signal: on.signal }, 16 * 1024);
  const writes = false;
  // 400 "Upgrade request required" and the like: it got as far as the kubelet, which then did not want the protocol.
  if (status < 400 || /upgrade/i.test(body)) {
    const what = whatOf({ ...asked, region: connection.region, writes });
    return new Failure('unreachable', `${what}: no web socket to the container (${redact(because)})`);
  }
  return failureOf({ ...asked, region: connection.region, writes }, { status, body, retryAfterMs: null });
}

const plainPath = /^\/(?!.*\.\.)[A-Za-z0-9_\-./]{0,200}$/;

export async function fetchInside(
  on: Reading,
  of: ObjectName,
  at: { readonly port: string; readonly path: string },
): Promise<Fetched> {
  if (!plainPath.test(at.path)) throw new Failure('invalid', `${at.path.slice(0, 80)} is no plain path`);
  if (!/^[a-z0-9-]{1,15}$/.test(at.port)) throw new Failure('invalid', `${at.port.slice(0, 20)} is no port`);
  const { connection, signal } = on;
  const name = `${of.name}:${at.port}`;
  const service = getting(on, '/api/v1', 'services', { namespace: of.namespace, name });
  const asked: Request = {
    ...service,
    name: of.name,
    resource: 'services/proxy',
    path: `${service.path.replace(/%3A/g, ':')}/proxy${at.path}`,
    accept: '*/*',
    signal,
  };
  const started = performance.now();
  const { status, body } = await connection.any(asked, maxBodyBytes);
  const tookMs = Math.round(performance.now() - started);
  // The API server answers for itself with a Status; whatever else comes is the service's own answer.
  if (status >= 400 && isStatus(body))
    throw failureOf({ ...asked, region: connection.region, writes: false }, { status, body, retryAfterMs: null });
  return { status, tookMs, body: logOf(body, maxLines, false).lines.join('\n') };
}

function isStatus(body: string): boolean {
  return /"kind"\s*:\s*"Status"/.test(body) && /"apiVersion"\s*:\s*"v1"/.test(body);
}
