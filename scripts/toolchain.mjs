// What every script needs before it can run: the packages of package-lock.json and a Bun that starts.
// Plain Node, since this runs on a machine that has nothing else yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.installed-lock');
export const bun = join(modules, '.bin', process.platform === 'win32' ? 'bun.cmd' : 'bun');
export const executable = join(root, 'dist', process.platform === 'win32' ? 'mesh.exe' : 'mesh');

/** Installs what package-lock.json names unless it is there already. */
export function ensureInstalled() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    process.stderr.write('Installing packages (npm ci)...\n');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 2] });
    mkdirSync(modules, { recursive: true });
    writeFileSync(stamp, lock);
  }
  // npm 11 may leave install scripts unapproved; Bun's only links the platform's binary.
  if (spawnSync(bun, ['--version'], { stdio: 'ignore' }).status !== 0) {
    run(process.execPath, [join(modules, 'bun', 'install.js')], {
      cwd: join(modules, 'bun'),
      stdio: ['ignore', 2, 2],
    });
  }
}

/** Runs a command in the project's folder and ends this process with its status when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: environment(), ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** The environment of child processes: the project's own tools come first on the path. */
export function environment() {
  const separator = process.platform === 'win32' ? ';' : ':';
  return { ...process.env, PATH: `${join(modules, '.bin')}${separator}${process.env.PATH ?? ''}` };
}
