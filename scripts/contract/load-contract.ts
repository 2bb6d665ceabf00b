import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const root = join(import.meta.dir, '..', '..');

/** The contracts as buf compiles them, with their comments, which the generated code does not have. */
export function loadContract(): FileRegistry {
  const buf = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'buf.cmd' : 'buf');
  const image = execFileSync(buf, ['build', '--as-file-descriptor-set', '-o', '-'], {
    cwd: root,
    maxBuffer: 64 * 1_048_576,
  });
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
}
