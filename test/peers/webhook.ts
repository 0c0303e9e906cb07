import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Region } from './control-plane-region.ts';

/** What the webhook says to each pod that is created: a refusal with this sentence, nothing at all, or yes. */
export type WebhookAnswer = { readonly deny: string } | 'hang' | 'allow';

export interface AdmissionWebhook {
  set(answer: WebhookAnswer): void;
  /** The server goes away, its registration stays: with `failurePolicy: Fail` nothing is admitted any more. */
  goDown(): Promise<void>;
  /** Takes the registration back too. */
  stop(): Promise<void>;
}

/** Registers a real validating webhook, called `name`, that the API server asks about every pod created in one namespace. */
export async function startAdmissionWebhook(
  region: Region,
  options: {
    readonly name: string;
    readonly namespace: string;
    readonly answer: WebhookAnswer;
    readonly failurePolicy?: 'Fail' | 'Ignore';
    readonly timeoutSeconds?: number;
  },
): Promise<AdmissionWebhook> {
  let { answer } = options;
  const server = createServer({ cert: region.serving.cert, key: region.serving.key }, (request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      if (answer === 'hang') return;
      const { request: asked } = JSON.parse(text) as { request: { uid: string } };
      const verdict =
        answer === 'allow' ? { allowed: true } : { allowed: false, status: { code: 403, message: answer.deny } };
      const review = {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid: asked.uid, ...verdict },
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(review));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  await region.admin.post(path, {
    metadata: { name: options.name },
    webhooks: [
      {
        name: options.name,
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(region.ca).toString('base64') },
        rules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced' },
        ],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': options.namespace } },
        failurePolicy: options.failurePolicy ?? 'Fail',
        timeoutSeconds: options.timeoutSeconds ?? 2,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  const goDown = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    set: (next) => void (answer = next),
    goDown,
    stop: async () => {
      await region.admin.delete(`${path}/${options.name}`);
      await goDown();
    },
  };
}
