/** HTTP versions by their short names, the newest first. */
export const httpVersions = ['h3', 'h2', 'h1'] as const;
export type HttpVersion = (typeof httpVersions)[number];
