import type { Scope } from '../../domain/principal.ts';

/** The credentials that are made, each with what it is for; every one names itself `dev-NAME`. */
export const devScopes: Readonly<Record<DevName, readonly Scope[]>> = {
  read: ['mesh.read'],
  observe: ['mesh.observe'],
  operate: ['mesh.read', 'mesh.observe', 'mesh.operate'],
  admin: ['mesh.read', 'mesh.observe', 'mesh.operate', 'mesh.admin'],
  telemetry: ['mesh.telemetry'],
};

export const devNames = ['read', 'observe', 'operate', 'admin', 'telemetry'] as const;
export type DevName = (typeof devNames)[number];

export function devPrincipalId(name: DevName): string {
  return `dev-${name}`;
}
