import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  type DescMethod,
  type DescMethodStreaming,
  type DescMethodUnary,
  fromBinary,
  fromJson,
  type JsonObject,
  type Message,
  toBinary,
} from '@bufbuild/protobuf';
import { Code, ConnectError, type Transport } from '@connectrpc/connect';
import { createAsyncIterable } from '@connectrpc/connect/protocol';
import { findTrailerError } from '@connectrpc/connect/protocol-grpc';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { isForAnyone, scopeOf } from '../../src/api/method-scope.ts';
import { rpcTransport } from '../../src/api/wires.testing.ts';

import { ProblemDetailSchema } from '../../src/gen/meshkit/rebalancer/v1/problem_pb.ts';
import { devAuthority, devToken } from '../support/client.ts';
import { nameOf, servedMethods } from '../support/contract.ts';
import { makePlan } from '../support/plans.ts';
import { quickPolicy } from '../support/policies.ts';
import { openWire } from '../support/wires.ts';
import { cluster, createWorld, namespace, type World } from '../support/world.ts';

/** gRPC by clients that others made: each method with a request that makes sense, and the answer that it must have. */

const digest = `sha256:${'0'.repeat(64)}`;
const unknownPlan = { id: 'no-such-plan' };
const batch = { origin: { source: 'agent-1', incarnation: '1', sequence: '1' } };
const loads = {
  batch: {
    ...batch,
    namespace,
    observedAt: '2026-01-05T12:00:00Z',
    dimensions: [{ name: 'cpu', unit: 'cores' }],
    shards: ['s1'],
    replicas: [0],
    loads: [1],
  },
};

interface Sample {
  readonly request: JsonObject;
  /** `OK`, or the code of the problem. */
  readonly answer: string;
}

function samples(planId: string): Readonly<Record<string, Sample>> {
  const ok = (request: JsonObject = {}): Sample => ({ request, answer: 'OK' });
  const refused = (answer: string, request: JsonObject = {}): Sample => ({ request, answer });
  const notPushed = (request: JsonObject): Sample => refused('TELEMETRY_NOT_PUSHED', request);
  return {
    'RebalancePlanService.CreatePlan': ok({ namespace, dryRun: true }),
    'RebalancePlanService.GetPlan': ok({ id: planId }),
    'RebalancePlanService.ListPlans': ok(),
    'RebalancePlanService.ListMoves': ok({ planId }),
    'RebalancePlanService.ApprovePlan': refused('PLAN_NOT_FOUND', { ...unknownPlan, digest }),
    'RebalancePlanService.RejectPlan': refused('PLAN_NOT_FOUND', unknownPlan),
    'RebalancePlanService.CancelPlan': refused('PLAN_NOT_FOUND', unknownPlan),
    'RebalancePlanService.PausePlan': refused('PLAN_NOT_FOUND', unknownPlan),
    'RebalancePlanService.ResumePlan': refused('PLAN_NOT_FOUND', unknownPlan),
    'RebalancePlanService.RollbackPlan': refused('PLAN_NOT_FOUND', unknownPlan),
    'RebalancePlanService.DiffPlan': ok({ id: planId }),
    'RebalancePlanService.ExplainPlan': refused('NODE_NOT_FOUND', { id: planId, node: 'no-such-node' }),
    'RebalancePlanService.WhatIf': ok({ namespace, changes: [{ scaleLoads: { factor: 1.5 } }] }),
    'RebalancePlanService.WatchPlans': ok({ resumeToken: '0' }),
    'RebalancePolicyService.GetPolicy': ok({ cluster, namespace }),
    'RebalancePolicyService.ListPolicies': ok(),
    'RebalancePolicyService.ListPolicyRevisions': ok({ cluster, namespace }),
    'RebalancePolicyService.ValidatePolicy': ok({ cluster, namespace, spec: {} }),
    'RebalancePolicyService.ApplyPolicy': refused('POLICY_STALE', {
      cluster,
      namespace,
      spec: {},
      expectedRevision: '99',
    }),
    'RebalanceControllerService.ListControllers': ok(),
    'RebalanceControllerService.GetController': ok({ namespace }),
    'RebalanceControllerService.GetScores': ok({ namespace }),
    'RebalanceControllerService.EvaluateNow': ok({ namespace }),
    'IncidentService.OpenIncident': ok({ namespace, title: 'slow', severity: 'INCIDENT_SEVERITY_INFO' }),
    'IncidentService.CloseIncident': refused('INCIDENT_NOT_FOUND', { id: 'no-such-incident' }),
    'IncidentService.ListIncidents': ok({ openOnly: true }),
    'IncidentService.ReceiveAlerts': ok({ version: '4' }),
    'NodeService.ListNodes': ok({ namespace }),
    'NodeService.SetAdminState': refused('FIELD_REQUIRED', { node: 'node-1' }),
    'SnapshotService.GetSnapshot': refused('SNAPSHOT_NOT_FOUND', { digest }),
    'SnapshotService.StreamSnapshot': ok({ namespace }),
    'AuditService.ListAuditRecords': ok(),
    'AuditService.VerifyAuditTrail': ok(),
    'WebhookService.ListWebhooks': ok(),
    'WebhookService.ListDeadLetters': refused('WEBHOOK_NOT_FOUND', { webhook: 'pager' }),
    'WebhookService.TestWebhook': refused('WEBHOOK_NOT_FOUND', { webhook: 'pager' }),
    'WebhookService.ResumeWebhook': refused('WEBHOOK_NOT_FOUND', { webhook: 'pager' }),
    'WebhookService.Redeliver': refused('WEBHOOK_NOT_FOUND', { webhook: 'pager', sequences: ['1'] }),
    'WebhookService.DropDeadLetters': refused('WEBHOOK_NOT_FOUND', { webhook: 'pager', sequences: ['1'] }),
    'StatusService.GetStatus': ok(),
    'TelemetryService.PushShards': notPushed({ batch: { ...batch, namespace } }),
    'TelemetryService.PushLoads': notPushed(loads),
    'TelemetryService.PushPeers': notPushed({ batch }),
    'TelemetryService.PushBackpressure': notPushed({ batch }),
    'TelemetryService.IngestShards': notPushed({ batch: { ...batch, namespace } }),
    'TelemetryService.IngestLoads': notPushed(loads),
    'TelemetryService.IngestPeers': notPushed({ batch }),
    'TelemetryService.IngestBackpressure': notPushed({ batch }),
    'TransportService.GetTransportStats': ok(),
    'Health.Check': ok(),
    'Health.Watch': ok(),
    'ServerReflection.ServerReflectionInfo': ok({ listServices: '' }),
  };
}

