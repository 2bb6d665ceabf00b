import type { Problem } from './problem.ts';

/** Why a credential is not believed. It never shows the credential, and of what it claims only what says what to do. */
export function unauthenticated(message: string, remedy: string, field = 'authorization'): Problem {
  return { code: 'UNAUTHENTICATED', message, field, remedy };
}
