import { describe, expect, test } from 'vitest';
import { checkEvent } from './events-api.ts';
import { usualAccount } from './model.ts';

/** As strict as the real Events API: what it refuses, and in which words. */

const account = usualAccount();
const good = {
  routing_key: account.services[0]?.routingKey,
  event_action: 'trigger',
  dedup_key: 'srv01/mysql',
  payload: { summary: 'DISK at 99%', severity: 'critical', source: 'prod-datapipe03', custom_details: { free: '1%' } },
  links: [{ href: 'https://pagerduty.example.com', text: 'An example link.' }],
};
const check = (event: unknown): ReturnType<typeof checkEvent> =>
  checkEvent(account, Buffer.from(JSON.stringify(event)));
const errors = (event: unknown): unknown => {
  const { answer, event: made } = check(event);
  expect([answer.status, made]).toEqual([400, null]);
  return (answer.body as { readonly errors: unknown }).errors;
};

test('a good event is accepted with its key; without one it gets one', () => {
  expect(check(good)).toMatchObject({
    answer: { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: 'srv01/mysql' } },
    event: { action: 'trigger', service: 'PSVCML1', key: 'srv01/mysql' },
  });
  const { dedup_key: _, ...without } = good;
  expect(check(without).event?.key).toMatch(/^[0-9a-f]{32}$/);
});

test('what is kept of an event holds no routing key', () => {
  expect(JSON.stringify(check(good).event)).not.toContain(good.routing_key);
});

describe('refused', () => {
  const severity =
    "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')";
  test.each([
    [{ ...good, routing_key: undefined }, ["'routing_key' is missing or blank"]],
    [
      { ...good, routing_key: 'e+23rsch' },
      [
        "Length of 'routing_key' is incorrect (should be 32 characters)",
        "'routing_key' cannot contain non-alphanumeric characters.",
      ],
    ],
    [{ ...good, routing_key: 'f'.repeat(32) }, ['Invalid routing key']],
    [
      { ...good, event_action: 'explode' },
      ["'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"],
    ],
    [{ routing_key: good.routing_key, event_action: 'resolve' }, ["'dedup_key' is missing or blank"]],
    [
      { ...good, dedup_key: 'k'.repeat(256) },
      ["Length of 'dedup_key' is incorrect (should be at most 255 characters)"],
    ],
    [{ ...good, payload: undefined }, ["'payload' is missing or blank"]],
    [{ ...good, payload: { ...good.payload, severity: 'P0' } }, [severity]],
    [
      { ...good, payload: { severity: 'info' } },
      ["'payload.summary' is missing or blank", "'payload.source' is missing or blank"],
    ],
    [
      { ...good, payload: { ...good.payload, summary: 'x'.repeat(1_025) } },
      ["Length of 'payload.summary' is incorrect (should be at most 1024 characters)"],
    ],
    [
      { ...good, payload: { ...good.payload, custom_details: [] } },
      ["'payload.custom_details' is invalid (must be an object)"],
    ],
    [{ ...good, links: [{ text: 'no href' }] }, ["'links' is invalid (each needs 'href')"]],
  ])('%#', (event, said) => {
    expect(errors(event)).toEqual(said);
  });

  test('what is no JSON, and what is too large', () => {
    expect(checkEvent(account, Buffer.from('{')).answer).toEqual({
      status: 400,
      body: {
        status: 'Unrecognized object',
        message: 'Event object format is unrecognized',
        errors: ['JSON parse error'],
      },
    });
    expect(
      check({ ...good, payload: { ...good.payload, custom_details: { x: 'x'.repeat(600_000) } } }).answer.status,
    ).toBe(413);
  });
});
