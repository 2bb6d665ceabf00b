/** Who asks, as the credential says. */
export interface Principal {
  readonly id: string;
  readonly groups: readonly string[];
  readonly scopes: readonly Scope[];
  /** Namespaces that the scopes are limited to; empty for all. */
  readonly namespaces: readonly string[];
}

export const scopes = ['mesh.read', 'mesh.observe', 'mesh.operate', 'mesh.admin', 'mesh.telemetry'] as const;
export type Scope = (typeof scopes)[number];

/** What every command carries besides its own arguments. */
export interface CommandContext {
  readonly principal: Principal;
  /** Why, in the words of the one who asks. */
  readonly reason: string;
  /** Empty when none was given. */
  readonly changeTicket: string;
  /** Protocol by which the command came: `grpc/h2`, `rest/h1`, `internal`. */
  readonly transport: string;
}

/** The service itself, when the controller acts on its own. */
export const controllerPrincipal: Principal = {
  id: 'meshkit-rebalancer',
  groups: [],
  scopes: ['mesh.read', 'mesh.observe', 'mesh.operate'],
  namespaces: [],
};
