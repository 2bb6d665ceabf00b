import type { DescMessage } from '@bufbuild/protobuf';
import { createSchemas, type JsonSchema } from './json-schema.ts';

/** JSON Schema (2020-12) of policy files as people write them, for editors: `# yaml-language-server: $schema=...`. */
export function policySchemaOf(manifest: DescMessage): JsonSchema {
  const schemas = createSchemas({ place: '#/$defs/', kind: true });
  const root = schemas.refer(manifest);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:meshkit:rebalancer:v1:policy',
    title: 'Policy of MeshKit Rebalancer',
    description: 'Generated from proto/ by scripts/generate-contract.ts; do not edit.',
    ...root,
    $defs: schemas.all(),
  };
}
