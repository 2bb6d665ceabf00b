import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** What we agreed not to write, as far as a program can see it. Style that the linter knows is the linter's. */

const sourceRoot = import.meta.dir;

/** Which rooms a room may import from, besides itself. The order is the data's way. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  domain: ['base'],
  ports: ['base', 'domain'],
  telemetry: ['base', 'domain', 'ports'],
  scoring: ['base', 'domain', 'ports'],
  planning: ['base', 'domain', 'ports'],
  guardrails: ['base', 'domain', 'ports'],
  audit: ['base', 'domain', 'ports'],
  execution: ['base', 'domain', 'ports', 'scoring', 'planning', 'guardrails', 'audit'],
  controller: [
    'base',
    'domain',
    'ports',
    'telemetry',
    'scoring',
    'planning',
    'guardrails',
    'execution',
    'audit',
  ],
  gen: [],
  wire: ['base', 'domain', 'ports', 'controller', 'scoring', 'audit', 'gen'],
  adapters: ['base', 'domain', 'ports', 'planning', 'scoring', 'telemetry', 'audit', 'wire', 'gen'],
  transport: ['base', 'domain', 'ports'],
  api: ['base', 'domain', 'ports', 'controller', 'scoring', 'audit', 'wire', 'gen', 'transport'],
  client: ['base', 'domain', 'wire', 'gen'],
  cli: [
    'base',
    'domain',
    'controller',
    'planning',
    'scoring',
    'guardrails',
    'audit',
    'wire',
    'gen',
    'client',
  ],
  simulator: ['base', 'domain', 'ports', 'wire', 'gen', 'transport'],
  app: ['*'],
};

/** Rooms in which the machine's own time, randomness and timers may be named. */
const mayTouchTheMachine = new Set(['base', 'adapters']);

const lineLimit = 400;

/** Tests, what they share, and the suites that every adapter of a port passes; they may import from anywhere. */
const forTests = /\.(test|testing|contract)\.tsx?$/;

interface SourceFile {
  /** Relative to src, with forward slashes. */
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly isTest: boolean;
  readonly imports: readonly string[];
  /** What it loads when it needs it. */
  readonly lazyImports: readonly string[];
}

const files: readonly SourceFile[] = readdirSync(sourceRoot, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => readSource(join(entry.parentPath, entry.name)))
  .filter((file) => file.path !== 'tidy.test.ts');
const written = files.filter((file) => file.room !== 'gen');
const product = written.filter((file) => !file.isTest);

