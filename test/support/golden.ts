import { expect } from 'bun:test';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const folder = join(import.meta.dir, '..', 'golden');

/** `UPDATE_GOLDEN=1 npm test -- integration` writes the files anew; read the difference before committing it. */
const updating = process.env.UPDATE_GOLDEN === '1';

/** Whether the text is what the file `test/golden/NAME` holds. */
export async function expectGolden(name: string, text: string): Promise<void> {
  const path = join(folder, name);
  if (updating) {
    await mkdir(dirname(path), { recursive: true });
    await Bun.write(path, text);
  }
  const file = Bun.file(path);
  const known = (await file.exists()) ? await file.text() : `(test/golden/${name} does not exist)`;
  expect(text).toBe(known);
}

/** Names of the golden files in a folder of `test/golden`, sorted. */
export async function goldenNames(name: string): Promise<readonly string[]> {
  return (await readdir(join(folder, name))).sort();
}

/** What differs between runs gives way to a word of the same meaning; columns shrink to two spaces. */
export function withoutVolatile(text: string): string {
  return text
    .replace(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g, '<id>')
    .replace(/sha256:[0-9a-f]{12,64}\b/g, '<digest>')
    .replace(/\b[0-9a-f]{64}\b/g, '<hash>')
    .replace(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, '<time>')
    .replace(/^\d{2}:\d{2}:\d{2}/gm, '<clock>')
    .replace(/https?:\/\/127\.0\.0\.1:\d+/g, '<address>')
    .replace(/\b(\d+(\.\d+)?(ms|s|m|h|d))+(?![\w.])/g, '<duration>')
    .replace(/\brevision=\d+/g, 'revision=<n>')
    .replace(/ {2,}/g, '  ')
    .replace(/ +$/gm, '');
}

/** The same for JSON: also numbers of revisions and positions, whose count depends on timing. */
export function jsonWithoutVolatile(text: string): string {
  return withoutVolatile(text)
    .replace(/"(revision|eventHead|pid)": "\d+"/g, '"$1": "<n>"')
    .replace(/("code": "GUARDRAIL_TELEMETRY_STALE"[^}]*"observedNumber": )\d+/g, '$1"<n>"')
    .replace(/"(lowMs|highMs|stalenessMs|skewedMs)": [\d.e+-]+/g, '"$1": 0')
    .replace(/ {2,}/g, ' ');
}
