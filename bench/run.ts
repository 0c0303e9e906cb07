import { alerts } from './alerts.ts';
import { appendFloor } from './append-floor.ts';
import { answering } from './answering.ts';
import { diagnosis } from './diagnosis.ts';
import { full } from './full.ts';
import { hanging } from './hanging.ts';
import { large } from './large.ts';
import { many } from './many.ts';
import { memory, starting } from './process.ts';
import { paging } from './paging.ts';
import { pressure } from './pressure.ts';
import { ratio } from './ratio.ts';
import { requests } from './requests.ts';
import { storm } from './storm.ts';
import { boundText, equal, isReached, rounded, targets, type Figures } from './figures.ts';

/**
 * `npm run bench`: the figures with what they must reach. `-- --json`: one flat object. Names of groups after `--` measure only those;
 * `-- --quick` some of them, shorter. Progress and the time of each group are on stderr.
 * What cannot be measured here, because a peer is missing, is left out, with the reason on stderr.
 */
const groups: Readonly<Record<string, () => Promise<Figures>>> = {
  starting,
  memory,
  answering,
  append: appendFloor,
  requests,
  large,
  diagnosis,
  ratio,
  many,
  hanging,
  pressure,
  paging,
  storm,
  alerts,
  full,
};

/** `--quick`: what a change of the bot itself moves first, in a few minutes, and smaller than what the targets speak of. */
const quick = new Set([
  'starting',
  'answering',
  'diagnosis',
  'hanging',
  'pressure',
  'paging',
  'storm',
  'alerts',
  'full',
]);
const smaller = {
  BENCH_ALERTS_MS: '15000',
  BENCH_AWAY_MINUTES: '20',
  BENCH_FULL_ALERTS: '10000',
  BENCH_FULL_INCIDENTS: '100',
};

const asked = process.argv.slice(2).filter((one) => one !== '--');
const names = asked.filter((one) => !one.startsWith('--'));
const options = ['--json', '--quick'];
const unknown = asked.filter((one) => !options.includes(one) && groups[one] === undefined);
if (unknown.length > 0) {
  process.stderr.write(
    `not known: ${unknown.join(' ')}. There are ${options.join(', ')}, ${Object.keys(groups).join(', ')}\n`,
  );
  process.exit(2);
}

if (asked.includes('--quick')) Object.assign(process.env, { ...smaller, ...process.env });
const isWanted = (name: string): boolean =>
  names.length > 0 ? names.includes(name) : !asked.includes('--quick') || quick.has(name);

const figures: Record<string, number> = {};
for (const [name, measure] of Object.entries(groups)) {
  if (!isWanted(name)) continue;
  process.stderr.write(`measuring ${name} … `);
  const from = performance.now();
  try {
    Object.assign(figures, await measure());
  } catch (error) {
    process.stderr.write(
      `could not be measured: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 1;
  }
  const tookS = (performance.now() - from) / 1_000;
  figures[`bench_s_${name}`] = rounded(tookS);
  process.stderr.write(`${tookS.toFixed(0)} s\n`);
}
process.stdout.write(asked.includes('--json') ? `${JSON.stringify(figures, null, 2)}\n` : table(figures));

function table(all: Figures): string {
  const wanted = [...Object.keys(targets), ...equal];
  const order = [...wanted.filter((name) => name in all), ...Object.keys(all).filter((name) => !wanted.includes(name))];
  const rows = order.map((name) => {
    const reached = isReached(name, all);
    const verdict = reached === null ? '' : reached ? 'ok' : 'MISSED';
    const value = (all[name] ?? Number.NaN).toLocaleString('en-GB');
    return [name, value, boundText(name), verdict, targets[name]?.what ?? ''] as const;
  });
  const width = (column: 0 | 1 | 2 | 3): number => Math.max(0, ...rows.map((row) => row[column].length));
  const widths = [width(0), width(1), width(2), width(3)] as const;
  return rows
    .map(([name, value, bound, verdict, what]) =>
      `${name.padEnd(widths[0])}  ${value.padStart(widths[1])}  ${bound.padEnd(widths[2])}  ${verdict.padEnd(widths[3])}  ${what}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
