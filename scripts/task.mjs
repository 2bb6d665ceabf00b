// npm's scripts end here: `node scripts/task.mjs NAME [arguments]`. Installs what is missing, then runs the task.
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { staleFiles } from './check-generated.mjs';
import { runTests } from './run-tests.mjs';
import { bun, ensureInstalled, executable, root, run } from './toolchain.mjs';

/** Where unit tests lie: beside the code, and beside the generators of the benchmarks. */
const unitPaths = ['src', 'bench'];

/** The contract of the last release, which callers out there speak. */
const contractBaseline = join('proto', 'baseline.binpb.gz');

const tasks = {
  generate() {
    buf(['generate']);
    run(bun, ['run', join('scripts', 'generate-contract.ts')]);
    run(bun, ['run', join('scripts', 'generate-errors-doc.ts')]);
  },
  format: (args) => run('biome', ['check', '--write', ...(args.length > 0 ? args : ['.'])]),
  types: () => run('tsc', ['--noEmit', '-p', '.']),
  /** At a release: what the contract is now is what later ones must not break. */
  baseline: () => buf(['build', 'proto', '--exclude-source-info', '-o', contractBaseline]),
  check() {
    judgeContract();
    tasks.generate();
    run('biome', ['check', '--write', '.']);
    tasks.types();
    return runTests([{ name: 'unit', paths: unitPaths }]);
  },
  build,
  /** Everything that CI runs; see the README. `npm test -- unit` or `-- integration feature` narrows it. */
  test(args) {
    const tiers = args.length > 0 ? args : ['unit', 'integration', 'feature', 'hyperscale'];
    if (args.length === 0) {
      judgeContract();
      refuseStale();
      run('biome', ['ci', '.']);
      tasks.types();
    }
    if (tiers.some((tier) => tier !== 'unit')) build();
    return runTests(
      tiers.map((tier) => ({ name: tier, paths: tier === 'unit' ? unitPaths : [join('test', tier)] })),
    );
  },
  demo(args) {
    buildIfStale();
    run(bun, ['run', join('scripts', 'demo', 'main.ts'), ...args]);
  },
  bench(args) {
    const name = args[0] ?? '';
    const file = join('bench', `${name}.ts`);
    if (!existsSync(join(root, file))) {
      const known = readdirSync(join(root, 'bench'))
        .filter((each) => each.endsWith('.ts'))
        .map((each) => each.slice(0, -3));
      process.stderr.write(`usage: npm run bench -- NAME\nknown: ${known.join(', ')}\n`);
      process.exit(2);
    }
    run(bun, ['run', file, ...args.slice(1)]);
  },
};

/** Buf over our contracts; those of the packages that they import are rendered first, so that no network is needed. */
function buf(args) {
  run(process.execPath, [join('scripts', 'export-protos.mjs')]);
  run('buf', args);
}

/** Its style, and that whoever speaks the contract of the baseline still can. */
function judgeContract() {
  buf(['lint']);
  run('buf', ['breaking', 'proto', '--against', contractBaseline, '--exclude-imports']);
}

function refuseStale() {
  const stale = staleFiles((folder) => {
    run('buf', ['generate', '-o', folder]);
    run(bun, ['run', join('scripts', 'generate-contract.ts'), folder]);
  });
  if (stale.length === 0) return;
  process.stderr.write(`not what the contracts give; run npm run generate:\n  ${stale.join('\n  ')}\n`);
  process.exit(1);
}

function build() {
  mkdirSync(join(root, 'dist'), { recursive: true });
  const target = process.env.MESH_BUILD_TARGET ? [process.env.MESH_BUILD_TARGET] : [];
  const output = process.env.MESH_BUILD_OUTPUT ?? executable;
  run(bun, ['run', join('scripts', 'build-executable.ts'), output, ...target], { stdio: ['ignore', 2, 2] });
}

function buildIfStale() {
  if (!existsSync(executable) || newestSource(join(root, 'src')) > statSync(executable).mtimeMs) build();
}

function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile())
      newest = Math.max(newest, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
  }
  return newest;
}

const [name = '', ...args] = process.argv.slice(2);
const task = tasks[name];
if (!task) {
  process.stderr.write(`unknown task "${name}"; known: ${Object.keys(tasks).join(', ')}\n`);
  process.exit(2);
}
ensureInstalled();
process.exitCode = (await task(args)) ?? 0;
