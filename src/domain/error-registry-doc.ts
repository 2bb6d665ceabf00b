import { type ErrorCode, errorCodes } from './error-codes.ts';

/**
 * The text of `docs/errors.md`: one row per code, in the registry's order. `scripts/generate-errors-doc.ts` writes it and
 * a test compares the two, so that neither can say what the other does not.
 */
export function errorRegistryDoc(): string {
  const codes = Object.keys(errorCodes) as ErrorCode[];
  return [
    '# Error codes',
    '',
    'Every refusal carries one of these codes: in the `ProblemDetail` of a gRPC status, in the output of the command',
    'line, in verdicts, outcomes and audit records. A code never changes its meaning. How a problem looks on the wire is',
    'in [api.md](api.md).',
    '',
    'Generated from `src/domain/error-codes/` by `scripts/generate-errors-doc.ts`; do not edit.',
    '',
    '| code | gRPC | HTTP | meaning | remedy |',
    '| --- | --- | --- | --- | --- |',
    ...codes.map((code) => {
      const { grpc, http, meaning, remedy } = errorCodes[code];
      return `| \`${code}\` | ${grpc} | ${http} | ${cell(meaning)} | ${cell(remedy)} |`;
    }),
    '',
  ].join('\n');
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
