// Compiles the executable: `bun run scripts/build-executable.ts OUTPUT [TARGET]`, where a target is what Bun calls it without its
// first word (`linux-arm64`). A script and not Bun's command line because of the plugin that puts the QUIC addon into it.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BunPlugin } from 'bun';

const root = join(import.meta.dir, '..');
const packageFolder = join(root, 'node_modules', '@currentspace', 'http3');

/** The platforms that the package has an addon for, by Bun's targets. Those with musl have none, and Windows has none. */
const addons: Readonly<Record<string, string>> = {
  'linux-x64': 'http3.linux-x64-gnu.node',
  'linux-arm64': 'http3.linux-arm64-gnu.node',
  'darwin-arm64': 'http3.darwin-arm64.node',
};

const [outfile, target = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`] =
  process.argv.slice(2);
if (outfile === undefined) {
  process.stderr.write('usage: bun run scripts/build-executable.ts OUTPUT [TARGET]\n');
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), 'mesh-build-'));
try {
  const addon = smallAddon(target, scratch);
  const built = await Bun.build({
    entrypoints: [
      join(root, 'src', 'app', 'main.ts'),
      // A thread begins with a file of its own.
      join(root, 'src', 'adapters', 'planner-worker', 'worker.ts'),
    ],
    root,
    target: 'bun',
    format: 'esm',
    minify: true,
    bytecode: true,
    sourcemap: 'none',
    compile: { target: `bun-${target}` as Bun.Build.CompileTarget, outfile },
    plugins: [embedAddon(addon)],
  });
  for (const log of built.logs) process.stderr.write(`${log.message}\n`);
  if (!built.success) process.exitCode = 1;
  process.stderr.write(`${outfile} for ${target}, ${addon ? 'with' : 'without'} HTTP/3\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/**
 * Path of the addon for a target, without its debug data where a tool for that is at hand (54 MB of 58); undefined where there
 * is no addon.
 */
function smallAddon(buildTarget: string, folder: string): string | undefined {
  const platform = buildTarget.replace(/-(baseline|modern)$/, '');
  const name = addons[platform];
  if (name === undefined || !existsSync(join(packageFolder, name))) return undefined;
  const original = join(packageFolder, name);
  // Code for macOS is signed; it would have to be signed again, and has no debug data.
  if (platform.startsWith('darwin')) return original;
  const copy = join(folder, name);
  for (const [tool, ...options] of [
    ['llvm-strip', '--strip-unneeded'],
    ['strip', '--strip-unneeded'],
    ['llvm-objcopy', '--strip-unneeded'],
    ['objcopy', '--strip-unneeded'],
  ] as const) {
    copyFileSync(original, copy);
    const { status } = spawnSync(tool, [...options, copy], { stdio: 'ignore' });
    if (status === 0 && statSync(copy).size > 0) return copy;
  }
  return original;
}

/**
 * The package looks for its addon in the file system, where the executable has none. Both places that load it, the package's and
 * `src/transport/http3-addon.ts`, get a require that the bundler can see; it runs when HTTP/3 is asked for, not before.
 */
function embedAddon(addon: string | undefined): BunPlugin {
  const load = addon
    ? `require(${JSON.stringify(addon)})`
    : `(() => { throw new Error('this executable was built without HTTP/3') })()`;
  return {
    name: 'embed-http3-addon',
    setup(build) {
      build.onLoad({ filter: /src[\\/]transport[\\/]http3-addon\.ts$/ }, async ({ path }) => ({
        contents: replaced(await Bun.file(path).text(), /const require = .*?\)\);/s, `return ${load};`, path),
        loader: 'ts',
      }));
      build.onLoad({ filter: /@currentspace[\\/]http3[\\/]dist[\\/]event-loop\.js$/ }, async ({ path }) => ({
        contents: replaced(await Bun.file(path).text(), 'require(findBinding())', load, path),
        loader: 'js',
      }));
    },
  };
}

function replaced(text: string, what: string | RegExp, by: string, path: string): string {
  const changed = text.replace(what, () => by);
  if (changed === text) throw new Error(`${path} does not load the addon as expected`);
  return changed;
}
