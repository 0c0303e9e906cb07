// `node test/peers/by-hand.ts`: story B to play by hand, with the local Slack in the browser. PORT is 3100 unless set; Ctrl-C ends it all.
import { createServer } from 'node:http';
import { buildPage } from '../../src/sandbox/page-server.ts';
import { startLocalSlack } from '../../src/sandbox/slack/server.ts';
import { images, namespace, startRealWorld } from './real-world.ts';

const port = Number(process.env['PORT'] ?? '3100');
const [region, other] = ['eu-west-1', 'us-east-1'];
const say = (text: string): void => void process.stdout.write(`${text}\n`);

say('Starting two clusters, two Prometheus, Alertmanager, PostgreSQL and two replicas of the bot: some ten seconds …');
const slack = await startLocalSlack({ port: null, baseUrl: `http://127.0.0.1:${port}` });
const page = await buildPage();
const server = createServer((request, response) => {
  if (!slack.handle(request, response) && !page.answer(request, response)) response.writeHead(404).end('Not found\n');
});
server.on('upgrade', (request, socket, head) => {
  if (!slack.upgrade(request, socket, head)) socket.destroy();
});
await new Promise<void>((resolve, reject) => {
  server.once('error', reject);
  server.listen(port, '127.0.0.1', resolve);
});
const world = await startRealWorld({
  regions: [region, other],
  replicas: 2,
  mode: 'socket',
  faults: { [images.missing]: { kind: 'image-not-found' } },
  slack,
});
const kubectl = `.peers/bin/kubectl --kubeconfig=${world.plane.kubeconfig()} --context=${region} -n ${namespace}`;
say(`
The local Slack:  http://localhost:${port}  (channel #ml-platform; Sana Okafor is on call and may approve)
Alertmanager:     ${world.alertmanager.url}
Prometheus:       ${[...world.prometheus].map(([name, one]) => `${name} ${one.url}`).join('  ')}

Break it:         ${kubectl} set image deployment/model-server serve=${images.missing}
Watch it:         ${kubectl} get deployment,replicaset,pods
Kill a replica:   ${world.replicas.map((one) => `kill -9 ${one.pid}`).join('  or  ')}
`);
const end = async (): Promise<void> => {
  say('Ending …');
  await world.stop();
  server.closeAllConnections();
  process.exit(0);
};
process.once('SIGINT', () => void end());
process.once('SIGTERM', () => void end());
