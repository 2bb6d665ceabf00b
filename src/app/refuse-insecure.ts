import { loopbackHosts } from '../base/loopback.ts';
import type { Problem } from '../domain/problem.ts';
import type { Config } from './config.ts';

/**
 * Development credentials serve on loopback only; everything else needs a certificate of its own and somebody whom it
 * believes. Problem: LISTEN_INSECURE.
 */
export function refuseInsecure(config: Pick<Config, 'dev' | 'host' | 'tls' | 'auth'>): Problem | undefined {
  const { dev, host, tls, auth } = config;
  if (dev) {
    if (loopbackHosts.has(host)) return undefined;
    return {
      code: 'LISTEN_INSECURE',
      message: `${host} is not a loopback address, and with --dev the credentials lie in the data directory`,
      field: 'listen',
      value: host,
      limit: [...loopbackHosts].join(', '),
      remedy: 'Listen on loopback, or leave --dev out and configure tls and auth.',
    };
  }
  if (tls && auth.jwt.length + auth.certificates.length > 0) return undefined;
  return {
    code: 'LISTEN_INSECURE',
    message: tls
      ? 'serving without --dev needs somebody whom the service believes'
      : 'serving without --dev needs a certificate',
    field: tls ? 'auth' : 'tls',
    limit: tls ? 'auth.jwt or auth.certificates' : 'tls.certificate and tls.key',
    remedy: `Configure ${tls ? 'auth' : 'tls'} (docs/configuration.md), or add --dev on loopback.`,
  };
}
