import { Code, ConnectError } from '@connectrpc/connect';
import { type ErrorCode, errorCodes } from '../domain/error-codes.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import { ProblemDetailSchema } from '../gen/meshkit/rebalancer/v1/problem_pb.ts';
import { problemFromMessage } from '../wire/problem-codec.ts';

/** A call that did not succeed, with everything that the service said about it. */
export class MeshClientError extends ProblemError {
  /** Whether nothing was answered at all, so that repeating a read, or a write with an idempotency key, is safe. */
  readonly unreachable: boolean;

  constructor(problems: readonly [Problem, ...Problem[]], unreachable: boolean) {
    super(...problems);
    this.name = 'MeshClientError';
    this.unreachable = unreachable;
  }
}

/**
 * What a call threw, as a `MeshClientError`.
 *
 * @param address for the message when nobody answered
 */
export function clientErrorOf(thrown: unknown, address: string): MeshClientError {
  if (thrown instanceof MeshClientError) return thrown;
  const error = ConnectError.from(thrown);
  const [first, ...others] = error.findDetails(ProblemDetailSchema).map(problemFromMessage);
  if (first) return new MeshClientError([first, ...others], false);
  const foreign = foreignAnswer(error);
  if (foreign) {
    const message = `what answers at ${address} is not a rebalancer: ${error.rawMessage} (${foreign})`;
    const { remedy } = errorCodes.SERVICE_FOREIGN;
    return new MeshClientError([{ code: 'SERVICE_FOREIGN', message, subject: address, remedy }], false);
  }
  const code = fallbackCodes.get(error.code) ?? 'INTERNAL';
  if (code !== 'SERVICE_UNREACHABLE') {
    return new MeshClientError([{ code, message: error.rawMessage, remedy: errorCodes[code].remedy }], false);
  }
  const message = `the rebalancer at ${address} does not answer: ${error.rawMessage}`;
  const remedy = `Check that it runs and that ${address} is its address (--address or MESH_ADDRESS).`;
  return new MeshClientError([{ code, message, subject: address, remedy }], true);
}

/** The media type of an answer that is not one of an RPC; a gateway that cannot reach us answers so, too, and passes. */
function foreignAnswer({ code, metadata }: ConnectError): string | undefined {
  const type = metadata.get('content-type') ?? '';
  if (type === '' || /^application\/(grpc|proto|connect)/.test(type)) return undefined;
  return code === Code.Unavailable || code === Code.Unauthenticated || code === Code.PermissionDenied
    ? undefined
    : type;
}

/** For answers that carry no detail of ours: from a proxy, or from the connection itself. */
const fallbackCodes: ReadonlyMap<Code, ErrorCode> = new Map([
  [Code.Unavailable, 'SERVICE_UNREACHABLE'],
  [Code.DeadlineExceeded, 'SERVICE_UNREACHABLE'],
  [Code.Aborted, 'SERVICE_UNREACHABLE'],
  // How a connection looks whose other end died. Who cancels a call of their own looks at their signal first.
  [Code.Canceled, 'SERVICE_UNREACHABLE'],
  [Code.Unimplemented, 'SERVICE_UNREACHABLE'],
  [Code.Unauthenticated, 'UNAUTHENTICATED'],
  [Code.PermissionDenied, 'PERMISSION_DENIED'],
  [Code.InvalidArgument, 'FIELD_INVALID'],
]);
