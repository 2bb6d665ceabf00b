/** Where the bearer token of a client comes from. */
export interface TokenSource {
  /** For people: `MESH_TOKEN`, `the file ops.jwt`. */
  readonly origin: string;
  /**
   * The token to show now.
   *
   * @throws ProblemError TOKEN_UNAVAILABLE when there is none
   */
  token(): Promise<string>;
  /** Told that the service did not take the token. Answers whether `token` may give another one now. */
  refused(token: string): Promise<boolean>;
}

/** @param origin where it is from, for people */
export function createStaticToken(token: string, origin: string): TokenSource {
  return { origin, token: async () => token, refused: async () => false };
}
