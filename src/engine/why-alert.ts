import { whyOf } from '../core/failure.ts';
import type { WhyAlert } from '../core/command/alerts.ts';
import type { AlertSeen } from '../core/incident/events.ts';
import type { Incident } from '../core/incident/state.ts';
import type { Message } from '../core/message.ts';
import type { Firing } from '../core/ports/alert-sources.ts';
import { sentence } from '../core/render/help.ts';
import { routeOf, whyAlertMessage } from '../core/render/why-alert.ts';
import type { Explained } from '../core/render/why-alert.ts';
import { stormKey } from '../core/routing.ts';
import type { Catalogue } from '../core/routing.ts';
import { code, say, since } from '../core/words.ts';
import type { Words } from '../core/words.ts';
import { loadIncident } from './answers.ts';
import type { Parts } from './parts.ts';

/** `/mlp why <alert>`: only looks. First what came here, then what fires at its source, then what an alert of this name would do. */

const SHOWN = 3;
const MOST_OPEN = 500;
const MOST_RECENT = 60;
const SOURCE_MS = 2_000;

interface Seen {
  readonly alert: AlertSeen;
  readonly incident: Incident;
}

export async function answerWhyAlert(parts: Parts, catalogue: Catalogue, asked: WhyAlert): Promise<Message> {
  if (asked.incident !== null) {
    const found = await parts.store.byNumber(asked.incident);
    if (found === null) return sentence(`There is no INC-${asked.incident}.`);
    const incident = await loadIncident(parts, found.stream);
    const alerts = Object.values(incident.alerts);
    if (alerts.length === 0) return sentence(`INC-${asked.incident} has no alert: a person asked for it.`);
    return message(
      alerts.map((alert) => ({ alert, incident })),
      catalogue,
    );
  }
  const typed = Object.keys(asked.labels).length > 0;
  const seen = typed ? [] : await seenOf(parts, asked.word);
  if (seen.length > 0) return message(seen, catalogue);
  const firing = typed ? [] : await firingOf(parts, asked.word);
  if (firing.length > 0) {
    const shown = await Promise.all(firing.slice(0, SHOWN).map((one) => atSource(parts, catalogue, one)));
    return whyAlertMessage(shown, firing.length - shown.length, catalogue);
  }
  const labels = { ...asked.labels, alertname: asked.labels['alertname'] ?? asked.word };
  const seenWords = typed ? say`with the labels that you named` : say`never seen here. This is what it would do`;
  return whyAlertMessage([{ labels, seen: seenWords, incident: await would(parts, catalogue, labels) }], 0, catalogue);
}

function message(all: readonly Seen[], catalogue: Catalogue): Message {
  const shown = all.slice(0, SHOWN).map(({ alert, incident }) => known(alert, incident));
  return whyAlertMessage(shown, all.length - shown.length, catalogue);
}

/** By name in any case, or by fingerprint; what is open first. */
async function seenOf(parts: Parts, word: string): Promise<readonly Seen[]> {
  const open = await parts.store.streams({ open: true, limit: MOST_OPEN });
  const recent = await parts.store.streams({ open: null, limit: MOST_RECENT });
  const streams = new Set([...open, ...recent].map((one) => one.stream));
  const wanted = word.toLowerCase();
  const out: Seen[] = [];
  for (const stream of streams) {
    const incident = await loadIncident(parts, stream);
    for (const alert of Object.values(incident.alerts))
      if (alert.fingerprint === word || alert.name.toLowerCase() === wanted) out.push({ alert, incident });
  }
  return out;
}

function known(alert: AlertSeen, incident: Incident): Explained {
  const number = incident.number === null ? 'an incident without a number yet' : `INC-${incident.number}`;
  const how =
    incident.storm === null ? say`${number} has it` : say`${number} has it, the storm in ${incident.storm.region}`;
  const state =
    incident.closed !== null
      ? say`${how}; it is closed`
      : incident.grouped?.joins === true && incident.grouped.number !== null
        ? say`${how}, which became part of INC-${incident.grouped.number}`
        : how;
  return {
    labels: labelsOf(alert),
    seen: say`${alert.status} since ${since(alert.startsAt)}, ${code(alert.fingerprint.slice(0, 64))}${
      alert.from === undefined ? '' : `, from ${alert.from}`
    }`,
    incident: state,
  };
}

/** As far as they are kept: those that decide. */
function labelsOf({ name, way, region, about }: AlertSeen): Readonly<Record<string, string>> {
  const kind =
    about === undefined || about.kind === 'other' || about.kind === 'target' ? {} : { [about.kind]: about.name };
  const place = region === null ? {} : { region };
  return way === undefined ? { ...place, ...kind, alertname: name } : { ...place, ...way, alertname: name };
}

async function atSource(
  parts: Parts,
  catalogue: Catalogue,
  { name, firing }: { readonly name: string; readonly firing: Firing },
): Promise<Explained> {
  const held = firing.status === 'suppressed' ? ' and is silenced or inhibited there' : '';
  return {
    labels: firing.labels,
    seen: say`fires at ${name} since ${since(firing.startsAt)}${held}, and has not reached me`,
    incident: await would(parts, catalogue, firing.labels),
  };
}

async function firingOf(
  parts: Parts,
  word: string,
): Promise<readonly { readonly name: string; readonly firing: Firing }[]> {
  const sources = [...(parts.alertmanagers ?? []), ...(parts.cloudwatches ?? [])];
  const all = await Promise.all(
    sources.map(async (source) => {
      try {
        const firing = await source.firing(SOURCE_MS);
        return firing.map((one) => ({ name: source.name, firing: one }));
      } catch (error) {
        parts.log('info', 'a source of alerts could not be asked', { source: source.name, err: whyOf(error) });
        return [];
      }
    }),
  );
  const wanted = word.toLowerCase();
  return all
    .flat()
    .filter(({ firing }) => firing.fingerprint === word || (firing.labels['alertname'] ?? '').toLowerCase() === wanted);
}

/** As the inbox would send it: to who answers for it, else to the storm of its region, else to a thread of its own. */
async function would(parts: Parts, catalogue: Catalogue, labels: Readonly<Record<string, string>>): Promise<Words> {
  const { routed } = routeOf(labels, catalogue);
  if (routed === null) return say`none`;
  const { region } = routed.alert;
  const owner = await parts.store.owner(routed.key);
  if (owner !== null) return say`${numbered(owner.number)} would take it: it answers for the same`;
  const storm = region === null ? null : await parts.store.owner(stormKey(region));
  if (storm !== null) return say`${numbered(storm.number)} would take it, the storm in ${region ?? ''}`;
  return say`none is open for it: it would open one`;
}

function numbered(number: number | null): string {
  return number === null ? 'a thread without a number' : `INC-${number}`;
}
