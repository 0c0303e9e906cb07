import pino from 'pino';
import { redact } from './core/redact.ts';
import type { Log, LogLevel } from './core/ports/log.ts';

/** Structured logs on standard output. Whatever gets in is redacted once more. */
export function createLog(level: LogLevel): Log {
  const logger = pino({
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    base: null,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: (line) => redact(line) },
  });
  return (at, message, fields) => logger[at](fields ?? {}, message);
}
