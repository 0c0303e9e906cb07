import { stopsFor } from './stopped.ts';
import { worseCall } from './needs-person.ts';
import type { Desired, Message } from '../message.ts';
import { mention, say, user } from '../words.ts';
import type { View } from './phase.ts';

/** Posts that are made once and never changed, each for one thing that people have to be told. */
export function saidOnce(view: View): readonly Desired[] {
  const { stream, incident } = view;
  const said = (key: string, message: Message): Desired => ({
    key: `${stream}/${key}`,
    channel: incident.channel,
    placement: { is: 'said', under: `${stream}/root` },
    message,
    priority: 0,
  });
  const worse = worseCall(view);
  const stop = stopsFor(view);
  return [
    ...(worse === null ? [] : [said(worse.key, worse.message)]),
    ...(stop === null ? [] : [said(stop.key, stop.message)]),
    ...incident.takeOvers.map(({ from, to }, index) =>
      said(`take-over/${index}`, {
        lock: 'Somebody took this over from you.',
        blocks: [{ is: 'lines', lines: [say`${user(to)} took it over from ${mention(from)}`] }],
      }),
    ),
  ];
}
