/** What keeps a value that some module exports from being a `ScoringAdapter`, as sentences; empty when nothing does. */
export function shapeFaults(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [`it is ${describe(value)}, not an adapter`];
  const { name, description, needs, parameters, score } = value as { readonly [field: string]: unknown };
  const faults: string[] = [];
  if (typeof name !== 'string') faults.push(`name is ${describe(name)}, not a text`);
  if (typeof description !== 'string') faults.push(`description is ${describe(description)}, not a text`);
  if (typeof score !== 'function') faults.push(`score is ${describe(score)}, not a function`);
  if (!Array.isArray(needs) || !needs.every((each) => typeof each === 'string')) {
    faults.push(`needs is ${describe(needs)}, not a list of signal names`);
  }
  if (!Array.isArray(parameters)) faults.push(`parameters is ${describe(parameters)}, not a list`);
  else faults.push(...parameters.flatMap(parameterFaults));
  return faults;
}

function parameterFaults(value: unknown, index: number): readonly string[] {
  if (typeof value !== 'object' || value === null) return [`parameters[${index}] is ${describe(value)}`];
  const parameter: Readonly<Record<string, unknown>> = { ...value };
  const wrong = (field: string, type: string): string =>
    `parameters[${index}].${field} is ${describe(parameter[field])}, not a ${type}`;
  const texts = ['name', 'description', 'unit'].filter((field) => typeof parameter[field] !== 'string');
  const numbers = ['default', 'minimum', 'maximum'].filter((field) => typeof parameter[field] !== 'number');
  return [...texts.map((field) => wrong(field, 'text')), ...numbers.map((field) => wrong(field, 'number'))];
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
