import type { Clock } from '../base/clock.ts';
import type { Log, LogFields } from '../base/log.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** One JSON object a line, to standard error: standard output belongs to answers. */
export function createJsonLog(clock: Clock, level: LogLevel, write: (line: string) => void): Log {
  const least = logLevels.indexOf(level);
  const at = (name: LogLevel) => (message: string, fields?: LogFields) => {
    if (logLevels.indexOf(name) < least) return;
    write(
      `${JSON.stringify({ at: new Date(clock.now()).toISOString(), level: name, message, ...fields })}\n`,
    );
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
