import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/**
 * A certificate of its own for `localhost`, `127.0.0.1` and `::1`, signed by itself: whoever trusts it (`NODE_EXTRA_CA_CERTS`) may connect.
 * X.509 version 3 (RFC 5280), written down as DER.
 */
export interface Certificate {
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
}

export function ownCertificate(nowMs: number): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  // Issuers are told apart by name: two of one name would be mixed up.
  const name = sequence(
    set(sequence(oid('2.5.4.3'), text(`mlp-bot sandbox PagerDuty ${randomBytes(4).toString('hex')}`))),
  );
  const day = 86_400_000;
  const alternative = sequence(
    tagged(0x82, Buffer.from('localhost')),
    tagged(0x87, Buffer.from([127, 0, 0, 1])),
    tagged(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])])),
  );
  const extensions = sequence(
    sequence(oid('2.5.29.19'), truth, octets(sequence(truth))), // basicConstraints: a CA, so that it may be trusted as one
    sequence(oid('2.5.29.17'), octets(alternative)), // subjectAltName
  );
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(nowMs - day), time(nowMs + 365 * day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, extensions),
  );
  const signature = sign('sha256', body, privateKey);
  const whole = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 256 ? Buffer.from([0x81, length]) : Buffer.from([0x82, length >> 8, length & 0xff]);
  return Buffer.concat([Buffer.from([tag]), size, content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const set = (...parts: readonly Buffer[]): Buffer => tagged(0x31, Buffer.concat(parts));
const octets = (content: Buffer): Buffer => tagged(0x04, content);
const integer = (content: Buffer): Buffer => tagged(0x02, content);
const text = (content: string): Buffer => tagged(0x0c, Buffer.from(content, 'utf8'));
const truth = tagged(0x01, Buffer.from([0xff]));

/** UTCTime: `261124160000Z`. */
const time = (ms: number): Buffer =>
  tagged(0x17, Buffer.from(`${new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const number of rest) {
    const digits = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return tagged(0x06, Buffer.from(bytes));
}
