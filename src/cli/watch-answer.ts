import type { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import type { Session } from './session.ts';

export interface WatchAnswerOptions {
  readonly watch?: boolean;
}

export function withWatch(command: Command): Command {
  return command.option('--watch', 'print it again whenever something happens, until interrupted');
}

/** Events pour in while a plan runs; nobody reads faster than this. */
const shortestPauseMs = 500;
/** Cursor to the top, everything below it away. */
const clearScreen = '\u001b[H\u001b[2J';

/**
 * Prints an answer; with `--watch` again after every event that may have changed it, until interrupted.
 *
 * @param about which events matter; all of the cluster's when left out
 * @returns what `print` returns; 130 when it was interrupted
 */
export async function printWatched(
  session: Session,
  options: WatchAnswerOptions,
  about: { readonly namespace?: string; readonly planId?: string },
  print: () => Promise<number>,
): Promise<number> {
  if (!options.watch) return print();
  const { clock, terminal, signal } = session.context;
  const clean = terminal.isInteractive && !session.json;
  // Before the state is read, so that nothing falls between the two.
  const { eventHead } = await session.call((client) => client.status.getStatus({}));
  let changed = Promise.withResolvers<void>();
  const watching = (async () => {
    for await (const _ of (await session.client()).watch({ ...about, resumeToken: eventHead, signal }))
      changed.resolve();
  })();
  // What it throws is seen by the race below, also when nobody waits at that moment.
  watching.catch(() => {});
  while (!signal.aborted) {
    if (clean) terminal.out(clearScreen);
    await print();
    await Promise.race([changed.promise, watching]);
    changed = Promise.withResolvers<void>();
    await clock.sleep(shortestPauseMs, signal);
    if (!clean && !session.json && !signal.aborted) terminal.out('\n');
  }
  return exitCodes.interrupted;
}
