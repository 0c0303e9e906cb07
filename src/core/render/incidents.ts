import { incidentsCommand } from '../command/handling.ts';
import type { IncidentsWanted } from '../command/handling.ts';
import type { Block, Button, Message } from '../message.ts';
import type { StreamInfo } from '../ports/store.ts';
import { bold, join, say, since, user } from '../words.ts';
import type { Words } from '../words.ts';
import { incidentName } from './handled.ts';
import { sentence } from './help.ts';
import { cut, duration } from './small.ts';
import { asideWords, stateWords } from './status.ts';

/** Lists of incidents out of their summaries: no thread is read for them, so that hundreds of open ones cost no more than a few. */

/** Addresses of threads by stream; what is not known is left out. */
export type Links = ReadonlyMap<string, string>;

/** Rows on one page. */
export const PAGE = 15;
const SHORT = 10;

/** The most urgent first; of two alike what waits for somebody, then what nobody leads, then the older news. */
export function byUrgency(all: readonly StreamInfo[]): readonly StreamInfo[] {
  const key = ({ summary: { glance, updatedAt } }: StreamInfo): string =>
    [
      glance?.snoozed === undefined && glance?.maintained === undefined ? 0 : 1,
      glance?.priority ?? 'P9',
      glance?.until ?? '9',
      glance?.onIt === null ? 0 : 1,
      updatedAt,
    ].join(' ');
  return all
    .map((one) => ({ one, key: key(one) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ one }) => one);
}

export function chosen(all: readonly StreamInfo[], wanted: IncidentsWanted, by: string): readonly StreamInfo[] {
  const { region, service, severity, mine } = wanted;
  return byUrgency(all).filter(
    ({ summary: { regions, glance, title } }) =>
      (region === null || regions.includes(region)) &&
      (service === null || (glance?.name ?? title.split(/[: ]/)[0]) === service) &&
      (severity === null || glance?.priority === severity) &&
      (!mine || glance?.onIt === by),
  );
}

/** The part of a list that is on this page; a page past the end is the last one. */
export function pageOf<T>(
  all: readonly T[],
  page: number,
): { readonly rows: readonly T[]; readonly page: number; readonly pages: number } {
  const pages = Math.max(1, Math.ceil(all.length / PAGE));
  const at = Math.min(page, pages);
  return { rows: all.slice((at - 1) * PAGE, at * PAGE), page: at, pages };
}

export function incidentsMessage(found: readonly StreamInfo[], wanted: IncidentsWanted, links: Links): Message {
  const { region, service, severity, mine } = wanted;
  const filters = [service, region, severity, mine ? 'led by you' : null].filter((one) => one !== null);
  const of = filters.length === 0 ? '' : ` (${filters.join(', ')})`;
  if (found.length === 0)
    return sentence(
      filters.length === 0 ? 'Nothing is open.' : `Nothing is open${of}. \`/mlp incidents\` lists everything.`,
    );
  const { rows, page, pages } = pageOf(found, wanted.page);
  const on = pages === 1 ? '' : ` · page ${page} of ${pages}`;
  const title = say`${bold(`${found.length} open${of}`)}${on}`;
  const turn = (to: number, label: string): readonly Button[] =>
    to < 1 || to > pages
      ? []
      : [
          {
            id: `choose:page:${to}`,
            label,
            style: 'plain',
            describe: `${label}: page ${to} of ${pages}`,
            press: { does: 'choose', thread: '', command: incidentsCommand({ ...wanted, page: to }) },
          },
        ];
  const buttons = [...turn(page - 1, 'Before'), ...turn(page + 1, 'More')];
  return {
    lock: `${found.length} open${of}.`,
    blocks: [
      { is: 'lines', lines: [title, ...rows.map((one) => rowOf(one, links))] },
      ...(buttons.length === 0 ? [] : [{ is: 'buttons', buttons } as const]),
    ],
  };
}

