import { describe, expect, test } from 'bun:test';
import { Code, ConnectError } from '@connectrpc/connect';
import { ProblemError } from '../domain/problem.ts';
import { problemsToConnectError } from '../wire/problem-status.ts';
import { clientErrorOf } from './client-error.ts';

const address = 'http://127.0.0.1:7443';

describe('what a call threw', () => {
  test('keeps every problem that the service named', () => {
    const problems = [
      {
        code: 'POLICY_INVALID',
        message: 'budget.maxMoves is -1',
        field: 'budget.maxMoves',
        value: -1,
        limit: 0,
      },
      { code: 'FIELD_UNKNOWN', message: 'there is no field budgt', field: 'budgt' },
    ] as const;
    const error = clientErrorOf(problemsToConnectError(problems), address);
    expect(error.problems).toMatchObject(problems);
    expect(error.unreachable).toBe(false);
    expect(error.message).toBe('budget.maxMoves is -1');
  });

  test.each([Code.Unavailable, Code.DeadlineExceeded, Code.Aborted, Code.Canceled, Code.Unimplemented])(
    'with status %d and no problem means that nobody of ours answered',
    (code) => {
      const error = clientErrorOf(new ConnectError('refused', code), address);
      expect(error).toMatchObject({
        unreachable: true,
        problems: [{ code: 'SERVICE_UNREACHABLE', subject: address }],
      });
      expect(error.problems[0].message).toContain(address);
      expect(error.problems[0].remedy).toContain('--address');
    },
  );

  test.each([
    [Code.Unauthenticated, 'UNAUTHENTICATED'],
    [Code.PermissionDenied, 'PERMISSION_DENIED'],
    [Code.InvalidArgument, 'FIELD_INVALID'],
    [Code.Internal, 'INTERNAL'],
    [Code.DataLoss, 'INTERNAL'],
  ] as const)('with status %d and no problem is %s', (status, code) => {
    const error = clientErrorOf(new ConnectError('no', status), address);
    expect(error).toMatchObject({ unreachable: false, problems: [{ code, message: 'no' }] });
    expect(error.problems[0].remedy).toMatch(/\.$/);
  });

  test('is left as it is when it says everything already', () => {
    const error = clientErrorOf(new ConnectError('refused', Code.Unavailable), address);
    expect(clientErrorOf(error, 'elsewhere')).toBe(error);
    expect(error).toBeInstanceOf(ProblemError);
  });
});

describe('an answer of something else', () => {
  const html = { 'content-type': 'text/html' };

  test.each([Code.Unimplemented, Code.Unknown, Code.Internal])('with status %d is foreign', (code) => {
    const error = clientErrorOf(new ConnectError('HTTP 404', code, html), address);
    expect(error).toMatchObject({
      unreachable: false,
      problems: [{ code: 'SERVICE_FOREIGN', subject: address }],
    });
  });

  test('that is a gateway which cannot reach us is passing', () => {
    const error = clientErrorOf(new ConnectError('HTTP 503', Code.Unavailable, html), address);
    expect(error).toMatchObject({ unreachable: true, problems: [{ code: 'SERVICE_UNREACHABLE' }] });
  });

  test('and one of an RPC is ours', () => {
    const grpc = { 'content-type': 'application/grpc' };
    const error = clientErrorOf(new ConnectError('no such method', Code.Unimplemented, grpc), address);
    expect(error.problems[0].code).toBe('SERVICE_UNREACHABLE');
  });
});
