import { type DescMethod, getOption } from '@bufbuild/protobuf';
import type { Scope } from '../domain/principal.ts';
import { Scope as ScopeValue, scope as scopeOption } from '../gen/meshkit/rebalancer/v1/scope_pb.ts';

const scopeNames: ReadonlyMap<ScopeValue, Scope> = new Map<ScopeValue, Scope>([
  [ScopeValue.READ, 'mesh.read'],
  [ScopeValue.OBSERVE, 'mesh.observe'],
  [ScopeValue.OPERATE, 'mesh.operate'],
  [ScopeValue.ADMIN, 'mesh.admin'],
  [ScopeValue.TELEMETRY, 'mesh.telemetry'],
]);

/** Whether the contract lets anybody call a method, without a credential: probes. */
export function isForAnyone(method: DescMethod): boolean {
  return getOption(method, scopeOption) === ScopeValue.ANYONE;
}

/** The scope that the contract declares for a method; undefined where it declares none: such a method is not served. */
export function scopeOf(method: DescMethod): Scope | undefined {
  return scopeNames.get(getOption(method, scopeOption));
}
