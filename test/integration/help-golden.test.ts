import { beforeAll, expect, test } from 'bun:test';
import { createCli } from '../support/cli.ts';
import { expectGolden, goldenNames } from '../support/golden.ts';

/** `--help` of every command, found the way a person finds it: from the commands that the help above lists. */
const helps = new Map<string, string>();
/** More than the program has; a help that lists itself would go on for ever. */
const maxCommands = 200;

beforeAll(async () => {
  const cli = createCli();
  const open: string[][] = [[]];
  for (let path = open.shift(); path !== undefined; path = open.shift()) {
    const help = await cli.run([...path, '--help']);
    helps.set(`${['mesh', ...path].join('-')}.txt`, help);
    if (helps.size >= maxCommands) throw new Error(`more than ${maxCommands} commands`);
    for (const child of commandsOf(help)) open.push([...path, child]);
  }
});

test('every command explains itself as its golden file says', async () => {
  expect(helps.size).toBeGreaterThan(40);
  for (const [name, help] of helps) await expectGolden(`help/${name}`, help);
});

test('no golden file of a command is left that does not exist any more', async () => {
  expect(await goldenNames('help')).toEqual([...helps.keys()].sort());
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
