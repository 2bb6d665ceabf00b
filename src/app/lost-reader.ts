import { exitCodes } from '../cli/exit-codes.ts';

/**
 * Sees to it that nobody hears of a reader who left (`mesh ... | head -1`): a command then ends at once, as SIGPIPE ends other
 * tools. A service goes on, since its output is one line; and so does a command that only its errors' reader left. A pipe
 * and a terminal fail for no other reason; what goes to a file is not written by these streams.
 */
export function expectLostReaders(isService: () => boolean): void {
  process.stdout.on('error', () => {
    if (!isService()) process.exit(exitCodes.readerLeft);
  });
  process.stderr.on('error', () => {});
}
