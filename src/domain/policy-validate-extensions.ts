import { type KnownExtension, parameterLimit } from './extension-parameter.ts';
import type { ExtensionPolicy } from './policy.ts';
import type { PolicyFindings } from './policy-findings.ts';

/** The extensions that a policy names against those that are loaded: POLICY_EXTENSION_UNKNOWN, POLICY_EXTENSION_PARAMETER. */
export function checkExtensionNames(
  named: readonly ExtensionPolicy[],
  known: readonly KnownExtension[],
  found: PolicyFindings,
): void {
  const byName = new Map(known.map((extension) => [extension.name, extension]));
  for (const [i, { name, parameters }] of named.entries()) {
    const path = `placement.extensions[${i}]`;
    const extension = byName.get(name);
    if (!extension) {
      const names = [...byName.keys()].join(', ');
      found.add(
        'POLICY_EXTENSION_UNKNOWN',
        `no planner extension named "${name}" is loaded`,
        `${path}.name`,
        {
          value: name,
          limit: names || 'none is loaded',
          remedy: `Correct the name${names ? ` (loaded: ${names})` : ''}, or load its module with plannerModules in the configuration.`,
        },
      );
      continue;
    }
    for (const [parameter, value] of Object.entries(parameters)) {
      checkParameter(extension, parameter, value, `${path}.parameters.${parameter}`, found);
    }
  }
}

function checkParameter(
  extension: KnownExtension,
  name: string,
  value: number | string,
  field: string,
  found: PolicyFindings,
): void {
  const schema = extension.parameters.find((each) => each.name === name);
  if (!schema) {
    const names = extension.parameters.map((each) => each.name).join(', ');
    found.add(
      'POLICY_EXTENSION_PARAMETER',
      `the extension ${extension.name} has no parameter "${name}"`,
      field,
      {
        value: name,
        limit: names || 'no parameters',
        remedy: `Use one of: ${names || 'none; it takes no parameters'}.`,
      },
    );
    return;
  }
  const limit = parameterLimit(schema, value);
  if (limit === null) return;
  found.add(
    'POLICY_EXTENSION_PARAMETER',
    `${field} is ${JSON.stringify(value)}, which is not ${limit}`,
    field,
    {
      value,
      limit,
      remedy: `Use ${limit}.`,
    },
  );
}
