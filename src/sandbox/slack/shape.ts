/** A small checker that speaks in Slack's own words: one line per defect, each with its JSON pointer. */
export type Report = (message: string, pointer: string) => void;
export type Shape = (value: unknown, pointer: string, report: Report) => void;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value that should be a string or a number, for showing. */
export function asString(value: unknown, otherwise = ''): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}

/** Code points: an emoji is one. Slack's own unit is unpublished. */
export function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

export function str(max: number, min = 0, pattern?: RegExp): Shape {
  return (value, pointer, report) => {
    if (typeof value !== 'string') return report('must provide a string', pointer);
    const length = lengthOf(value);
    if (length > max) report(`must be less than ${max + 1} characters`, pointer);
    if (length < min) report(`must be more than ${min - 1} characters`, pointer);
    if (pattern !== undefined && !pattern.test(value))
      report(`input must match regex pattern: ${pattern.source}`, pointer);
  };
}

export const bool: Shape = (value, pointer, report) => {
  if (typeof value !== 'boolean') report('must be a boolean', pointer);
};

export const anything: Shape = () => {};

export function num(min: number, max: number): Shape {
  return (value, pointer, report) => {
    const is = typeof value === 'number' ? value : Number.NaN;
    if (!Number.isFinite(is)) report('must be a number', pointer);
    else if (is < min) report(`must be greater than ${min - 1}`, pointer);
    else if (is > max) report(`must be less than ${max + 1}`, pointer);
  };
}

export function oneOf(...allowed: readonly string[]): Shape {
  return (value, pointer, report) => {
    if (typeof value !== 'string' || !allowed.includes(value)) report(`must be one of: ${allowed.join(', ')}`, pointer);
  };
}

export function list(of: Shape, max: number, min = 0): Shape {
  return (value, pointer, report) => {
    if (!Array.isArray(value)) return report('must provide an array', pointer);
    if (value.length > max) report(`no more than ${max} items allowed`, pointer);
    if (value.length < min) report(`no fewer than ${min} items required`, pointer);
    for (const [i, one] of value.entries()) of(one, `${pointer}/${i}`, report);
  };
}

export interface Fields {
  readonly required?: Readonly<Record<string, Shape>>;
  readonly optional?: Readonly<Record<string, Shape>>;
}

export function object(fields: Fields): Shape {
  return (value, pointer, report) => {
    if (!isObject(value)) return report('must provide an object', pointer);
    const required = fields.required ?? {};
    const optional = fields.optional ?? {};
    for (const [name, shape] of Object.entries(required)) {
      if (value[name] === undefined || value[name] === null) report(`missing required field: ${name}`, pointer);
      else shape(value[name], `${pointer}/${name}`, report);
    }
    for (const [name, one] of Object.entries(value)) {
      if (name === 'type' || name in required || one === undefined) continue;
      const shape = optional[name];
      if (shape === undefined) report(`invalid additional property: ${name}`, pointer);
      else shape(one, `${pointer}/${name}`, report);
    }
  };
}

/** Chooses by `type`. A defect inside is preceded by Slack's line about schemas, when `wraps`. */
export function byType(types: Readonly<Record<string, Shape>>, wraps = false): Shape {
  return (value, pointer, report) => {
    if (!isObject(value)) return report('must provide an object', pointer);
    const type = value['type'];
    if (typeof type !== 'string') return report('missing required field: type', pointer);
    const shape = Object.hasOwn(types, type) ? types[type] : undefined;
    if (shape === undefined) return report(`unsupported type: ${type}`, `${pointer}/type`);
    const inner: [string, string][] = [];
    shape(value, pointer, (message, at) => inner.push([message, at]));
    if (inner.length > 0 && wraps) report('failed to match all allowed schemas', pointer);
    for (const [message, at] of inner) report(message, at);
  };
}

export function both(...shapes: readonly Shape[]): Shape {
  return (value, pointer, report) => {
    for (const shape of shapes) shape(value, pointer, report);
  };
}

export function rule(
  check: (value: Readonly<Record<string, unknown>>, pointer: string, report: Report) => void,
): Shape {
  return (value, pointer, report) => {
    if (isObject(value)) check(value, pointer, report);
  };
}
