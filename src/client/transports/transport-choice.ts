import { httpVersions } from '../../domain/http-version.ts';

/** What a client is told to use: `auto` prefers HTTP/3 and takes less, anything else is that or nothing. */
export const transportChoices = ['auto', ...httpVersions] as const;
export type TransportChoice = (typeof transportChoices)[number];
