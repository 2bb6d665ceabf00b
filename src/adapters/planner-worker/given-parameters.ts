import {
  type ExtensionParameters,
  type KnownExtension,
  parameterLimit,
} from '../../domain/extension-parameter.ts';
import type { Problem } from '../../domain/problem.ts';

/** Those of the parameters that are the extension's; a text where it wants a number is read as one. */
export function parametersFor(extension: KnownExtension, given: ExtensionParameters): ExtensionParameters {
  const own = extension.parameters.flatMap((parameter) => {
    const value = given[parameter.name];
    if (value === undefined) return [];
    const isNumber = parameter.kind === 'number' && typeof value === 'string' && value.trim() !== '';
    return [[parameter.name, isNumber ? Number(value) : value] as const];
  });
  return Object.fromEntries(own);
}

/** POLICY_EXTENSION_PARAMETER for each that no extension of the module has, or that does not fit. */
export function parameterProblems(
  extensions: readonly KnownExtension[],
  given: ExtensionParameters,
): readonly Problem[] {
  const schemas = extensions.flatMap((extension) => extension.parameters);
  const names = [...new Set(schemas.map((schema) => schema.name))].join(', ');
  const unknown = Object.keys(given)
    .filter((name) => !schemas.some((schema) => schema.name === name))
    .map((name) => problem(`no extension of the module has a parameter "${name}"`, name, names || 'none'));
  const unfit = extensions.flatMap((extension) => {
    const own = parametersFor(extension, given);
    return extension.parameters.flatMap((schema) => {
      const value = own[schema.name];
      const limit = value === undefined ? null : parameterLimit(schema, value);
      return limit === null
        ? []
        : [problem(`${schema.name} of ${extension.name} is not ${limit}`, String(given[schema.name]), limit)];
    });
  });
  return [...unknown, ...unfit];
}

function problem(message: string, value: string, limit: string): Problem {
  return {
    code: 'POLICY_EXTENSION_PARAMETER',
    message,
    field: '--parameter',
    value,
    limit,
    remedy: `Use: ${limit}.`,
  };
}
