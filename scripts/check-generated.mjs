// Says which generated files are not what their sources give, without changing any: they are made anew in a temporary
// folder and compared. (docs/errors.md has a unit test of its own.)
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from './toolchain.mjs';

const generatedCode = join('src', 'gen');
/** Besides code: documents for programs. */
const generatedDocuments = [join('docs', 'openapi.json'), join('docs', 'policy.schema.json')];

/**
 * @param {(folder: string) => void} generate writes what it generates below a folder as it would below the root
 * @returns {string[]} paths that differ, are missing or are left over; empty when all is fresh
 */
export function staleFiles(generate) {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-generated-'));
  try {
    generate(folder);
    const paths = new Set([...filesBelow(folder), ...filesBelow(root)]);
    return [...paths].filter((path) => textOf(folder, path) !== textOf(root, path)).sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function filesBelow(base) {
  const code = readdirSync(join(base, generatedCode), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(base, join(entry.parentPath ?? entry.path, entry.name)));
  return [...code, ...generatedDocuments];
}

function textOf(base, path) {
  const file = join(base, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
