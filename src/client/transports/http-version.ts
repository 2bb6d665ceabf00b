/** HTTP versions by their short names, the most wanted first. */
export const httpVersions = ['h3', 'h2', 'h1'] as const;
export type HttpVersion = (typeof httpVersions)[number];

/** What a client is told to use: `auto` prefers HTTP/3 and takes less, anything else is that or nothing. */
export const transportChoices = ['auto', ...httpVersions] as const;
export type TransportChoice = (typeof transportChoices)[number];
