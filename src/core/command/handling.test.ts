import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../test/core/catalogue.ts';
import { incidentsCommand } from './handling.ts';
import { parseCommand } from './command.ts';

function short(text: string): string {
  const parsed = parseCommand(text, catalogue);
  if (parsed.is === 'unclear') return `? ${parsed.because}`;
  if (parsed.is !== 'handle') return JSON.stringify(parsed);
  return `${parsed.incident === null ? 'here' : `INC-${parsed.incident}`} ${JSON.stringify(parsed.what)}`;
}

describe('what is decided, and about which incident', () => {
  test.each([
    ['severity P1 INC-7', 'INC-7 {"does":"severity","to":"P1"}'],
    ['severity inc-7 sev0', 'INC-7 {"does":"severity","to":"P0"}'],
    ['severity p3', 'here {"does":"severity","to":"P3"}'],
    ['assign @ada INC-7', 'INC-7 {"does":"assign","who":"ada"}'],
    ['assign INC-7 to @U0ABCDEF', 'INC-7 {"does":"assign","who":"U0ABCDEF"}'],
    ['lead INC-7', 'INC-7 {"does":"lead"}'],
    ['ack INC-7', 'INC-7 {"does":"lead"}'],
    ['acknowledge INC-7', 'INC-7 {"does":"lead"}'],
    ['snooze 30m INC-7', 'INC-7 {"does":"snooze","until":{"is":"for","ms":1800000}}'],
    ['snooze INC-7 for 2 hours', 'INC-7 {"does":"snooze","until":{"is":"for","ms":7200000}}'],
    ['snooze until 09:00', 'here {"does":"snooze","until":{"is":"until","minutes":540}}'],
    ['snooze off INC-7', 'INC-7 {"does":"snooze","until":null}'],
    ['resolve', 'here {"does":"resolve","why":""}'],
    ['resolve INC-7 the tag was pushed, see INC-9', 'INC-7 {"does":"resolve","why":"the tag was pushed, see INC-9"}'],
    ['resolve because it was a test INC-7', 'INC-7 {"does":"resolve","why":"it was a test"}'],
    ['reopen 7', 'INC-7 {"does":"reopen","why":""}'],
    ['note INC-7: load balancer changed (by us).', 'INC-7 {"does":"note","text":"load balancer changed (by us)."}'],
    ['say ready by 03:30', 'here {"does":"say","text":"ready by 03:30"}'],
    ['merge INC-7 into INC-5', 'INC-7 {"does":"merge","into":5}'],
    ['merge into INC-5', 'here {"does":"merge","into":5}'],
    ['split ml-platform/model-server INC-7', 'INC-7 {"does":"split","workload":"ml-platform/model-server"}'],
  ])('%s', (text, what) => {
    expect(short(text)).toBe(what);
    expect(short(`/mlp ${text}`)).toBe(what);
  });

  test.each([
    ['severity', /Write P0 \(gravest\) to P3: `\/mlp severity P1 INC-214`/],
    ['severity high INC-7', /`high` is no severity/],
    ['severity P1 INC-7 INC-8', /One at a time/],
    ['assign INC-7', /To whom\?/],
    ['lead @ada INC-7', /means you.*`\/mlp assign @ada INC-214`/],
    ['snooze', /^\? For how long\?/],
    ['snooze tomorrow', /`tomorrow` is no time.*`until 09:00` \(UTC\)/],
    ['snooze until 25:00', /There is no 25:00/],
    ['snooze 30h', /At most 24 hours/],
    ['note', /Note what\?/],
    ['say INC-7', /Say what\?/],
    ['merge INC-7', /^here/],
    ['merge model-server', /Which into which\?/],
    ['merge INC-7 INC-7', /name two/],
    ['split', /Which workload/],
  ])('%s: what to write', (text, said) => {
    expect(short(text)).toMatch(said);
  });
});

describe('incidents', () => {
  test.each([
    ['incidents', 'incidents'],
    ['incidents mine P1 in eu', 'incidents eu-west-1 P1 mine'],
    ['incidents model-server page 3', 'incidents model-server page 3'],
  ])('%s', (text, same) => {
    const parsed = parseCommand(text, catalogue);
    expect(parsed.is === 'incidents' ? incidentsCommand(parsed) : parsed).toBe(same);
  });
  test('what is no filter is named', () => {
    expect(short('incidents pizza')).toMatch(/I know no `pizza` to filter by/);
  });
});
