import type { Desired } from '../message.ts';
import { isOwn } from '../incident/belonging.ts';
import { bold, say } from '../words.ts';
import type { View } from './phase.ts';
import { cut } from './small.ts';

/** What was found, as pictures in the thread, once for each cause. The words say the same: a drawing that fails leaves nothing out. */
export function chartMessages({ incident, stream }: View): readonly Desired[] {
  return incident.charts
    .filter((one) => isOwn(incident, one.region))
    .map(({ region, check, at, charts }) => ({
      key: `${stream}/chart/${region}/${check}/${at}`,
      channel: incident.channel,
      // Kept, though it never changes: what is said in a thread would wait for it.
      placement: { is: 'kept', under: `${stream}/root` },
      message: {
        lock: cut(charts.map((one) => `${one.says.replace(/\.$/, '')}.`).join(' '), 200),
        blocks: [
          {
            is: 'lines',
            lines: charts.map((one) => say`${bold(`${titleOf(one.title, region)}:`)} ${one.says.replace(/\.$/, '')}`),
          },
        ],
        charts: charts.map((chart) => ({
          name: `${chart.id}-${region}-${at.slice(11, 13)}${at.slice(14, 16)}.png`,
          chart,
        })),
      },
      priority: 2,
    }));
}

function titleOf(title: string, region: string): string {
  return title.includes(region) ? title : `${title} · ${region}`;
}
