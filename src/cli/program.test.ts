import { describe, expect, test } from 'bun:test';
import type { Command } from 'commander';
import { createBind } from './action.ts';
import { createTestCli } from './cli.testing.ts';
import { commandGroups } from './command-groups.ts';
import { createProgram } from './program.ts';

const cli = createTestCli();

/** The problems that a program reads. */
async function problems(...args: readonly string[]) {
  const { code, out, error } = await cli.run(...args, '-o', 'json');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  return JSON.parse(error).problems;
}

describe('mesh', () => {
  test.each([['version'], ['--version'], ['-V']])('%s prints the version alone', async (arg) => {
    expect(await cli.run(arg)).toEqual({ code: 0, out: '1.2.3\n', error: '' });
  });

  test('version prints JSON for programs', async () => {
    expect((await cli.run('version', '-o', 'json')).out).toBe('{"version":"1.2.3"}\n');
  });

  test('--help lists every command of the first level and the exit codes', async () => {
    const { code, out } = await cli.run('--help');
    expect(code).toBe(0);
    for (const { name, description } of commandGroups) {
      expect(out).toContain(`  ${name} `);
      expect(out.replaceAll(/\s+/g, ' ')).toContain(description);
    }
    expect(out).toContain('8 the plan ended without completing');
  });

  test('help explains a command as its --help does, and topics', async () => {
    const { out } = await cli.run('shards', 'rebalance', 'approve', '--help');
    expect(await cli.run('help', 'shards', 'rebalance', 'approve')).toEqual({ code: 0, out, error: '' });
    expect(await cli.run('help', 'exit-codes')).toMatchObject({
      code: 0,
      out: expect.stringContaining('130 interrupted'),
    });
    expect((await cli.run('help')).out).toBe((await cli.run('--help')).out);
  });

  test('a group alone shows its help as a mistake', async () => {
    const { code, out, error } = await cli.run('policies');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toContain('validate');
    expect(await problems('policies')).toMatchObject([{ code: 'FIELD_REQUIRED' }]);
  });
});

test('the help of every command ends with examples', async () => {
  const context = { version: '1', terminal: { out: () => {}, columns: 100 } } as never;
  const bind = createBind(context, () => {});
  const program = createProgram(context, bind, () => {});
  for (const group of commandGroups) {
    const command = program.commands.find((each) => each.name() === group.name);
    if (command) (await group.load())(command, bind);
  }
  const without: string[] = [];
  const visit = async (path: readonly string[], command: Command): Promise<void> => {
    const { out } = await cli.run(...path, '--help');
    if (!/\nExamples?:\n {2}mesh /.test(out)) without.push(path.join(' '));
    for (const child of command.commands) await visit([...path, child.name()], child);
  };
  for (const command of program.commands.filter((each) => !/^(help|__)/.test(each.name()))) {
    await visit([command.name()], command);
  }
  expect(without).toEqual([]);
});

describe('a wrong command line', () => {
  test.each([
    [['shrads'], 'Did you mean shards?'],
    [['shards', 'rebalance', 'aprove'], 'Did you mean approve?'],
    [['help', 'polices'], 'Did you mean policies?'],
    [['policies', 'aply', 'x'], 'Did you mean apply?'],
    [['version', '--outptu', 'json'], 'Did you mean --output?'],
  ])('%p is told what was probably meant', async (args, hint) => {
    const { code, out, error } = await cli.run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toContain(hint);
  });

  test.each([
    [['shards', 'rebalance', 'show'], 'FIELD_REQUIRED', 'plan'],
    [['snapshot', 'export'], 'FIELD_REQUIRED', '--out'],
    [['version', 'now'], 'FIELD_UNKNOWN', '1'],
    [['peers', 'list', '--nod', 'n1'], 'FIELD_UNKNOWN', '--nod'],
    [['fleet', 'burst', '--for', 'soon'], 'FIELD_INVALID', 'soon'],
    [['fleet', 'errors', 'n1', '2'], 'FIELD_INVALID', 'share'],
    [['--timeout', '-1', 'status'], 'FIELD_INVALID', 'above 0'],
    [['shards', 'rebalance', 'plan', '--max-bytes', 'many'], 'FIELD_INVALID', '12GiB'],
    [['shards', 'rebalance', 'plan', '--override', 'SPREAD'], 'FIELD_INVALID', 'CODE=REASON'],
    [['incidents', 'open', 'x', '--severity', 'bad'], 'FIELD_INVALID', 'critical'],
  ])('%p is a problem for programs', async (args, code, word) => {
    expect(await problems(...args)).toMatchObject([{ code, message: expect.stringContaining(word) }]);
  });

  test('an address that is none is a problem, not a bug', async () => {
    expect(await problems('status', '--address', ':::')).toMatchObject([
      { code: 'FIELD_INVALID', field: '--address', value: ':::' },
    ]);
    expect(await problems('fleet', 'stats', '--fleet', ':::')).toMatchObject([
      { code: 'FIELD_INVALID', field: '--fleet', value: ':::' },
    ]);
  });

  test('what nobody expected is told as a bug and ends with 1', async () => {
    const { code, error } = await cli.run('rebalancer', 'serve', '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(error)).toMatchObject({ problems: [{ code: 'INTERNAL' }] });
    expect((await cli.run('rebalancer', 'serve')).error).toStartWith(
      'error INTERNAL: this is a bug in mesh.\n',
    );
  });
});

describe('colour', () => {
  const failing = ['status', '--address', ':::'];
  const code = '\u001b[';

  test('is for people on a terminal', async () => {
    expect((await createTestCli({ isInteractive: true }).run(...failing)).error).toContain(code);
    expect((await createTestCli().run(...failing)).error).not.toContain(code);
  });

  test('is left out with NO_COLOR and --no-color', async () => {
    const quiet = createTestCli({ isInteractive: true, env: { NO_COLOR: '1' } });
    expect((await quiet.run(...failing)).error).not.toContain(code);
    const loud = createTestCli({ isInteractive: true });
    expect((await loud.run('--no-color', ...failing)).error).not.toContain(code);
  });
});
