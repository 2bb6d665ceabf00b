import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Two machines, one service, two processes. */
const model = '1\n0 10\n2\n0 0 30 16 0 1\n0 1 30 16 1 0\n1\n1 0\n2\n0 12 10\n0 10 20\n0\n1 10 100\n';

let data = '';
beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'contest-'));
});
afterAll(() => rmSync(data, { recursive: true }));

const path = (kind: string, name: string): string => join(data, `${kind}_${name}.txt`);

/** What a script says about an instance with these files; `undefined` for one that cannot be read. */
async function run(script: string[], name: string, files: readonly (string | undefined)[]) {
  for (const [index, kind] of ['model', 'assignment'].entries()) {
    const text = files[index];
    if (text === undefined) mkdirSync(path(kind, name));
    else writeFileSync(path(kind, name), text);
  }
  const started = Bun.spawn([process.execPath, 'run', ...script], { stdout: 'pipe', stderr: 'pipe' });
  const said = await new Response(started.stderr).text();
  return { code: await started.exited, said };
}

const cases: readonly (readonly [string, readonly (string | undefined)[], readonly string[]])[] = [
  [
    'word',
    [model.replace('0 0 30', '0 0 x3'), '0 1\n'],
    ['INPUT_MALFORMED', 'line 4, token 7', 'value: x3', 'model_'],
  ],
  [
    'machine',
    [model, '0 7\n'],
    ['FIELD_INVALID', 'line 1, token 2', 'value: 7', 'limit: 0..1', 'assignment_'],
  ],
  ['short', [model, '0\n'], ['INPUT_MALFORMED', 'line 1, token 2', 'assignment_']],
  ['shared', [model, '1 1\n'], ['SNAPSHOT_REPLICA_TWICE_ON_NODE', 'token 2', 'value: 1', 'assignment_']],
  ['folder', [undefined, '0 1\n'], ['FILE_UNREADABLE', 'model_']],
];

for (const [name, files, expected] of cases) {
  test.each([
    [
      'benchmark',
      () => [
        join(import.meta.dir, '..', 'planner-roadef.ts'),
        '--data',
        data,
        '--instances',
        `bench-${name}`,
      ],
    ],
    [
      'demo',
      () => [
        join(import.meta.dir, '..', '..', 'scripts', 'demo', 'main.ts'),
        ...['--once', '--roadef', path('model', `demo-${name}`), path('assignment', `demo-${name}`)],
      ],
    ],
  ])(`the %s says what is wrong with a broken file, and what to give: ${name}`, async (program, script) => {
    const key = program === 'demo' ? `demo-${name}` : `bench-${name}`;
    const { code, said } = await run(script(), key, files);
    for (const each of [...expected, `${key}.txt`, '→']) expect(said).toContain(each);
    expect(said).not.toContain('    at ');
    expect(code).toBe(2);
  });
}
