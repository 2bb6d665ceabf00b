import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type DescFile, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import {
  ServerReflection,
  type ServerReflectionRequestSchema,
} from '../gen/grpc/reflection/v1/reflection_pb.ts';
import { RebalancePlanService } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { type ApiBench, createApiBench } from './api.testing.ts';

type Question = MessageInitShape<typeof ServerReflectionRequestSchema>['messageRequest'];

let bench: ApiBench;
beforeAll(async () => {
  bench = await createApiBench();
});
afterAll(() => bench.stop());

async function ask(...questions: Question[]) {
  const client = createClient(ServerReflection, bench.transport());
  const requests = (async function* () {
    for (const messageRequest of questions) yield { messageRequest };
  })();
  const answers = await Array.fromAsync(client.serverReflectionInfo(requests));
  return answers.map((each) => each.messageResponse);
}

function filesOf(answer: Awaited<ReturnType<typeof ask>>[number] | undefined): readonly string[] {
  if (answer?.case !== 'fileDescriptorResponse') throw new Error(`no files but ${answer?.case}`);
  return answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
}

describe('reflection', () => {
  test('lists the services, itself and health among them', async () => {
    const [answer] = await ask({ case: 'listServices', value: '' });
    const names =
      answer?.case === 'listServicesResponse' ? answer.value.service.map((each) => each.name) : [];
    expect(names).toContain('meshkit.rebalancer.v1.RebalancePlanService');
    expect(names).toContain('grpc.health.v1.Health');
    expect(names).toContain('grpc.reflection.v1.ServerReflection');
  });

  test('gives the file of a symbol with everything that it imports', async () => {
    const plan = 'meshkit/rebalancer/v1/plan_service.proto';
    const answers = await ask(
      { case: 'fileByFilename', value: plan },
      { case: 'fileContainingSymbol', value: 'meshkit.rebalancer.v1.RebalancePlanService.CreatePlan' },
      { case: 'fileContainingSymbol', value: 'meshkit.rebalancer.v1.CreatePlanRequest.namespace' },
      {
        case: 'fileContainingExtension',
        value: { containingType: 'google.protobuf.MethodOptions', extensionNumber: 50601 },
      },
    );
    for (const answer of answers.slice(0, 3)) {
      const files = filesOf(answer);
      expect(files[0]).toBe(plan);
      const wanted = (file: DescFile): readonly string[] => [
        `${file.name}.proto`,
        ...file.dependencies.flatMap(wanted),
      ];
      expect(new Set(files)).toEqual(new Set(wanted(RebalancePlanService.file)));
    }
    expect(filesOf(answers[3])[0]).toBe('meshkit/rebalancer/v1/scope.proto');
  });

  test('says what the contract does not have', async () => {
    const [unknown, extensions] = await ask(
      { case: 'fileContainingSymbol', value: 'no.such.Symbol' },
      { case: 'allExtensionNumbersOfType', value: 'google.protobuf.MethodOptions' },
    );
    expect(unknown).toMatchObject({ case: 'errorResponse', value: { errorCode: 5 } });
    expect(extensions?.case === 'allExtensionNumbersResponse' && extensions.value.extensionNumber).toContain(
      50601,
    );
  });
});
