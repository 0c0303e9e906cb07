/** What a name says about its value. `weak` names are ordinary words too, so their value must also look like a secret. */
export type Telling = { readonly kind: string; readonly weak: boolean } | null;

const passwords = new Set(['password', 'passwd', 'pwd', 'passphrase', 'passcode', 'pass', 'pw']);
const secrets = new Set([
  'secret',
  'credential',
  'credentials',
  'creds',
  'apikey',
  'apitoken',
  'privatekey',
  'secretkey',
  'accesskey',
  'authtoken',
  'accesstoken',
  'clientsecret',
  'sas',
]);
/** `…key` alone is any key of any map; after one of these words it opens something. */
const keyOwners = new Set([
  'api', 'access', 'private', 'secret', 'account', 'shared', 'routing', 'service', 'integration', 'encryption', 'signing', 'master', 'session', 'auth', 'license',
  'app', 'client', 'webhook', 'hmac', 'ssh', 'deploy', 'admin', 'root', 'storage', 'subscription', 'audit', 'cipher', 'aes', 'rsa', 'wandb', 'openai', 'pagerduty', 'datadog', 'dd',
]); // prettier-ignore
/** A language model's tokens are no secrets: `eos_token`, `max_token`, `first_token`. */
const tokenOwners = new Set([
  'eos', 'bos', 'pad', 'unk', 'sep', 'cls', 'mask', 'special', 'stop', 'next', 'last', 'first', 'per', 'max', 'min', 'num', 'image', 'start', 'end', 'eot', 'eom', 'fim',
  'think', 'tool', 'prompt', 'output', 'input', 'new', 'single', 'each', 'every', 'unexpected', 'invalid', 'continuation', 'continue', 'page', 'decode', 'generated', 'total',
]); // prettier-ignore

/** Whether a name (`DB_PASSWORD`, `apiKey`, `x-vault-token`, `secretName`) tells of a secret. What it ends with decides: `token_file` and `secretKeyRef` do not. */
export function telling(name: string): Telling {
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  if (passwords.has(last)) return { kind: 'password', weak: (last === 'pass' || last === 'pw') && words.length === 1 };
  if (secrets.has(last))
    return {
      kind: 'secret',
      weak:
        words.length === 1 && (last === 'credential' || last === 'credentials' || last === 'creds' || last === 'sas'),
    };
  // Docker's config.json: {"auths": {"registry": {"auth": "dXNlcjpw…"}}}
  if (last === 'auth' && words.length === 1) return { kind: 'secret', weak: true };
  if (last === 'token') return tokenOwners.has(before) ? null : { kind: 'token', weak: false };
  if (last === 'key' && keyOwners.has(before)) return { kind: 'key', weak: false };
  if (last === 'string' && before === 'connection') return { kind: 'connection string', weak: false };
  if (last === 'signature' && before === 'amz') return { kind: 'signature', weak: false };
  if ((last === 'value' || last === 'data' || last === 'plain' || last === 'plaintext') && words.length > 1)
    return telling(words.slice(0, -1).join('_'));
  return null;
}

/** `X-Vault-Token`, `dbPassword2`, `AWS_SECRET_ACCESS_KEY` → lower-case words, trailing digits dropped. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .map((word) => word.replace(/\d+$/, ''))
    .filter((word) => word !== '' && word !== 'v');
}