/** Calls a method with one request, as far as its first answer, or to its end where it has one. */
type Ask = (method: DescMethod, request: Message, headers: Readonly<Record<string, string>>) => Promise<void>;

let world: World;
let methods: readonly DescMethod[];
let planId: string;
beforeAll(async () => {
  world = await createWorld({ policy: quickPolicy() });
  await using wire = await openWire(world.service(), 'h2');
  methods = await servedMethods(wire, devToken(world.service()));
  planId = (await makePlan(world.cli, ['--max-moves', '2'])).plan.id;
});
afterAll(() => world[Symbol.asyncDispose]());

function credential(method: DescMethod): Record<string, string> {
  if (isForAnyone(method)) return {};
  const name = scopeOf(method) === 'mesh.telemetry' ? 'telemetry' : 'admin';
  return { authorization: `Bearer ${devToken(world.service(), name)}` };
}

/** Details as they were decoded from the trailer; a status that has none is shown by its name. */
function outcomeOf(error: ConnectError): string {
  const [problem] = error.findDetails(ProblemDetailSchema);
  return problem?.code ?? `${Code[error.code]} without details: ${error.rawMessage}`;
}

async function walk(ask: Ask): Promise<Readonly<Record<string, string>>> {
  const answers: Record<string, string> = {};
  for (const method of methods) {
    const sample = samples(planId)[nameOf(method)];
    if (!sample) throw new Error(`there is no sample of ${nameOf(method)}`);
    const outcome = ask(method, fromJson(method.input, sample.request), credential(method));
    answers[nameOf(method)] = await outcome.then(
      () => 'OK',
      (thrown: unknown) => outcomeOf(ConnectError.from(thrown)),
    );
  }
  return answers;
}

function expectedAnswers(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(samples(planId)).map(([name, { answer }]) => [name, answer]));
}

describe("grpc-js, which is another implementation than the service's, over HTTP/2", () => {
  let client: Client;
  beforeAll(() => {
    const service = world.service();
    client = new Client(
      new URL(service.url).host,
      credentials.createSsl(Buffer.from(devAuthority(service))),
      { 'grpc.ssl_target_name_override': 'localhost' },
    );
  });
  afterAll(() => client.close());

  test('is answered by every method, with problems decoded from the trailers', async () => {
    expect(await walk(askWithGrpcJs(client))).toEqual(expectedAnswers());
  });

  test('sends several messages in one stream and gets one answer to each', async () => {
    const method = methodNamed('ServerReflection.ServerReflectionInfo');
    const call = client.makeBidiStreamRequest(...wireForm(method), metadataOf(credential(method)));
    const answers: Message[] = [];
    for (const listServices of ['first', 'second', 'third'])
      call.write(fromJson(method.input, { listServices }));
    call.end();
    for await (const answer of call) answers.push(answer as Message);
    expect(answers.length).toBe(3);
  });

  test('is told that its deadline has passed', async () => {
    const method = methodNamed('RebalancePlanService.WatchPlans');
    const options = { deadline: Date.now() + 200 };
    const call = client.makeServerStreamRequest(
      ...wireForm(method),
      fromJson(method.input, {}),
      metadataOf(credential(method)),
      options,
    );
    const thrown = await readToEnd(call).catch((error: unknown) => error);
    expect(Number((thrown as ServiceError).code)).toBe(Code.DeadlineExceeded);
  });
});

