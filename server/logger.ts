import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on standard error, or elsewhere. What clients send is never logged. */
export function createLogger(level: LogLevel, to?: DestinationStream): Logger {
  const destination = to ?? { write: (line: string) => void process.stderr.write(line) };
  return pino({ level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }, destination);
}
