import { create, createFileRegistry, type DescMethod, fromBinary } from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import { rpcTransport, type Wire } from '../../src/api/wires.testing.ts';
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../../src/gen/grpc/reflection/v1/reflection_pb.ts';

type Question = ServerReflectionRequest['messageRequest'];

/** Every method that a running service says it has, as its own reflection describes it: options of the contract included. */
export async function servedMethods(wire: Wire, token: string): Promise<readonly DescMethod[]> {
  const reflection = createClient(ServerReflection, rpcTransport(wire, 'grpc'));
  const ask = async (...questions: readonly Question[]): Promise<readonly ServerReflectionResponse[]> => {
    const requests = questions.map((messageRequest) => ({ host: '', messageRequest }));
    const headers = { authorization: `Bearer ${token}` };
    const answers: ServerReflectionResponse[] = [];
    for await (const answer of reflection.serverReflectionInfo(each(requests), { headers }))
      answers.push(answer);
    return answers;
  };
  const [listed] = await ask({ case: 'listServices', value: '' });
  if (listed?.messageResponse.case !== 'listServicesResponse') throw new Error('no services were listed');
  const names = listed.messageResponse.value.service.map(({ name }) => name);
  const described = await ask(
    ...names.map((name): Question => ({ case: 'fileContainingSymbol', value: name })),
  );
  return names.flatMap((name, index) => methodsOf(name, described[index]));
}

function methodsOf(service: string, answer: ServerReflectionResponse | undefined): readonly DescMethod[] {
  if (answer?.messageResponse.case !== 'fileDescriptorResponse')
    throw new Error(`${service} is not described`);
  const protos = answer.messageResponse.value.fileDescriptorProto.map((bytes) =>
    fromBinary(FileDescriptorProtoSchema, bytes),
  );
  const file = create(FileDescriptorSetSchema, { file: importedFirst(protos) });
  return createFileRegistry(file).getService(service)?.methods ?? [];
}

/** Every file after those that it imports, as registries want them. */
function importedFirst(protos: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(protos.map((proto) => [proto.name, proto]));
  const ordered = new Set<FileDescriptorProto>();
  const add = (proto: FileDescriptorProto | undefined): void => {
    if (!proto || ordered.has(proto)) return;
    for (const name of proto.dependency) add(byName.get(name));
    ordered.add(proto);
  };
  for (const proto of protos) add(proto);
  return [...ordered];
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** `PlanService.GetPlan` */
export function nameOf(method: DescMethod): string {
  return `${method.parent.name}.${method.name}`;
}
