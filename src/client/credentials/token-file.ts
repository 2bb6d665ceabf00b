import { readFile, stat } from 'node:fs/promises';
import { ProblemError } from '../../domain/problem.ts';
import type { TokenSource } from './token-source.ts';

/** A token in a file of its own, read again when the file changed: whoever renews it writes it there. */
export function createTokenFile(path: string): TokenSource {
  let known: { readonly version: string; readonly token: string } | undefined;
  const read = async (): Promise<string> => {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const version = `${mtimeMs}/${size}/${ino}`;
      if (known?.version !== version) known = { version, token: (await readFile(path, 'utf8')).trim() };
    } catch (error) {
      throw unavailable(path, error instanceof Error ? error.message : String(error));
    }
    if (known.token === '') throw unavailable(path, 'it is empty');
    return known.token;
  };
  return {
    origin: `the file ${path}`,
    token: read,
    async refused(token) {
      known = undefined;
      return (await read()) !== token;
    },
  };
}

function unavailable(path: string, why: string): ProblemError {
  return new ProblemError({
    code: 'TOKEN_UNAVAILABLE',
    message: `the token cannot be read from ${path}: ${why}`,
    subject: path,
    remedy: 'Check the path and the rights; --token-file, MESH_TOKEN_FILE or the profile names it.',
  });
}
