/** Reading what the bot sent: the local Slack has checked it, but the page believes nothing about its shape. */
export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function str(from: Json, key: string): string {
  const value = from[key];
  return typeof value === 'string' ? value : '';
}

export function num(from: Json, key: string): number | null {
  const value = from[key];
  return typeof value === 'number' ? value : null;
}

export function obj(from: Json, key: string): Json | null {
  const value = from[key];
  return isJson(value) ? value : null;
}

export function list(from: Json, key: string): readonly Json[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter(isJson) : [];
}

export function strings(from: Json, key: string): readonly string[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
