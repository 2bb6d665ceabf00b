import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from './error-codes.ts';
import { errorRegistryDoc } from './error-registry-doc.ts';

const page = readFileSync(join(import.meta.dir, '../../docs/errors.md'), 'utf8');

describe('docs/errors.md', () => {
  test('is what the registry says; `bun scripts/generate-errors-doc.ts` writes it anew', () => {
    expect(page).toBe(errorRegistryDoc());
  });

  test('explains every code of the registry and no other', () => {
    const explained = [...page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map((match) => match[1]);
    expect(explained).toEqual(Object.keys(errorCodes));
  });
});

describe('the registry', () => {
  test('has a sentence for what each code means and for what to do', () => {
    for (const [code, { meaning, remedy }] of Object.entries(errorCodes)) {
      expect(`${code}: ${meaning}`).toMatch(/\.$/);
      expect(`${code}: ${remedy}`).toMatch(/\.$/);
    }
  });

  test('names codes in capitals, so that they stand out in any text', () => {
    for (const code of Object.keys(errorCodes)) expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
  });
});
