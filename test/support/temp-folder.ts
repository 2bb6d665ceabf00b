import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is gone, with everything in it, when it is disposed of. */
export interface TempFolder extends AsyncDisposable {
  readonly path: string;
  /** Path of a file in it; in a folder of the machine that no other test uses. */
  file(name: string): string;
  write(name: string, content: string | Uint8Array): Promise<string>;
}

export async function createTempFolder(): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), 'mesh-test-'));
  const file = (name: string): string => join(path, name);
  return {
    path,
    file,
    async write(name, content) {
      await Bun.write(file(name), content);
      return file(name);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
