/** Headers of our own that clients and the service both write or read; `domain/transport-downgrade.ts` has one more. */

/** With `serve --dev` only, who asks: `name` or `name;groups=a,b`. */
export const principalHeader = 'x-meshkit-principal';

/** Of a refused push: number of the last batch that was taken. */
export const lastAcceptedHeader = 'meshkit-last-accepted-sequence';