/** "INC-7 · P1 · model-server: … · eu-west-1 · waiting for approval until 03:12 · users … · ‹a› leads · 02:40 (5 min ago)". */
export function rowOf({ stream, summary }: StreamInfo, links: Links): Words {
  const { number, title, state, regions, updatedAt, glance } = summary;
  const parts: Words[] = [
    incidentName(number, links.get(stream) ?? null),
    ...(glance === undefined ? [] : [say`${bold(glance.priority)}`]),
    say`${cut(title, 120)}`,
    ...(regions.length === 0 ? [] : [say`${regions.slice(0, 3).join(', ')}`]),
    stateWords(state, glance?.until ?? null),
    ...asideWords(summary),
    ...(glance === undefined || glance.users === '' ? [] : [say`${glance.users.replace(/\.$/, '')}`]),
    ...(glance === undefined ? [] : [glance.onIt === null ? say`nobody leads` : say`${user(glance.onIt)} leads`]),
    say`${since(updatedAt)}`,
  ];
  return join(parts, ' · ');
}

export interface Shift {
  readonly open: readonly StreamInfo[];
  /** Closed since the shift began, the newest first. */
  readonly closed: readonly StreamInfo[];
  readonly temporary: readonly StreamInfo[];
  /** Closed at any time, and still silenced in Alertmanager. */
  readonly silenced: readonly StreamInfo[];
  readonly ms: number;
}

/** What whoever comes on shift must know, in the order in which it is needed. */
export function handoverMessage({ open, closed, temporary, silenced, ms }: Shift, links: Links): Message {
  const sorted = byUrgency(open).filter(({ summary }) => summary.number !== null || summary.glance !== undefined);
  const snoozed = sorted.filter(({ summary }) => summary.glance?.snoozed !== undefined);
  const waiting = sorted.filter(({ summary }) => (summary.glance?.until ?? null) !== null);
  const maintained = sorted.filter(
    (one) => one.summary.glance?.maintained !== undefined && !snoozed.includes(one) && !waiting.includes(one),
  );
  const aside = new Set([...snoozed, ...maintained, ...waiting]);
  const awake = sorted.filter((one) => !aside.has(one));
  const changed = temporary.flatMap(({ stream, summary }) =>
    (summary.temporary ?? []).map((one) => ({ ...one, stream, number: summary.number })),
  );
  const blocks: Block[] = [
    ...part(
      'Waiting for approval',
      waiting.map((one) => rowOf(one, links)),
    ),
    ...part(
      'Open',
      awake.map((one) => rowOf(one, links)),
    ),
    ...part(
      'Snoozed',
      snoozed.map((one) => rowOf(one, links)),
    ),
    ...part(
      'In a region that is in maintenance',
      maintained.map((one) => rowOf(one, links)),
    ),
    ...part(
      'Silenced in Alertmanager, and over',
      silenced.map((one) => rowOf(one, links)),
    ),
    ...part(
      'Changed for a while, not taken back',
      changed.map(
        (one) =>
          say`${one.what} · ${one.region} · ${since(one.since)} · ${incidentName(one.number, links.get(one.stream) ?? null)}`,
      ),
    ),
    ...part(
      `Closed in the last ${duration(ms)}`,
      closed.map(
        ({ stream, summary }) =>
          say`${incidentName(summary.number, links.get(stream) ?? null)} · ${cut(summary.title, 120)} · ${since(summary.updatedAt)}`,
      ),
    ),
  ];
  const apart = [
    ...(maintained.length === 0 ? [] : [`${maintained.length} in maintenance`]),
    ...(silenced.length === 0 ? [] : [`${silenced.length} over and still silenced`]),
  ].map((one) => `${one}, `);
  const count = `${sorted.length} open, ${waiting.length} waiting for approval, ${snoozed.length} snoozed, ${apart.join('')}${changed.length} changed for a while, ${closed.length} closed in the last ${duration(ms)}`;
  const quiet = sorted.length + changed.length + closed.length + silenced.length === 0;
  const head = quiet
    ? say`*Handover:* nothing is open, nothing is changed for a while, nothing happened in the last ${duration(ms)}`
    : say`*Handover:* ${count}`;
  return {
    lock: quiet ? 'Handover: nothing is open.' : cut(`Handover: ${count}.`, 300),
    blocks: [{ is: 'lines', lines: [head] }, ...blocks],
  };
}

