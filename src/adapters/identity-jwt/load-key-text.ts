import { readFile, stat } from 'node:fs/promises';
import { err, ok, type Result } from '../../base/result.ts';

/** Gets the text of a key set, or a sentence that says why not; gives up when the signal aborts. */
export type LoadKeyText = (signal: AbortSignal) => Promise<Result<string, string>>;

/** As the global `fetch`, as far as it is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Some hundred keys. */
export const maxKeySetBytes = 256 * 1024;

export function keyTextFromFile(path: string): LoadKeyText {
  return async () => {
    try {
      const { size } = await stat(path);
      if (size > maxKeySetBytes) return err(`it has ${size} bytes, more than ${maxKeySetBytes}`);
      return ok(await readFile(path, 'utf8'));
    } catch (thrown) {
      return err(messageOf(thrown));
    }
  };
}

/** Redirections are not followed: the keys come from the address that was configured or from none. */
export function keyTextFromUrl(url: string, fetch: Fetch): LoadKeyText {
  return async (signal) => {
    try {
      const response = await fetch(url, {
        signal,
        redirect: 'error',
        headers: { accept: 'application/jwk-set+json, application/json' },
      });
      if (response.status === 200) return await boundedText(response);
      await response.body?.cancel();
      return err(`it answers with the status ${response.status}`);
    } catch (thrown) {
      return err(signal.aborted ? 'it does not answer in time' : messageOf(thrown));
    }
  };
}

async function boundedText(response: Response): Promise<Result<string, string>> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > maxKeySetBytes) return err(`it has more than ${maxKeySetBytes} bytes`);
    text += decoder.decode(piece, { stream: true });
  }
  return ok(text + decoder.decode());
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
