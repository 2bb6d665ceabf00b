/** What keeps a value that some module exports from being an `ExtensionDefinition`, as sentences; empty when nothing does. */
export function definitionFaults(value: unknown): readonly string[] {
  if (!isObject(value)) return [`it is ${describe(value)}, not an extension`];
  const { name, description, parameters, create } = value;
  const faults: string[] = [];
  if (typeof name !== 'string') faults.push(`name is ${describe(name)}, not a text`);
  if (typeof description !== 'string') faults.push(`description is ${describe(description)}, not a text`);
  if (typeof create !== 'function') faults.push(`create is ${describe(create)}, not a function`);
  if (!Array.isArray(parameters)) faults.push(`parameters is ${describe(parameters)}, not a list`);
  else faults.push(...parameters.flatMap(parameterFaults));
  return faults;
}

function parameterFaults(value: unknown, index: number): readonly string[] {
  const at = `parameters[${index}]`;
  if (!isObject(value)) return [`${at} is ${describe(value)}`];
  const wrong = (field: string, type: string): readonly string[] =>
    typeof value[field] === type
      ? []
      : [`${at}.${field} is ${describe(value[field])}, not a ${type === 'string' ? 'text' : type}`];
  const named = [...wrong('name', 'string'), ...wrong('description', 'string')];
  switch (value.kind) {
    case 'number':
      return [
        ...named,
        ...wrong('unit', 'string'),
        ...['default', 'minimum', 'maximum'].flatMap((field) => wrong(field, 'number')),
      ];
    case 'text': {
      const { choices } = value;
      const isList = Array.isArray(choices) && choices.every((each) => typeof each === 'string');
      const wrongChoices = choices === undefined || isList ? [] : [`${at}.choices is no list of texts`];
      return [...named, ...wrong('default', 'string'), ...wrongChoices];
    }
    default:
      return [...named, `${at}.kind is ${JSON.stringify(value.kind)}, not "number" or "text"`];
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
