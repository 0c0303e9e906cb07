import { code, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { listed, nodeName, plural } from '../readings/wording.ts';
import type { Evidence } from './evidence.ts';
import type { Story } from './story.ts';

/** What stands out: how many pods there, which GPUs. Which pods by name is said by whatever takes them away. */

/** "the 6 pods on node `gpu-1`"; "pod `a` (on gpu-1)". */
export function whoStandsOut(odd: NonNullable<Story['odd']>, seen: Evidence): Words {
  const where = nodeName(odd.nodeName);
  if (!odd.node) return say`pod ${code(odd.pod)} (on ${where})`;
  const rows = seen['pod rows'].known ? seen['pod rows'].value.rows : [];
  const count = rows.filter((one) => one.node === odd.nodeName).length;
  return say`the ${count === 0 ? 'pods' : plural(count, 'pod')} on node ${code(where)}`;
}

/** "GPU 0", "GPUs 0, 1 and 2"; "a GPU" where the exporter does not number them. */
export function gpusText(gpus: readonly string[]): string {
  if (gpus.length === 0) return 'a GPU';
  return `${gpus.length === 1 ? 'GPU' : 'GPUs'} ${listed(gpus)}`;
}
