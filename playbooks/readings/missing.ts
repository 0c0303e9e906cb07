import type { Referenced } from '../../src/core/ports/kubernetes.ts';

/** Something named in a kubelet's message as missing. `key` is '' when the whole object is. */
export interface Lack {
  readonly kind: Referenced;
  readonly name: string;
  readonly key: string;
}

const kinds: Readonly<Record<string, Referenced>> = {
  secret: 'Secret',
  configmap: 'ConfigMap',
  persistentvolumeclaim: 'PersistentVolumeClaim',
  serviceaccount: 'ServiceAccount',
};

/**
 * The kubelet's words (pkg/kubelet/kubelet_pods.go, pkg/volume/{secret,configmap}): `secret "x" not found`,
 * `couldn't find key K in Secret ns/x`, `references non-existent secret key: K`, `configmap references non-existent config key: K`.
 */
export function missingInMessage(message: string): Lack | null {
  const key = /couldn't find key (\S+) in (Secret|ConfigMap) (?:[^\s/]+\/)?([^\s",]+)/i.exec(message);
  if (key !== null) return lack(key[2], key[3], key[1]);
  const whole = /\b(secret|configmap|persistentvolumeclaim|serviceaccount) "(?:[^"/]+\/)?([^"]+)" not found/i.exec(
    message,
  );
  return whole === null ? null : lack(whole[1], whole[2], '');
}

/** A volume that names a key which its config map or secret has not: the message gives the volume and the key. */
export function missingKeyOfVolume(message: string): { readonly volume: string; readonly key: string } | null {
  const found = /volume "([^"]+)".*references non-existent (?:secret|config) key: (\S+)/i.exec(message);
  return found?.[1] === undefined || found[2] === undefined ? null : { volume: found[1], key: found[2] };
}

function lack(kind: string | undefined, name: string | undefined, key: string | undefined): Lack | null {
  const is = kinds[(kind ?? '').toLowerCase()];
  return is === undefined || name === undefined ? null : { kind: is, name, key: key ?? '' };
}
