import { ok, warn } from '../../core/doctor/line.ts';
import type { Line } from '../../core/doctor/line.ts';
import type { Page } from '../../core/config/probes.ts';
import type { ProbeAnswer } from '../../core/ports/probe.ts';
import type { Probe } from './examine.ts';
import type { DoctorParts } from './parts.ts';

/** Each public health page that the config names: does it answer from here? */
export function pageProbes({ pages }: DoctorParts): readonly Probe[] {
  if (pages === null) return [];
  const { probe, all, limitMs } = pages;
  return all.map((page) => ({
    what: nameOf(page),
    withinMs: limitMs + 1_000,
    ask: async () => [lineOf(page, await probe.get(page.url, limitMs))],
  }));
}

const nameOf = ({ service, region }: Page): string => `${region}: public page of ${service.name}`;

function lineOf(page: Page, { status, tookMs, why }: ProbeAnswer): Line {
  const { origin, pathname } = new URL(page.url);
  return why === null
    ? ok(nameOf(page), `gave ${status ?? 'an answer'} in ${tookMs} ms`)
    : warn(
        nameOf(page),
        `${origin}${pathname}: ${why}`,
        'correct `publicUrl` of this service, or see why it does not answer from here; until it gives 2xx it counts as down',
      );
}
