import { expect, test } from 'bun:test';
import { createCli } from '../support/cli.ts';
import { expectGolden, goldenNames } from '../support/golden.ts';

/** `--help` of every command, found the way a person finds it: from the commands that the help above lists. */
const cli = createCli();
const known = new Set<string>();
/** More than the program has; a help that lists itself would go on for ever. */
const maxCommands = 200;

test('every command explains itself as its golden file says', async () => {
  const open: string[][] = [[]];
  for (let path = open.shift(); path !== undefined; path = open.shift()) {
    const help = await cli.run([...path, '--help']);
    const name = `${['mesh', ...path].join('-')}.txt`;
    known.add(name);
    expect(known.size).toBeLessThan(maxCommands);
    await expectGolden(`help/${name}`, help);
    for (const child of commandsOf(help)) open.push([...path, child]);
  }
  expect(known.size).toBeGreaterThan(40);
});

test('no golden file of a command is left that does not exist any more', async () => {
  expect(await goldenNames('help')).toEqual([...known].sort());
});

/** Names in the section `Commands:`; `list|ls` is `list`. */
function commandsOf(help: string): string[] {
  const [, section = ''] = help.split('\nCommands:\n');
  const lines = section.split('\n\n')[0]?.split('\n') ?? [];
  return lines.flatMap((line) => {
    const name = /^ {2}([a-z][a-z-]*)/.exec(line)?.[1];
    return name === undefined || name === 'help' ? [] : [name];
  });
}
