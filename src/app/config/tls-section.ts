import { isAbsolute, resolve } from 'node:path';
import { fieldsOf, type Wrong } from './section-fields.ts';

/** How the service shows who it is, and which authorities it asks callers' certificates of. Absolute paths. */
export interface TlsConfig {
  /** PEM, the service's own certificate first. */
  readonly certificate: string;
  readonly key: string;
  /** Least version over TCP; QUIC has 1.3. */
  readonly minVersion: '1.3' | '1.2';
  /** PEM of the authorities that sign clients' certificates. */
  readonly clientCa?: string;
}

const versions = ['1.3', '1.2'] as const;

/** The section `tls` of the configuration; undefined when it is absent, or when something is wrong with it. */
export function resolveTls(input: unknown, wrong: Wrong, folder: string): TlsConfig | undefined {
  if (input === undefined) return undefined;
  const given = fieldsOf(input, 'tls', ['certificate', 'key', 'minVersion', 'clientCa'], wrong);
  if (!given) return undefined;
  const path = (name: 'certificate' | 'key' | 'clientCa'): string | undefined => {
    const value = given[name];
    if (typeof value === 'string' && value !== '') return isAbsolute(value) ? value : resolve(folder, value);
    wrong(`tls.${name}`, value, 'the path of a PEM file');
    return undefined;
  };
  const certificate = path('certificate');
  const key = path('key');
  const clientCa = given.clientCa === undefined ? undefined : path('clientCa');
  // YAML reads a version without quotes as a number.
  const minVersion = versions.find((each) => each === String(given.minVersion ?? '1.3'));
  if (!minVersion) wrong('tls.minVersion', given.minVersion, versions.join(', '));
  return certificate && key && minVersion
    ? { certificate, key, minVersion, ...(clientCa ? { clientCa } : {}) }
    : undefined;
}
