import { defaultRateLimit, type RateLimit } from '../../api/rate-limiter.ts';
import { defaultListenerLimits, type ListenerLimits } from '../../transport/listener-limits.ts';
import { fieldsOf, type Wrong } from './section-fields.ts';

/** What one caller, one connection and all of them together may take. */
export interface LimitsConfig {
  readonly listener: ListenerLimits;
  readonly rate: RateLimit;
}

/** Names in the configuration, where times are seconds. */
const counts = [
  'maxRequestBytes',
  'maxHeaderBytes',
  'maxHeaders',
  'maxUrlBytes',
  'maxStreamsPerConnection',
  'maxConnections',
  'maxConnectionsPerAddress',
  'maxResets',
] as const satisfies readonly (keyof ListenerLimits)[];
const times = [
  ['idleTimeoutSeconds', 'idleTimeoutMs'],
  ['requestTimeoutSeconds', 'requestTimeoutMs'],
  ['callTimeoutSeconds', 'callTimeoutMs'],
  ['writeTimeoutSeconds', 'writeTimeoutMs'],
  ['resetWindowSeconds', 'resetWindowMs'],
] as const satisfies readonly (readonly [string, keyof ListenerLimits])[];
const rates = [
  ['callsPerSecond', 'perSecond'],
  ['callsAtOnce', 'burst'],
] as const satisfies readonly (readonly [string, keyof RateLimit])[];
const names = [...counts, ...times.map(([name]) => name), ...rates.map(([name]) => name)];

/** A day: a longer time is a mistake of units. */
const maxSeconds = 86_400;
/** Larger than any of them can sensibly be, small enough for every counter. */
const maxCount = 1_000_000_000;

/** The section `limits` of the configuration; the defaults when it is absent. */
export function resolveLimits(input: unknown, wrong: Wrong): LimitsConfig {
  const given = input === undefined ? {} : fieldsOf(input, 'limits', names, wrong);
  const numberOf = (name: (typeof names)[number], most: number): number | undefined => {
    const value = given?.[name];
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
    wrong(`limits.${name}`, value, `a whole number from 1 to ${most}`);
    return undefined;
  };
  const listener: { -readonly [Key in keyof ListenerLimits]: number } = { ...defaultListenerLimits };
  for (const name of counts) listener[name] = numberOf(name, maxCount) ?? listener[name];
  for (const [name, key] of times) {
    const seconds = numberOf(name, maxSeconds);
    if (seconds !== undefined) listener[key] = seconds * 1_000;
  }
  const rate: { -readonly [Key in keyof RateLimit]: number } = { ...defaultRateLimit };
  for (const [name, key] of rates) rate[key] = numberOf(name, maxCount) ?? rate[key];
  return { listener, rate };
}
