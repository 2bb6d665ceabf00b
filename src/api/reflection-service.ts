import { create, type DescFile, type DescService, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { Code, type ServiceImpl } from '@connectrpc/connect';
import type {
  ServerReflection,
  ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from '../gen/grpc/reflection/v1/reflection_pb.ts';

type Answer = MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse'];

/** Answers of one stream: a tool asks some dozens of questions. */
const maxQuestions = 10_000;

/** Tells tools such as grpcurl what the service offers: files, symbols and services of the contract. */
export function createReflectionService(
  services: readonly DescService[],
): ServiceImpl<typeof ServerReflection> {
  const files = new Map<string, DescFile>();
  for (const service of services) collect(service.file, files);
  const symbols = new Map(
    [...files.values()].flatMap((file) => symbolsOf(file.proto).map((name) => [name, file])),
  );
  const names = services.map((each) => each.typeName).sort();

  function answer({ messageRequest }: ServerReflectionRequest): Answer {
    switch (messageRequest.case) {
      case 'fileByFilename':
        return fileAnswer(files.get(messageRequest.value.replace(/\.proto$/, '')), messageRequest.value);
      case 'fileContainingSymbol':
        return fileAnswer(symbols.get(messageRequest.value), messageRequest.value);
      case 'fileContainingExtension': {
        const { containingType, extensionNumber } = messageRequest.value;
        const file = [...files.values()].find(({ extensions }) =>
          extensions.some(
            (each) => each.extendee.typeName === containingType && each.number === extensionNumber,
          ),
        );
        return fileAnswer(file, `${containingType}.${extensionNumber}`);
      }
      case 'allExtensionNumbersOfType': {
        const type = messageRequest.value;
        const extensions = [...files.values()].flatMap((file) =>
          file.extensions.filter((each) => each.extendee.typeName === type).map((each) => each.number),
        );
        if (!symbols.has(type)) return notFound(type);
        return {
          case: 'allExtensionNumbersResponse',
          value: { baseTypeName: type, extensionNumber: extensions.sort((left, right) => left - right) },
        };
      }
      case 'listServices':
        return { case: 'listServicesResponse', value: { service: names.map((name) => ({ name })) } };
      default:
        return {
          case: 'errorResponse',
          value: { errorCode: Code.InvalidArgument, errorMessage: 'nothing was asked' },
        };
    }
  }

  return {
    async *serverReflectionInfo(requests) {
      let asked = 0;
      for await (const request of requests) {
        asked += 1;
        if (asked > maxQuestions) return;
        yield { validHost: request.host, originalRequest: request, messageResponse: answer(request) };
      }
    },
  };
}

/** A file and everything that it imports, by name without the ending. */
function collect(file: DescFile, into: Map<string, DescFile>): void {
  if (into.has(file.name)) return;
  into.set(file.name, file);
  for (const dependency of file.dependencies) collect(dependency, into);
}

/** Full names of what a file declares: services with their methods, messages with their fields, enums with their values. */
function symbolsOf(proto: FileDescriptorProto): readonly string[] {
  const found: string[] = [];
  const within = (scope: string, name: string): string => (scope === '' ? name : `${scope}.${name}`);
  const message = (scope: string, type: FileDescriptorProto['messageType'][number]): void => {
    const name = within(scope, type.name);
    found.push(name, ...type.field.map((each) => `${name}.${each.name}`));
    for (const nested of type.nestedType) message(name, nested);
    for (const nested of type.enumType) found.push(`${name}.${nested.name}`);
  };
  for (const type of proto.messageType) message(proto.package, type);
  for (const type of proto.enumType) found.push(within(proto.package, type.name));
  for (const extension of proto.extension) found.push(within(proto.package, extension.name));
  for (const service of proto.service) {
    const name = within(proto.package, service.name);
    found.push(name, ...service.method.map((each) => `${name}.${each.name}`));
  }
  return found;
}

/** The file and what it imports, so that a tool need not ask for each. */
function fileAnswer(file: DescFile | undefined, asked: string): Answer {
  if (!file) return notFound(asked);
  const closure = new Map<string, DescFile>();
  collect(file, closure);
  return {
    case: 'fileDescriptorResponse',
    value: {
      fileDescriptorProto: [...closure.values()].map(({ proto }) =>
        toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, proto)),
      ),
    },
  };
}

function notFound(asked: string): Answer {
  return {
    case: 'errorResponse',
    value: { errorCode: Code.NotFound, errorMessage: `the contract has no ${asked.slice(0, 200)}` },
  };
}
