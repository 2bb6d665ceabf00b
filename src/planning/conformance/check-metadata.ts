import { type ExtensionParameter, parameterLimit } from '../../domain/extension-parameter.ts';
import type { ExtensionDefinition } from '../extension-definition.ts';

/** Lower-case words joined by hyphens, as policies name extensions. */
const namePattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const maxNameLength = 64;
/** Parameters of one extension. */
const maxParameters = 32;

/** What is wrong with the name, the description and the parameters, as sentences; empty when nothing is. */
export function metadataFaults(definition: ExtensionDefinition): readonly string[] {
  const { name, description, parameters } = definition;
  const faults: string[] = [];
  if (name.length > maxNameLength || !namePattern.test(name))
    faults.push(`its name ${JSON.stringify(name)} is not lower-case words joined by hyphens`);
  if (description.trim() === '') faults.push('its description is empty');
  if (parameters.length > maxParameters)
    faults.push(`it has ${parameters.length} parameters, more than ${maxParameters}`);
  const names = parameters.map((parameter) => parameter.name);
  if (new Set(names).size < names.length) faults.push('two of its parameters have the same name');
  return [...faults, ...parameters.flatMap(parameterFaults)];
}

function parameterFaults(parameter: ExtensionParameter): readonly string[] {
  const limit = parameterLimit(parameter, parameter.default);
  const wrong = limit === null ? [] : [`the default of its parameter ${parameter.name} is not ${limit}`];
  const isBounded =
    parameter.kind === 'text' || (Number.isFinite(parameter.minimum) && Number.isFinite(parameter.maximum));
  return isBounded ? wrong : [...wrong, `the limits of its parameter ${parameter.name} are not finite`];
}
