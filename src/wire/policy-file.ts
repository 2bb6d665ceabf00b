import { create, fromJson, type JsonObject } from '@bufbuild/protobuf';
import { stringify } from 'yaml';
import { err, ok, type Result } from '../base/result.ts';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import type { Problem } from '../domain/problem.ts';
import { PolicyManifestSchema, PolicySpecSchema } from '../gen/meshkit/rebalancer/v1/policy_pb.ts';
import { decoded } from './decoded.ts';
import { decodeText, parseYaml } from './file-text.ts';
import { normalize } from './json-reader.ts';
import { writeKindly } from './json-writer.ts';
import { messageProblems } from './message-problems.ts';
import { clearablePaths, clearedPaths, valueAt } from './policy-cleared.ts';
import { policySpecFromMessage } from './policy-spec-from-message.ts';
import { policySpecToMessage } from './policy-spec-to-message.ts';

/** What a policy file says. */
export interface PolicyFile {
  readonly cluster: string;
  /** Empty for the cluster's own policy. */
  readonly namespace: string;
  readonly overlay: PolicyOverlay;
}

/** A policy is written by people; no sensible one comes near. */
export const maxPolicyFileBytes = 1_048_576;

const apiVersion = 'meshkit.rebalancer/v1';
const kind = 'Policy';

/**
 * Reads a policy file, YAML or JSON (docs/files.md). Problems, all that there are: INPUT_MALFORMED, FIELD_UNKNOWN,
 * FIELD_INVALID, FIELD_REQUIRED, FIELDS_CONTRADICT. Whether the policy makes sense is for `validatePolicy`.
 */
export function parsePolicyFile(file: Uint8Array | string): Result<PolicyFile, readonly Problem[]> {
  const text = typeof file === 'string' ? ok(file) : decodeText(file, maxPolicyFileBytes);
  if (!text.ok) return text;
  const parsed = parseYaml(text.value);
  if (!parsed.ok) return parsed;
  const json = normalize(PolicyManifestSchema, parsed.value);
  if (!json.ok) return json;
  const manifest = fromJson(PolicyManifestSchema, withCleared(json.value));
  const problems = messageProblems(PolicyManifestSchema, manifest);
  if (problems.length > 0) return err(problems);
  const overlay = decoded(() => policySpecFromMessage(manifest.spec ?? create(PolicySpecSchema)));
  if (!overlay.ok) return err(overlay.error.map((each) => ({ ...each, field: `spec.${each.field}` })));
  return ok({ cluster: manifest.cluster, namespace: manifest.namespace, overlay: overlay.value });
}

/** The file's text, YAML: short words, `1m30s`, `[]` where a list is emptied. */
export function formatPolicyFile(file: PolicyFile): string {
  const spec = writeKindly(PolicySpecSchema, policySpecToMessage(file.overlay));
  delete spec.cleared;
  for (const path of clearedPaths(file.overlay)) setAt(spec, path, path === 'schedule' ? null : []);
  const head: JsonObject = { apiVersion, kind, cluster: file.cluster };
  if (file.namespace !== '') head.namespace = file.namespace;
  return stringify({ ...head, spec }, { lineWidth: 110 });
}

/** The manifest with its empty lists and its null schedule named in `cleared`, where protobuf can see them. */
function withCleared(manifest: JsonObject): JsonObject {
  const { spec } = manifest;
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) return manifest;
  const written = Array.isArray(spec.cleared) ? spec.cleared : [];
  const empty = clearablePaths.filter((path) => {
    const value = valueAt(spec, path);
    return value === null || (Array.isArray(value) && value.length === 0);
  });
  const cleared = [...new Set([...written, ...empty])];
  return { ...manifest, spec: { ...spec, cleared } };
}

function setAt(spec: JsonObject, path: string, value: null | []): void {
  const [section = '', member] = path.split('.');
  if (member === undefined) {
    spec[section] = value;
    return;
  }
  const known = spec[section];
  const inner: JsonObject = typeof known === 'object' && known !== null && !Array.isArray(known) ? known : {};
  inner[member] = value;
  spec[section] = inner;
}
