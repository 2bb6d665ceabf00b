import { describe, expect, test } from 'bun:test';
import { createTestCli, type TestCli } from '../cli.testing.ts';

const path = '/home/.config/mesh/config.yaml';
const cli = (env: Readonly<Record<string, string>> = {}): TestCli =>
  createTestCli({ env: { HOME: '/home', ...env } });
const written = ({ files }: TestCli): string => new TextDecoder().decode(files.get(path));

describe('mesh config', () => {
  test('writes a profile that was not there, and keeps comments', async () => {
    const { run, files } = cli();
    files.set(
      path,
      new TextEncoder().encode('# ours\nprofiles:\n  a: # the old one\n    address: https://a\n'),
    );
    const set = await run('config', 'set', '--profile', 'b', 'address', 'b.example:7443');
    expect(set).toMatchObject({ code: 0, out: 'Profile b: address is b.example:7443.\n' });
    await run('config', 'set', 'timeoutSeconds', '5');
    await run('config', 'use', 'a');
    expect(new TextDecoder().decode(files.get(path))).toBe(
      '# ours\nprofiles:\n  a:\n    # the old one\n    address: https://a\n  b:\n' +
        '    address: https://b.example:7443\n    timeoutSeconds: 5\ncurrent: a\n',
    );
  });

  test('begins with a profile called default, and takes settings out again', async () => {
    const person = cli();
    await person.run('config', 'set', 'transport', 'h2');
    expect(written(person)).toBe('profiles:\n  default:\n    transport: h2\ncurrent: default\n');
    await person.run('config', 'unset', 'transport');
    expect(written(person)).toBe('profiles:\n  default: {}\ncurrent: default\n');
  });

  test.each([
    [['set', 'adress', 'x'], 'did you mean address?'],
    [['set', 'transport', 'h4'], 'auto, h3, h2, h1'],
    [['set', 'address', 'ftp://x'], 'is not an address'],
    [['set', 'timeoutSeconds', '-1'], 'above 0'],
    [['use', 'nobody'], 'there is no profile nobody'],
  ])('refuses %p', async (args, text) => {
    const person = cli();
    const { code, error } = await person.run('config', ...args);
    expect({ code, error }).toEqual({ code: 2, error: expect.stringContaining(text) });
    expect(person.files.size).toBe(0);
  });

  test('never prints a token', async () => {
    const { run } = cli({ MESH_TOKEN: 'secret' });
    const table = await run('config', 'view');
    const json = await run('config', 'view', '-o', 'json');
    expect(table.out + json.out).not.toContain('secret');
    expect(table.out).toMatch(/token +\(given, not shown\) +MESH_TOKEN/);
  });

  test('says where it writes', async () => {
    expect((await cli().run('config', 'path')).out).toBe(`${path}\n`);
    expect((await cli({ MESH_CONFIG: 'own.yaml' }).run('config', 'path')).out).toBe('/own.yaml\n');
    expect((await cli({ XDG_CONFIG_HOME: '/xdg' }).run('config', 'path')).out).toBe(
      '/xdg/mesh/config.yaml\n',
    );
  });
});
