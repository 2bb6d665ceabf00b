import { stringify } from 'yaml';
import { devNames } from './dev-scopes.ts';

/** Hosts that the server's certificate names, as they stand in a URL. */
const namedHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The file of profiles for the command line: one for each token. Paths are relative to the file.
 *
 * @param address URL of the service
 */
export function profileText(address: string): string {
  const isNamed = namedHosts.has(new URL(address).hostname);
  const profiles = devNames.map((name) => [
    name,
    {
      address,
      ca: 'ca.pem',
      ...(isNamed ? {} : { serverName: 'localhost' }),
      tokenFile: `tokens/${name}.jwt`,
    },
  ]);
  return stringify({ current: 'admin', profiles: Object.fromEntries(profiles) });
}
