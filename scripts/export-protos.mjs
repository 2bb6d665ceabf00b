// Lays out the .proto files that our contracts import, so that generating needs no network: buf/validate is rendered from
// the descriptors that @bufbuild/protovalidate embeds (no package ships its text, and so the two can never disagree),
// google/api is copied from protobufjs. Run before buf; plain Node, since it also runs before anything else is set up. The
// output is an ignored build folder.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { file_buf_validate_validate as validateFile } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outFolder = join(root, 'node_modules', '.cache', 'meshkit-protos');

// FieldDescriptorProto.Type by number (google/protobuf/descriptor.proto); groups do not occur.
const scalarNames = {
  1: 'double',
  2: 'float',
  3: 'int64',
  4: 'uint64',
  5: 'int32',
  6: 'fixed64',
  7: 'fixed32',
  8: 'bool',
  9: 'string',
  12: 'bytes',
  13: 'uint32',
  15: 'sfixed32',
  16: 'sfixed64',
  17: 'sint32',
  18: 'sint64',
};
const labelNames = { 1: 'optional', 2: 'required', 3: 'repeated' };

/** The text of a proto2 file with the same names, numbers, types and defaults; options and comments are left out. */
function renderFile(proto) {
  const lines = [
    `// Rendered from the descriptor of ${proto.name}; do not edit.`,
    'syntax = "proto2";',
    `package ${proto.package};`,
  ];
  for (const dependency of proto.dependency) lines.push(`import "${dependency}";`);
  for (const enumeration of proto.enumType) renderEnum(lines, enumeration, '');
  for (const message of proto.messageType) renderMessage(lines, message, '');
  renderExtensions(lines, proto.extension, '');
  return `${lines.join('\n')}\n`;
}

function renderMessage(lines, message, indent) {
  const inner = `${indent}  `;
  lines.push(`${indent}message ${message.name} {`);
  for (const enumeration of message.enumType) renderEnum(lines, enumeration, inner);
  const mapEntries = new Map();
  for (const nested of message.nestedType) {
    if (nested.options?.mapEntry) mapEntries.set(nested.name, nested);
    else renderMessage(lines, nested, inner);
  }
  const members = message.field.map((field) => ({ field, oneof: field.oneofIndex }));
  for (const { field, oneof } of members) {
    if (!inOneof(field, oneof)) lines.push(`${inner}${renderField(field, mapEntries)}`);
  }
  message.oneofDecl.forEach((declaration, index) => {
    lines.push(`${inner}oneof ${declaration.name} {`);
    for (const { field, oneof } of members) {
      if (inOneof(field, oneof) && oneof === index) lines.push(`${inner}  ${typeOf(field)} ${tail(field)}`);
    }
    lines.push(`${inner}}`);
  });
  // Descriptor ranges exclude their end, the language's include it.
  for (const range of message.extensionRange)
    lines.push(`${inner}extensions ${range.start} to ${range.end - 1};`);
  for (const range of message.reservedRange)
    lines.push(`${inner}reserved ${range.start} to ${range.end - 1};`);
  for (const name of message.reservedName) lines.push(`${inner}reserved "${name}";`);
  renderExtensions(lines, message.extension, inner);
  lines.push(`${indent}}`);
}

function renderEnum(lines, enumeration, indent) {
  lines.push(`${indent}enum ${enumeration.name} {`);
  for (const value of enumeration.value) lines.push(`${indent}  ${value.name} = ${value.number};`);
  lines.push(`${indent}}`);
}

function renderExtensions(lines, extensions, indent) {
  for (const extension of extensions) {
    lines.push(`${indent}extend ${extension.extendee} {`);
    lines.push(`${indent}  ${labelNames[extension.label]} ${typeOf(extension)} ${tail(extension)}`);
    lines.push(`${indent}}`);
  }
}

/** Presence is explicit in the generated descriptors' bits: a field that names no oneof has index 0 without having it. */
function inOneof(field, oneof) {
  return oneof !== undefined && Object.hasOwn(field, 'oneofIndex') && !field.proto3Optional;
}

function renderField(field, mapEntries) {
  const entry = mapEntries.get(field.typeName.split('.').at(-1));
  if (entry) return `map<${typeOf(entry.field[0])}, ${typeOf(entry.field[1])}> ${tail(field)}`;
  return `${labelNames[field.label]} ${typeOf(field)} ${tail(field)}`;
}

function typeOf(field) {
  const name = scalarNames[field.type] ?? field.typeName;
  if (!name) throw new Error(`no text form for the type ${field.type} of ${field.name}`);
  return name;
}

function tail(field) {
  const quoted = field.type === 9 ? JSON.stringify(field.defaultValue) : field.defaultValue;
  return `${field.name} = ${field.number}${field.defaultValue ? ` [default = ${quoted}]` : ''};`;
}

const target = join(outFolder, `${validateFile.proto.name}`.replace(/(\.proto)?$/, '.proto'));
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, renderFile(validateFile.proto));

const httpRules = join('google', 'api');
mkdirSync(join(outFolder, httpRules), { recursive: true });
for (const name of ['annotations.proto', 'http.proto']) {
  copyFileSync(join(root, 'node_modules', 'protobufjs', httpRules, name), join(outFolder, httpRules, name));
}
