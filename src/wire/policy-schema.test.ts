import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const root = join(import.meta.dir, '..', '..');
const schema = JSON.parse(readFileSync(join(root, 'docs', 'policy.schema.json'), 'utf8')) as object;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv, ['date-time', 'int32', 'int64', 'double']);
const validate = ajv.compile(schema);

function policyOf(name: string): { spec: Record<string, unknown> } {
  return parse(readFileSync(join(root, 'policies', name), 'utf8')) as { spec: Record<string, unknown> };
}

describe('docs/policy.schema.json', () => {
  test.each(readdirSync(join(root, 'policies')))('accepts policies/%s', (name) => {
    validate(policyOf(name));
    expect(validate.errors ?? []).toEqual([]);
  });

  test.each([
    ['a field that nobody knows', { bugdet: {} }],
    ['a word that no enum has', { mode: 'sometimes' }],
    ['a value out of range', { budget: { maxShareOfShards: 2 } }],
    ['a duration that is none', { cooldowns: { shard: 'soon' } }],
  ])('refuses %s', (_, wrong) => {
    const policy = policyOf('demo.yaml');
    expect(validate({ ...policy, spec: { ...policy.spec, ...wrong } })).toBe(false);
  });
});
