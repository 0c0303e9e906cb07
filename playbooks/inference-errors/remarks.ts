import { code, say } from '../../src/core/words.ts';
import { errorLines } from '../readings/error-lines.ts';
import { facts, variables } from '../readings/facts.ts';
import { mean, summed, valuesOf } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { changed, podCounts, released, rollout, scaling } from '../readings/remarks.ts';
import { listed, plural } from '../readings/wording.ts';
import { clientErrors, errors, harmOf, harmText, percent, requests } from './harm.ts';

const { remark } = onDeployment;

/** The service's own count: also when nothing is wrong, with how few requests that says. */
const failing = remark('Failing', {
  needs: [facts, requests, errors],
  say: (_t, seen, at) => {
    const harm = harmOf(seen.config, { known: true, value: seen.requests }, { known: true, value: seen.errors }, at);
    switch (harm.is) {
      case 'unknown':
        return null;
      case 'few':
        return say`${harm.failed} of ${plural(harm.requests, 'request')} in 5 min: too few to tell anything (at least ${seen.config.minRequests})`;
      case 'bad':
        return say`${harmText(harm)}, by the pods' own count (limit ${percent(harm.limit)})`;
      case 'fine': {
        const codes = harm.codes
          .filter(([, share]) => share >= 0.01)
          .map(([code, share]) => `${code} ${percent(share)}`);
        const over = harm.ratio >= harm.limit ? ', but under it in the last two minutes' : '';
        return say`${percent(harm.ratio)} of ${harm.requests.toLocaleString('en-US')} requests in 5 min (limit ${percent(harm.limit)}${over})${codes.length < 2 ? '' : `; of these ${listed(codes)}`}`;
      }
    }
  },
});

const worthALine = 0.03;

/** What callers did wrong is no fault here, but worth a line beside an alert about errors. */
const callers = remark("Callers' errors", {
  needs: [requests, clientErrors],
  say: (_t, seen, at) => {
    const rate = mean(valuesOf(summed(seen.requests.series), { at, minutes: 5 }));
    if (rate === null || rate === 0) return null;
    const codes = seen['client errors'].series
      .map((one) => [one.labels['code'] ?? '4xx', (mean(valuesOf(one, { at, minutes: 5 })) ?? 0) / rate] as const)
      .toSorted((a, b) => b[1] - a[1]);
    const share = codes.reduce((sum, [, one]) => sum + one, 0);
    if (share < worthALine) return null;
    return say`${percent(share)} of the requests end in 4xx (mostly ${codes[0]?.[0] ?? ''}): the callers', not counted as failing`;
  },
});

/** One region beside the others: which model each is set to serve. */
const modelVersion = remark('Model version', {
  needs: [facts, variables],
  beside: (_t, seen) => {
    const name = seen.config.variables.modelVersion;
    const value = seen.variables.values[name] ?? null;
    return value === null ? null : `${name} ${value}`;
  },
  say: (_t, seen) => {
    const name = seen.config.variables.modelVersion;
    const value = seen.variables.values[name] ?? null;
    return value === null ? null : say`${code(name)} is ${value}`;
  },
});

const logsRead = remark('Logs', {
  needs: [errorLines],
  say: (_t, seen) => {
    const { read, of, unread, minutes, groups } = seen['error lines'];
    // Where there are lines, what is found says how many pods they are of.
    if (groups.length > 0 && unread === '') return null;
    return read === of
      ? null
      : say`${read} of ${of} serving pods read, ${minutes} min${unread === '' ? '' : ` (others: ${unread})`}`;
  },
});

export const remarks = [
  failing,
  callers,
  changed,
  released,
  modelVersion,
  rollout,
  podCounts,
  scaling,
  logsRead,
] as const;
