import { join } from 'node:path';
import type { CaseLine } from './bench-line.ts';
import type { CaseOptions, FromCase } from './case-process.ts';

/** Runs the case in a process of its own; rejects when it ends without an answer. */
export async function startCase(
  name: string,
  options: CaseOptions,
  progress: (text: string) => void,
): Promise<CaseLine> {
  const answer = Promise.withResolvers<CaseLine>();
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, 'case-process.ts'), name, JSON.stringify(options)],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      serialization: 'advanced',
      ipc(message: FromCase) {
        if (message.kind === 'progress') progress(message.text);
        else if (message.kind === 'line') answer.resolve(message.line);
        else answer.reject(new Error(`${name}: ${message.message}`));
      },
      onExit: (_, code, signal) =>
        answer.reject(new Error(`${name}: its process ended with ${signal ?? code}: out of memory?`)),
    },
  );
  const line = await answer.promise;
  await child.exited;
  return line;
}
