/** Who may issue tokens, and what its tokens must be like. */
export interface JwtIssuer {
  /** Equal to the claim `iss`, character by character. */
  readonly issuer: string;
  /** A token is meant for us when its claim `aud` names one of these. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly JwtAlgorithm[];
  /** How much our clock and the issuer's may differ. */
  readonly clockLeewaySeconds: number;
  readonly keys: KeyLocation;
  readonly claims: JwtClaims;
  /** Stands before the names of its principals and groups, so that they are not those of another issuer; often empty. */
  readonly prefix: string;
}

/** Where a JSON Web Key Set is read from. */
export type KeyLocation =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

/** Names of claims; `realm.roles` is a member of another one where no claim has that very name. Empty: not looked at. */
export interface JwtClaims {
  readonly principal: string;
  readonly groups: string;
  readonly scopes: string;
  readonly namespaces: string;
}

export const defaultClaims: JwtClaims = {
  principal: 'sub',
  groups: 'groups',
  scopes: 'scope',
  namespaces: 'namespaces',
};

/**
 * Asymmetric signatures only (RFC 7518 section 3.1, RFC 8037, RFC 9864): with a secret that both sides have, whoever
 * can check a token can forge one, and a public key could be passed off as that secret.
 */
export const jwtAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;
export type JwtAlgorithm = (typeof jwtAlgorithms)[number];

export function isJwtAlgorithm(text: unknown): text is JwtAlgorithm {
  return jwtAlgorithms.some((algorithm) => algorithm === text);
}
