// Writes what is generated from the contract besides code: docs/openapi.json and docs/policy.schema.json. With a folder as
// its argument, there instead.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DescService } from '@bufbuild/protobuf';
import { loadContract } from './contract/load-contract.ts';
import { openApiOf } from './contract/openapi.ts';
import { policySchemaOf } from './contract/policy-schema.ts';

const root = join(import.meta.dir, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const contract = loadContract();
const services = [...contract]
  .filter((each): each is DescService => each.kind === 'service')
  .filter((each) => /^(meshkit\.rebalancer|grpc)\./.test(each.typeName));
const manifest = contract.getMessage('meshkit.rebalancer.v1.PolicyManifest');
if (!manifest) throw new Error('the contract has no PolicyManifest');

const folder = join(process.argv[2] ?? root, 'docs');
mkdirSync(folder, { recursive: true });
for (const [name, document] of [
  ['openapi.json', openApiOf(services, version)],
  ['policy.schema.json', policySchemaOf(manifest)],
] as const) {
  writeFileSync(join(folder, name), `${JSON.stringify(document, null, 2)}\n`);
}