/** For the channel, once or twice a day; null: nothing is open, and nobody has to read that. */
export function digestMessage(open: readonly StreamInfo[], links: Links): Message | null {
  const sorted = byUrgency(open).filter(({ summary }) => summary.glance !== undefined);
  if (sorted.length === 0) return null;
  const count = `${sorted.length} ${sorted.length === 1 ? 'incident is' : 'incidents are'} open`;
  return {
    lock: `${count}.`,
    blocks: part(
      count,
      sorted.map((one) => rowOf(one, links)),
    ),
  };
}

function part(title: string, rows: readonly Words[]): readonly Block[] {
  if (rows.length === 0) return [];
  const more = rows.length > SHORT ? [say`and ${rows.length - SHORT} more: ${'/mlp incidents'}`] : [];
  return [{ is: 'lines', lines: [say`${bold(title)}`, ...rows.slice(0, SHORT), ...more] }];
}

export interface Home {
  readonly by: string;
  readonly open: readonly StreamInfo[];
  readonly recent: readonly StreamInfo[];
  /** "‹a› until 07:00 (ml-oncall)"; null: not known. */
  readonly oncall: readonly Words[] | null;
  readonly at: string;
}

/** The bot's own page for one person. */
export function homeMessage({ by, open, recent, oncall, at }: Home, links: Links): Message {
  const sorted = byUrgency(open).filter(({ summary }) => summary.glance !== undefined);
  const mine = sorted.filter(({ summary }) => summary.glance?.onIt === by);
  const waiting = sorted.filter((one) => (one.summary.glance?.until ?? null) !== null && !mine.includes(one));
  const rest = sorted.filter((one) => !mine.includes(one) && !waiting.includes(one));
  const none = (title: string, word: string): Block => ({ is: 'lines', lines: [say`${bold(title)}`, say`${word}`] });
  return {
    lock: 'Incidents',
    blocks: [
      ...(mine.length === 0 ? [none('You lead', 'nothing')] : withButtons('You lead', mine, links)),
      ...(waiting.length === 0
        ? [none('Waiting for approval', 'nothing')]
        : withButtons('Waiting for approval', waiting, links)),
      ...withButtons('Also open', rest, links),
      ...(oncall === null
        ? []
        : [
            {
              is: 'lines',
              lines: [say`${bold('On call')}`, ...(oncall.length === 0 ? [say`nobody`] : oncall)],
            } as const,
          ]),
      ...part(
        'Recently closed',
        recent.map(
          ({ stream, summary }) =>
            say`${incidentName(summary.number, links.get(stream) ?? null)} · ${cut(summary.title, 120)} · ${since(summary.updatedAt)}`,
        ),
      ),
      { is: 'note', words: say`As of ${since(at)}. Open this page again for the present state` },
    ],
  };
}

/** Each with a button that leads to its thread, where its address is known. */
function withButtons(title: string, all: readonly StreamInfo[], links: Links): readonly Block[] {
  const buttons = all.slice(0, SHORT).flatMap(({ stream, summary }): readonly Button[] => {
    const url = links.get(stream);
    if (url === undefined || summary.number === null) return [];
    const label = `Open INC-${summary.number}`;
    return [
      {
        id: `open:${summary.number}`,
        label,
        style: 'plain',
        describe: `${label}: ${cut(summary.title, 50)}`,
        press: { does: 'choose', thread: stream },
        url,
      },
    ];
  });
  const lines = part(
    title,
    all.map((one) => rowOf(one, links)),
  );
  return buttons.length === 0 ? lines : [...lines, { is: 'buttons', buttons: buttons.slice(0, 5) }];
}
