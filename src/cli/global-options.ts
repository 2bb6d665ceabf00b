/** Options that every command has. */
export interface GlobalOptions {
  readonly address?: string;
  readonly as?: string;
  readonly output?: string;
  readonly color?: boolean;
  /** Seconds. */
  readonly timeout?: number;
}