describe('gRPC over HTTP/3', () => {
  test('is answered by every method, with problems decoded from the trailers', async () => {
    await using wire = await openWire(world.service(), 'h3');
    expect(await walk(askWithTransport(rpcTransport(wire, 'grpc')))).toEqual(expectedAnswers());
  });
});

test('what is wrong with a request comes with its field, over either', async () => {
  const method = methodNamed('RebalanceControllerService.EvaluateNow');
  const fields: unknown[] = [];
  for (const version of ['h2', 'h3'] as const) {
    await using wire = await openWire(world.service(), version);
    const ask = askWithTransport(rpcTransport(wire, 'grpc'));
    const thrown = await ask(method, fromJson(method.input, {}), credential(method)).catch(ConnectError.from);
    fields.push(thrown?.findDetails(ProblemDetailSchema).map(({ code, field }) => [code, field]));
  }
  expect(fields).toEqual([[['FIELD_REQUIRED', 'namespace']], [['FIELD_REQUIRED', 'namespace']]]);
});

function methodNamed(name: string): DescMethod {
  const found = methods.find((each) => nameOf(each) === name);
  if (!found) throw new Error(`the service has no ${name}`);
  return found;
}

/** Path, serializer and deserializer, as grpc-js wants them. */
function wireForm(method: DescMethod) {
  return [
    `/${method.parent.typeName}/${method.name}`,
    (message: Message) => Buffer.from(toBinary(method.input, message)),
    (bytes: Buffer): Message => fromBinary(method.output, bytes),
  ] as const;
}

function metadataOf(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

function askWithGrpcJs(client: Client): Ask {
  return async (method, request, headers) => {
    try {
      await startWithGrpcJs(client, method, request, metadataOf(headers));
    } catch (thrown) {
      throw statusOf(thrown as ServiceError);
    }
  };
}

async function startWithGrpcJs(
  client: Client,
  method: DescMethod,
  request: Message,
  metadata: Metadata,
): Promise<void> {
  const form = wireForm(method);
  switch (method.methodKind) {
    case 'unary':
      return await new Promise<void>((done, fail) =>
        client.makeUnaryRequest(...form, request, metadata, (error) => (error ? fail(error) : done())),
      );
    case 'client_streaming':
      return await new Promise<void>((done, fail) => {
        const call = client.makeClientStreamRequest(...form, metadata, (error) =>
          error ? fail(error) : done(),
        );
        call.write(request);
        call.end();
      });
    case 'server_streaming':
      return await firstOf(client.makeServerStreamRequest(...form, request, metadata));
    case 'bidi_streaming': {
      const call = client.makeBidiStreamRequest(...form, metadata);
      call.write(request);
      call.end();
      return await firstOf(call);
    }
  }
}

type GrpcStream = AsyncIterable<unknown> & { cancel(): void };

async function firstOf(stream: GrpcStream): Promise<void> {
  for await (const _ of stream) {
    stream.cancel();
    return;
  }
  throw new Error('the stream has no message');
}

async function readToEnd(stream: GrpcStream): Promise<void> {
  for await (const _ of stream);
}

/** What grpc-js was told, read from the trailers that it shows. */
function statusOf(error: ServiceError): ConnectError {
  const trailers = new Headers({
    'grpc-status': String(error.code),
    'grpc-message': encodeURIComponent(error.details),
  });
  const [details] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (Buffer.isBuffer(details)) trailers.set('grpc-status-details-bin', details.toString('base64'));
  return findTrailerError(trailers) ?? new ConnectError(String(error));
}

function askWithTransport(transport: Transport): Ask {
  return async (method, request, headers) => {
    const leaving = new AbortController();
    if (method.methodKind === 'unary') {
      await transport.unary(method as DescMethodUnary, undefined, undefined, headers, request);
      return;
    }
    const requests = createAsyncIterable([request]);
    const streaming = method as DescMethodStreaming;
    const { message } = await transport.stream(streaming, leaving.signal, undefined, headers, requests);
    for await (const _ of message) {
      leaving.abort();
      return;
    }
    throw new Error('the stream has no message');
  };
}
