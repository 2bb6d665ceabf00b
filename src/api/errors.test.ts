import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { namespace } from '../controller/rebalancer.testing.ts';
import { errorCodes } from '../domain/error-codes.ts';
import type { Problem } from '../domain/problem.ts';
import { IncidentService } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { ProblemDetailSchema } from '../gen/meshkit/rebalancer/v1/problem_pb.ts';
import { StatusService } from '../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { problemFromMessage } from '../wire/problem-codec.ts';
import { problemsToConnectError } from '../wire/problem-status.ts';
import { type ApiBench, createApiBench, recordingLog, refusal } from './api.testing.ts';

let bench: ApiBench;
beforeAll(async () => {
  bench = await createApiBench();
});
afterAll(() => bench.stop());

describe('a refusal', () => {
  test('carries every problem with all that it says', () => {
    const problems: [Problem, Problem] = [
      {
        code: 'GUARDRAIL_INCIDENT',
        message: 'incident i1 halts moves',
        subject: 'incident/i1',
        value: 'critical',
        limit: 'critical',
        remedy: 'Close it.',
      },
      { code: 'FIELD_INVALID', message: 'too many', field: 'budget.maxMoves', value: 7, limit: 5 },
    ];
    const error = problemsToConnectError(problems);
    expect(error.code).toBe(Code.FailedPrecondition);
    expect(error.rawMessage).toBe('incident i1 halts moves');
    const sent = error.details.map((each) => ('value' in each && 'desc' in each ? each.value : undefined));
    expect(sent).toMatchObject([
      { code: 'GUARDRAIL_INCIDENT', subject: 'incident/i1', remedy: 'Close it.' },
      { code: 'FIELD_INVALID', field: 'budget.maxMoves', remedy: errorCodes.FIELD_INVALID.remedy },
    ]);
  });

  test('has a status for every code of the registry', () => {
    for (const code of Object.keys(errorCodes) as (keyof typeof errorCodes)[]) {
      const error = problemsToConnectError([{ code, message: 'x' }]);
      const snake = Code[error.code].replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
      expect(snake.replace('CANCELED', 'CANCELLED')).toBe(errorCodes[code].grpc);
    }
  });

  test('never has more details than a header can carry', () => {
    const many = Array.from(
      { length: 500 },
      (_, index): Problem => ({ code: 'FIELD_INVALID', message: `${index}` }),
    );
    expect(problemsToConnectError(many as [Problem, ...Problem[]]).details.length).toBe(20);
  });

  test('of a request that breaks rules of the contract names each field', async () => {
    const incidents = createClient(IncidentService, bench.transport());
    expect(await refusal(incidents.openIncident({ title: '' }))).toMatchObject({
      status: 'InvalidArgument',
      codes: ['FIELD_REQUIRED', 'FIELD_REQUIRED'],
      fields: ['severity', 'title'],
    });
    const plans = createClient(RebalancePlanService, bench.transport());
    const overrides = [{ code: 'EVERYTHING', reason: '' }];
    expect(await refusal(plans.createPlan({ namespace, seed: -1n, overrides }))).toMatchObject({
      fields: ['seed', 'overrides[0].code', 'overrides[0].reason'],
    });
    expect(await refusal(plans.approvePlan({ id: 'x', digest: 'sha256:abc' }))).toMatchObject({
      fields: ['digest'],
    });
    const watch = plans.watchPlans({ resumeToken: -1n })[Symbol.asyncIterator]().next();
    expect(await refusal(watch)).toMatchObject({ codes: ['FIELD_INVALID'], fields: ['resumeToken'] });
  });

  test('shows the value that broke the rule', async () => {
    const plans = createClient(RebalancePlanService, bench.transport());
    try {
      await plans.listPlans({ pageSize: 501 });
      throw new Error('it was accepted');
    } catch (thrown) {
      const [problem] = ConnectError.from(thrown).findDetails(ProblemDetailSchema).map(problemFromMessage);
      expect(problem).toMatchObject({ code: 'FIELD_INVALID', field: 'pageSize', value: 501 });
      expect(problem?.limit).toContain('500');
    }
  });

  test('for a bug says no more than that, and the log has the stack', async () => {
    const errors: string[] = [];
    const broken = {
      ...bench.core(),
      controllers: {
        ...bench.core().controllers,
        list: () => Promise.reject(new TypeError('secret internals')),
      },
    };
    const transport = bench.transport({ rebalancer: broken, log: recordingLog(errors) });
    const refused = await refusal(createClient(StatusService, transport).getStatus({}));
    expect(refused).toMatchObject({ status: 'Internal', codes: ['INTERNAL'] });
    expect(JSON.stringify(refused)).not.toContain('secret');
    expect(errors.length).toBe(1);
    expect(errors[0]).toContain('secret internals');
    expect(errors[0]).toContain('errors.test.ts');
  });
});
