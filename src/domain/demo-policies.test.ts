import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePolicyFile } from '../wire/policy-file.ts';
import { effectivePolicy } from './policy-merge.ts';
import { validatePolicy } from './policy-validate.ts';

const folder = join(import.meta.dir, '../../policies');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

function read(name: string) {
  const parsed = parsePolicyFile(readFileSync(join(folder, name)));
  if (!parsed.ok) throw new Error(parsed.error.map((problem) => problem.message).join('; '));
  return parsed.value;
}

describe('the policies that come with the program', () => {
  test('are several', () => {
    expect(files.length).toBeGreaterThanOrEqual(5);
  });

  test.each(files)('%s is valid, alone and under the cluster policy', (name) => {
    const { cluster, namespace, overlay } = read(name);
    expect(validatePolicy(effectivePolicy(cluster, namespace, undefined, overlay, 1))).toEqual([]);
    const defaults = read('cluster-defaults.yaml').overlay;
    expect(validatePolicy(effectivePolicy(cluster, namespace, defaults, overlay, 1))).toEqual([]);
  });

  test('hold the defaults of the cluster in one without a namespace', () => {
    expect(read('cluster-defaults.yaml').namespace).toBe('');
  });
});