function readSource(absolute: string): SourceFile {
  const path = relative(sourceRoot, absolute).replaceAll('\\', '/');
  const text = readFileSync(absolute, 'utf8');
  const specifiers = [
    ...text.matchAll(/^\s*(?:import|export)\s[^'"`;]*?from\s*'([^']+)'|^import\s+'([^']+)'/gm),
  ];
  return {
    path,
    room: path.split('/')[0] ?? '',
    text,
    isTest: forTests.test(path),
    imports: specifiers.map((match) => match[1] ?? match[2] ?? ''),
    lazyImports: [...text.matchAll(/\bimport\('([^']+)'\)/g)].map((match) => match[1] ?? ''),
  };
}

/** Path relative to src of what a relative import names. */
function resolved(file: SourceFile, specifier: string): string {
  return relative(sourceRoot, resolve(sourceRoot, dirname(file.path), specifier)).replaceAll('\\', '/');
}

/** The code without comments and texts, so that a word in a sentence is not taken for a call. */
function codeOf(file: SourceFile): string {
  return file.text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}

describe('imports', () => {
  test('point in the direction of the data', () => {
    const wrong: string[] = [];
    for (const file of product) {
      const allowed = mayImport[file.room] ?? [];
      const all = [...file.imports, ...file.lazyImports];
      for (const specifier of all.filter((each) => each.startsWith('.'))) {
        const target = resolved(file, specifier).split('/')[0] ?? '';
        if (target !== file.room && !allowed.includes(target) && !allowed.includes('*'))
          wrong.push(`${file.path} → ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('never lead from one adapter to another', () => {
    const wrong: string[] = [];
    for (const file of product.filter((each) => each.room === 'adapters')) {
      for (const specifier of file.imports.filter((each) => each.startsWith('.'))) {
        const [room, folder] = resolved(file, specifier).split('/');
        if (room === 'adapters' && folder !== file.path.split('/')[1]) wrong.push(`${file.path} → ${folder}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('bring nothing that is made for tests into the product', () => {
    const wrong = product.flatMap((file) =>
      [...file.imports, ...file.lazyImports]
        .filter((each) => forTests.test(each))
        .map((each) => `${file.path}: ${each}`),
    );
    expect(wrong).toEqual([]);
  });

  test('form no cycle', () => {
    const graph = new Map(
      product.map((file) => [
        file.path,
        file.imports.filter((each) => each.startsWith('.')).map((each) => resolved(file, each)),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
        return;
      }
      if (done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });

  test('name files with their ending, and the runtime only where a room is for it', () => {
    const wrong = written.flatMap((file) =>
      file.imports
        .filter((each) => each.startsWith('.') && !/\.(tsx?|json|html|css|wasm|node|ya?ml|txt)$/.test(each))
        .map((each) => `${file.path}: ${each}`),
    );
    const runtime = product
      .filter((file) =>
        [
          'domain',
          'planning',
          'scoring',
          'guardrails',
          'telemetry',
          'controller',
          'execution',
          'audit',
        ].includes(file.room),
      )
      .flatMap((file) =>
        file.imports.filter((each) => /^bun(:|$)/.test(each)).map((each) => `${file.path}: ${each}`),
      );
    expect([...wrong, ...runtime]).toEqual([]);
  });
});

describe('files', () => {
  test('are named in kebab-case after one concept', () => {
    const wrong = written.filter(
      (file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.tsx?$/.test(file.path.split('/').at(-1) ?? ''),
    );
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  test('are not barrels', () => {
    const isBarrel = (file: SourceFile): boolean =>
      /(^|\/)index\.tsx?$/.test(file.path) || /^export \* from/m.test(file.text);
    expect(written.filter(isBarrel).map((file) => file.path)).toEqual([]);
  });

  test(`have at most ${lineLimit} lines`, () => {
    const long = product.filter((file) => file.text.split('\n').length > lineLimit);
    expect(long.map((file) => `${file.path}: ${file.text.split('\n').length}`)).toEqual([]);
  });

  test('leave nothing unfinished', () => {
    const word = new RegExp(
      `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XXX', 'HACK'].join('|')})\\b|not implemented`,
      'i',
    );
    const wrong = written.filter((file) => word.test(file.text));
    expect(wrong.map((file) => file.path)).toEqual([]);
  });
});

describe('code', () => {
  test('takes time, timers and randomness from outside', () => {
    const machine =
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\bperformance\.now\(|\bcrypto\.randomUUID\(/;
    const wrong = product.filter((file) => !mayTouchTheMachine.has(file.room) && machine.test(codeOf(file)));
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  test('writes to the terminal only where a terminal is the point', () => {
    const wrong = product.filter(
      (file) =>
        !['cli', 'app'].includes(file.room) && /\bconsole\.\w+\(|process\.std(out|err)/.test(codeOf(file)),
    );
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  test('suppresses neither the compiler nor the linter', () => {
    const wrong = written.filter((file) =>
      /@ts-(ignore|nocheck|expect-error)|biome-ignore|eslint-disable/.test(file.text),
    );
    expect(wrong.map((file) => file.path)).toEqual([]);
  });
});

describe('tests', () => {
  test('each can fail', () => {
    const suites = written.filter((file) => /\.test\.tsx?$/.test(file.path));
    const without = suites.filter((file) => !/\bexpect\(|assert|Contract\(/.test(file.text));
    expect(without.map((file) => file.path)).toEqual([]);
  });

  test('none is left out or run alone', () => {
    const wrong = written.filter((file) => /\b(test|describe|it)\.(only|todo|skip)\(/.test(file.text));
    expect(wrong.map((file) => file.path)).toEqual([]);
  });
});
