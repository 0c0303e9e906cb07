import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postmortemBucket } from '../../src/adapters/postmortems/bucket.ts';
import { postmortemFolder } from '../../src/adapters/postmortems/folder.ts';
import { motoCredentials, startMoto } from '../peers/moto.ts';
import type { Moto } from '../peers/moto.ts';
import { need } from '../peers/need.ts';
import { removeFolder, temporaryFolder } from '../peers/process.ts';

/** Where drafts of post-mortems are stored: each name once, the newest text. */

const name = 'INC-7-2026-11-24.md';

describe('a folder', () => {
  let folder = '';
  beforeAll(() => void (folder = temporaryFolder('postmortems')));
  afterAll(() => removeFolder(folder));

  test('is made, holds the newest text under its name, and nothing beside it', async () => {
    const place = postmortemFolder(join(folder, 'new', 'deep'));
    expect(await place.write(name, '# one', 5_000)).toBe(join(folder, 'new', 'deep', name));
    await place.write(name, '# Ünïcode two', 5_000);
    expect(readFileSync(join(folder, 'new', 'deep', name), 'utf8')).toBe('# Ünïcode two');
    expect(readdirSync(join(folder, 'new', 'deep'))).toEqual([name]);
  });

  test('a name that would leave it is refused; a folder that is a file is said', async () => {
    await expect(postmortemFolder(folder).write('../out.md', '', 5_000)).rejects.toThrow(/letters, digits/);
    writeFileSync(join(folder, 'file'), '');
    await expect(postmortemFolder(join(folder, 'file')).write(name, '', 5_000)).rejects.toThrow(
      /the folder .*file does not take it/,
    );
    mkdirSync(join(folder, 'taken', name), { recursive: true });
    await expect(postmortemFolder(join(folder, 'taken')).write(name, '', 5_000)).rejects.toThrow(/does not take it/);
    expect(readdirSync(join(folder, 'taken'))).toEqual([name]);
  });
});

let credentials: { restore(): void };
beforeAll(() => void (credentials = motoCredentials()));
afterAll(() => credentials.restore());

need('moto')('a bucket (moto)', { timeout: 90_000 }, () => {
  let moto: Moto;
  let admin: S3Client;
  beforeAll(async () => {
    moto = await startMoto();
    admin = new S3Client({ region: 'us-east-1', endpoint: moto.url, forcePathStyle: true });
    await admin.send(new CreateBucketCommand({ Bucket: 'drafts' }));
  }, 90_000);
  afterAll(async () => {
    admin.destroy();
    await moto.stop();
  });
  const at = (bucket: string, endpoint = moto.url): ReturnType<typeof postmortemBucket> =>
    postmortemBucket({ bucket, prefix: 'ml/', awsRegion: 'us-east-1', endpoint });

  test('holds the newest text under its name, as Markdown', async () => {
    const place = at('drafts');
    expect(await place.write(name, '# one', 20_000)).toBe(`s3://drafts/ml/${name}`);
    await place.write(name, '# Ünïcode two', 20_000);
    const got = await admin.send(new GetObjectCommand({ Bucket: 'drafts', Key: `ml/${name}` }));
    expect(await got.Body?.transformToString()).toBe('# Ünïcode two');
    expect(got.ContentType).toBe('text/markdown; charset=utf-8');
    const all = await admin.send(new ListObjectsV2Command({ Bucket: 'drafts' }));
    expect(all.Contents?.map((one) => one.Key)).toEqual([`ml/${name}`]);
    await place.close();
  });

  test('what is not there, or does not answer, is said in time', async () => {
    const missing = at('nobody-has-it');
    await expect(missing.write(name, '# x', 20_000)).rejects.toThrow(/s3:\/\/nobody-has-it\/ml\/.* NoSuchBucket/);
    await missing.close();
    const closed = at('drafts', 'http://127.0.0.1:9');
    await expect(closed.write(name, '# x', 20_000)).rejects.toThrow(/was not taken: .*ECONNREFUSED/);
    await closed.close();
  });
});
