import { createContextKey } from '@connectrpc/connect';

/** `h2`, `h1`, ...: set by the listener for each call; calls inside the process have none. */
export const httpVersionKey = createContextKey<string>('memory', { description: 'HTTP version of the call' });
