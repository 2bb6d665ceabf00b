// Writes docs/errors.md from the registry of codes: `bun scripts/generate-errors-doc.ts`, after a code was added.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorRegistryDoc } from '../src/domain/error-registry-doc.ts';

writeFileSync(join(import.meta.dir, '../docs/errors.md'), errorRegistryDoc());
