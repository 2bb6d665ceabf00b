/** One link of the audit chain before the store gives it its place. */
export interface AuditDraft {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: string;
  /** `plan.approve`, `controller.transition`, `policy.apply`, `access.denied`, ... */
  readonly action: string;
  readonly cluster: string;
  /** Empty where the subject belongs to no namespace. */
  readonly namespace: string;
  /** `plan/<id>`, `policy/<cluster>/<namespace>`, `incident/<id>`, `node/<id>`, `controller/<namespace>`. */
  readonly subject: string;
  readonly reason: string;
  readonly changeTicket: string;
  readonly transport: string;
  /** `ok`, or the code of the refusal or failure. */
  readonly outcome: string;
  /** Digest of the subject before and after; empty where there is none. */
  readonly before: string;
  readonly after: string;
  /** Small facts that belong to the record: from and to state, digest approved, codes overridden. */
  readonly details: Readonly<Record<string, string>>;
}

/** A sealed link: altering, removing or reordering any record breaks every hash after it. */
export interface AuditRecord extends AuditDraft {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** Hash of the record before; `genesisHash` for the first. */
  readonly previousHash: string;
  /** SHA-256 over the canonical JSON of everything above. */
  readonly hash: string;
}
