/** Why an image cannot be pulled, from what the kubelet passes on of the runtime's and the registry's words. */
export type PullTrouble =
  | 'missing' // the registry says that there is no such tag or digest
  | 'architecture' // it is there, but not for this machine
  | 'not authorised' // credentials refused, expired or absent
  | 'either' // the registry does not tell missing from not allowed
  | 'limit' // too many pulls
  | 'unreachable' // no connection: DNS, refused, timeout
  | 'certificate' // the node does not trust the registry's certificate
  | 'disk full' // no room on the node
  | 'bad name' // not a possible image name
  | 'never' // imagePullPolicy: Never, and it is not on the node
  | 'server error'; // the registry answers 5xx

/** The first that matches decides, so the specific come before the general. */
const signs: readonly (readonly [PullTrouble, RegExp])[] = [
  ['bad name', /InvalidImageName|couldn't parse image (reference|name)|invalid reference format/i],
  ['never', /ErrImageNeverPull|not present with pull policy of Never/i],
  ['disk full', /no space left on device|disk quota exceeded/i],
  // containerd: "no match for platform in manifest: not found"; docker: "no matching manifest for linux/arm64 in the manifest list entries".
  ['architecture', /no match for platform|no matching manifest for|does not match the specified platform/i],
  ['limit', /toomanyrequests|too many requests|pull rate limit|\b429\b/i],
  ['certificate', /x509:|certificate signed by unknown authority|certificate has expired|tls: failed to verify/i],
  [
    'unreachable',
    /no such host|i\/o timeout|connection refused|connection reset|network is unreachable|no route to host|TLS handshake timeout|context deadline exceeded|server misbehaving|dial tcp/i,
  ],
  // Docker Hub and others that hide what exists: "repository does not exist or may require 'docker login'".
  [
    'either',
    /does not exist or may require|repository .* not found: does not exist or no pull access|insufficient_scope/i,
  ],
  [
    'not authorised',
    /authorization token has expired|no basic auth credentials|unauthorized|authentication required|access denied|\b401\b|403 Forbidden|\bdenied\b|failed to fetch (anonymous|oauth) token/i,
  ],
  ['server error', /\b50[0234] \w|internal server error|bad gateway|service unavailable/i],
  [
    'missing',
    /manifest unknown|manifest for .* not found|name unknown|repository .* not found|NotFound|: not found|404 Not Found/i,
  ],
];

/** Null: the text does not say why (a bare "Back-off pulling image"). */
export function pullTroubleIn(text: string): PullTrouble | null {
  for (const [trouble, sign] of signs) if (sign.test(text)) return trouble;
  return null;
}

/** `123.dkr.ecr.eu-west-1.amazonaws.com/team/model-server:v2.4.1` → `model-server:v2.4.1`. */
export function shortImage(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  const at = last.indexOf('@sha256:');
  return at === -1 ? last : `${last.slice(0, at)}@${last.slice(at + 8, at + 20)}`;
}

/** The tag, or the beginning of the digest; `latest` when it has neither. */
export function tagOf(image: string): string {
  const short = shortImage(image);
  const at = short.indexOf('@');
  if (at !== -1) return short.slice(at + 1);
  const colon = short.indexOf(':');
  return colon === -1 ? 'latest' : short.slice(colon + 1);
}

/** The registry's host; `docker.io` when the name has none. */
export function registryOf(image: string): string {
  const slash = image.indexOf('/');
  const host = slash === -1 ? '' : image.slice(0, slash);
  return host.includes('.') || host.includes(':') || host === 'localhost' ? host : 'docker.io';
}
