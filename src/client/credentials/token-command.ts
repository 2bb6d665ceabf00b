import { exec } from 'node:child_process';
import type { Clock } from '../../base/clock.ts';
import { ProblemError } from '../../domain/problem.ts';
import { readTokenClaims } from './token-claims.ts';
import type { TokenSource } from './token-source.ts';

/** How long the command may take, milliseconds: it may ask another service, and nobody who types. */
const commandTimeoutMs = 15_000;
/** Bytes of its output; a token is far smaller. */
const maxOutputBytes = 64 * 1024;
/** How long before its end a token is renewed, so that it does not end on the way. */
const renewBeforeMs = 30_000;
/** How long a token that does not tell its end is used. */
const unknownEndMs = 60_000;

/** A token that a command prints, for instance of a cloud's or an identity provider's tool. Run by the system's shell. */
export function createTokenCommand(command: string, clock: Clock): TokenSource {
  let known: { readonly token: string; readonly until: number } | undefined;
  let running: Promise<string> | undefined;
  const renew = async (): Promise<string> => {
    const token = await run(command);
    const end = readTokenClaims(token)?.expiresAtMs;
    known = { token, until: end === undefined ? clock.now() + unknownEndMs : end - renewBeforeMs };
    return token;
  };
  return {
    origin: `the command "${command}"`,
    token() {
      if (known && known.until > clock.now()) return Promise.resolve(known.token);
      running ??= renew().finally(() => {
        running = undefined;
      });
      return running;
    },
    async refused(token) {
      if (known?.token === token) known = undefined;
      return true;
    },
  };
}

function run(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    exec(command, { timeout: commandTimeoutMs, maxBuffer: maxOutputBytes }, (error, stdout, stderr) => {
      const token = stdout.trim();
      if (!error && token !== '') return resolve(token);
      const last = stderr.trim().split('\n').at(-1) ?? '';
      const why = error?.killed
        ? `it did not end within ${commandTimeoutMs / 1000} s`
        : last || 'it printed nothing';
      reject(
        new ProblemError({
          code: 'TOKEN_UNAVAILABLE',
          message: `the command for the token failed: ${why}`,
          subject: command,
          remedy: 'Run it by hand; MESH_TOKEN_COMMAND or the profile names it.',
        }),
      );
    });
  });
}
