/** Where a part of the bot tells operators what happened. Messages are static; data goes into the fields, never a secret. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
