/** What a policy may set of a planner extension. */
export type ExtensionParameter =
  | {
      readonly kind: 'number';
      readonly name: string;
      readonly description: string;
      readonly unit: string;
      readonly default: number;
      readonly minimum: number;
      readonly maximum: number;
    }
  | {
      readonly kind: 'text';
      readonly name: string;
      readonly description: string;
      readonly default: string;
      /** The texts that it may be; any of at most `maxParameterText` characters without them. */
      readonly choices?: readonly string[];
    };

/** Names of groups, labels and zones are shorter. */
export const maxParameterText = 256;

/** An extension as policies know it. */
export interface KnownExtension {
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly ExtensionParameter[];
}

/** Every parameter of an extension, defaults filled in. */
export type ExtensionParameters = Readonly<Record<string, number | string>>;

/** What the parameter may be, in words, when the value is not; null when it fits. */
export function parameterLimit(parameter: ExtensionParameter, value: number | string): string | null {
  if (parameter.kind === 'number') {
    const { minimum, maximum } = parameter;
    if (typeof value === 'number' && value >= minimum && value <= maximum) return null;
    return `a number from ${minimum} to ${maximum}`;
  }
  const { choices } = parameter;
  if (typeof value === 'string' && value.length <= maxParameterText) {
    if (choices === undefined || choices.includes(value)) return null;
  }
  return choices === undefined
    ? `a text of at most ${maxParameterText} characters`
    : `one of ${choices.join(', ')}`;
}

/** The values given, and the defaults of the others. */
export function withDefaults(
  parameters: readonly ExtensionParameter[],
  given: ExtensionParameters,
): ExtensionParameters {
  return Object.fromEntries(parameters.map((each) => [each.name, given[each.name] ?? each.default]));
}
