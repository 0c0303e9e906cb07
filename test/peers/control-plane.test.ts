import { afterAll, beforeAll, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { startKubelet, type Kubelet } from './kubelet.ts';
import { deployment } from './manifests.ts';
import { need } from './need.ts';
import { until } from './until.ts';
import { startAdmissionWebhook } from './webhook.ts';

const good = 'registry.example/ml/model-server:1.4.1';
const bad = 'registry.example/ml/model-server:1.4.2';

need('control-plane')('a real control plane in two regions', { timeout: 40_000 }, () => {
  let plane: ControlPlane;
  let kubelet: Kubelet;

  beforeAll(async () => {
    plane = await startControlPlane({ regions: ['eu-west-1', 'us-east-1'], auditLog: true });
    kubelet = await startKubelet(plane.region('eu-west-1'), {
      nodes: [
        { name: 'gpu-1', gpus: 2 },
        { name: 'gpu-2', gpus: 2 },
      ],
      faults: { [bad]: { kind: 'image-not-found' } },
    });
  }, 60_000);

  afterAll(async () => {
    await kubelet?.stop();
    await plane?.stop();
  });

  it('rolls out, gets stuck on a bad image, and comes back by rollout undo', async () => {
    await plane.kubectl(['apply', '-f', '-'], {
      stdin: deployment({ name: 'model-server', image: good, progressDeadlineSeconds: 2 }),
    });
    await plane.kubectl(['rollout', 'status', 'deployment/model-server', '--timeout=20s']);
    await plane.kubectl(['set', 'image', 'deployment/model-server', `serve=${bad}`]);
    const stuck = await plane.kubectl(['rollout', 'status', 'deployment/model-server', '--timeout=20s'], {
      mayFail: true,
    });
    expect(stuck.stderr).toContain('exceeded its progress deadline');
    const pods = await plane.kubectl(['get', 'pods', '-l', 'app=model-server']);
    expect(pods.stdout).toMatch(/0\/1 +(ErrImagePull|ImagePullBackOff)/);
    const events = await plane.kubectl(['get', 'events']);
    expect(events.stdout).toContain(`Failed to pull image "${bad}": rpc error: code = NotFound`);

    await plane.kubectl(['rollout', 'undo', 'deployment/model-server']);
    await plane.kubectl(['rollout', 'status', 'deployment/model-server', '--timeout=20s']);
    await until('the bad pod to go', async () => {
      const left = await plane.kubectl(['get', 'pods', '-l', 'app=model-server', '-o', 'name']);
      return left.stdout.trim().split('\n').length === 2 ? true : undefined;
    });
  });

  it('says that a GPU is missing, in the words of the scheduler', async () => {
    const container = { resources: { limits: { 'nvidia.com/gpu': 3 } } };
    await plane.kubectl(['apply', '-f', '-'], {
      stdin: deployment({ name: 'too-big', image: good, replicas: 1, container }),
    });
    const message = await until('FailedScheduling', async () => {
      const { stdout } = await plane.kubectl(['get', 'events', '--field-selector=reason=FailedScheduling']);
      return stdout.includes('too-big') ? stdout : undefined;
    });
    expect(message).toContain('0/2 nodes are available: 2 Insufficient nvidia.com/gpu.');
  });

  it('refuses pods that are over a quota or below the pod security standard', async () => {
    const region = plane.region('eu-west-1');
    await region.createNamespace('tight');
    await region.createNamespace('strict', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    await plane.kubectl(['create', 'quota', 'gpus', '--hard=requests.nvidia.com/gpu=1', '-n', 'tight']);
    const container = { resources: { limits: { 'nvidia.com/gpu': 2 } } };
    for (const namespace of ['tight', 'strict']) {
      await plane.kubectl(['apply', '-f', '-'], {
        stdin: deployment({ name: 'refused', namespace, image: good, replicas: 1, container }),
      });
    }
    const because = (namespace: string): Promise<string> =>
      until(`the reason in ${namespace}`, async () => {
        const { stdout } = await plane.kubectl(['get', 'events', '-n', namespace]);
        return stdout.includes('FailedCreate') ? stdout : undefined;
      });
    expect(await because('tight')).toMatch(/exceeded quota: gpus, requested: requests.nvidia.com\/gpu=2, used: .*=0/);
    expect(await because('strict')).toContain('violates PodSecurity "restricted:latest"');
  });

  it('asks a webhook about pods, and says what it answered', async () => {
    const region = plane.region('eu-west-1');
    await region.createNamespace('guarded');
    const name = 'images.policy.example';
    const webhook = await startAdmissionWebhook(region, {
      name,
      namespace: 'guarded',
      answer: { deny: 'image is not signed' },
    });
    const pod = ['run', 'one', `--image=${good}`, '-n', 'guarded'];
    const refused = await until('a refusal', async () => {
      // A registration takes a moment to be seen; until then pods pass.
      const { stderr } = await plane.kubectl(pod, { mayFail: true });
      if (stderr === '') await plane.kubectl(['delete', 'pod', 'one', '-n', 'guarded', '--force'], { mayFail: true });
      return stderr === '' ? undefined : stderr;
    });
    expect(refused).toContain(`admission webhook "${name}" denied the request: image is not signed`);
    await webhook.goDown();
    expect((await plane.kubectl(pod, { mayFail: true })).stderr).toContain(`failed calling webhook "${name}"`);
    await region.admin.delete(`/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${name}`);
  });

  it('observes nothing while its controllers are paused', async () => {
    const region = plane.region('eu-west-1');
    const generations = async (): Promise<string> => {
      const path = '-o=jsonpath={.metadata.generation}/{.status.observedGeneration}';
      return (await plane.kubectl(['get', 'deployment', 'model-server', path])).stdout;
    };
    const [before] = (await generations()).split('/');
    const next = Number(before) + 1;
    region.pauseControllers();
    await plane.kubectl(['set', 'env', 'deployment/model-server', 'A=B']);
    expect(await generations()).toBe(`${next}/${before}`);
    region.resumeControllers();
    await until('the controllers', async () => ((await generations()) === `${next}/${next}` ? true : undefined));
  });

  it('lets the reader look and nothing else', async () => {
    const as = { user: 'reader', mayFail: true };
    expect((await plane.kubectl(['get', 'pods,deployments,events'], as)).code).toBe(0);
    expect((await plane.kubectl(['get', 'secrets'], as)).stderr).toContain(
      'User "reader" cannot list resource "secrets"',
    );
    expect((await plane.kubectl(['rollout', 'restart', 'deployment/model-server'], as)).stderr).toContain(
      'cannot patch',
    );
  });

  it('keeps its data when its API server is stopped, and answers nobody while it is paused', async () => {
    const region = plane.region('us-east-1');
    const inThere = { region: region.name, mayFail: true };
    await plane.kubectl(['create', 'configmap', 'kept', '--from-literal=a=b'], inThere);
    await region.stop();
    const away = await plane.kubectl(['get', 'configmap', 'kept', '--request-timeout=2s'], inThere);
    expect(away.stderr).toContain('refused');
    await region.start();
    expect((await plane.kubectl(['get', 'configmap', 'kept'], inThere)).code).toBe(0);
    region.pause();
    const hanging = await plane.kubectl(['get', 'configmap', 'kept', '--request-timeout=1s'], inThere);
    region.resume();
    expect(hanging.code).not.toBe(0);
    expect((await plane.kubectl(['get', 'configmap', 'kept'], inThere)).code).toBe(0);
  });

  it('writes who asked what into the audit log', () => {
    const requests = plane.requests('eu-west-1', { user: 'reader' });
    expect(requests.some((one) => one.verb === 'list' && one.uri.includes('/api/v1/namespaces/default/pods'))).toBe(
      true,
    );
    expect(requests.every((one) => one.user === 'reader')).toBe(true);
  });
});
