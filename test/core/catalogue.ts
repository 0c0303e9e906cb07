import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { playbooks } from '../../playbooks/index.ts';
import { parseConfig } from '../../src/config.ts';
import type { Catalogue } from '../../src/core/routing.ts';
import { views } from '../../src/views/index.ts';

/** The sandbox's own config with the real playbooks. */
const read = parseConfig(readFileSync(join(import.meta.dirname, '../../config/sandbox.yaml'), 'utf8'));
if (!('config' in read)) throw new Error(read.problems.join('\n'));
export const { config } = read;

export const catalogue: Catalogue = {
  regions: config.regions,
  services: config.services.map(({ name, namespace, channel }) => ({
    name,
    channel,
    namespace: namespace ?? config.namespace,
  })),
  defaultNamespace: config.namespace,
  playbooks,
  views,
  regionLabels: config.alerts.regionLabels,
  channel: config.slack.channel,
};
