import type { ConformanceFailure } from './conformance-failure.ts';
import type { ScoringAdapter, ScoringParameter } from './scoring-adapter.ts';

const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** What is wrong with an adapter's name, description, signals and parameters. */
export function metadataFailures(adapter: ScoringAdapter): readonly ConformanceFailure[] {
  const failures: ConformanceFailure[] = [];
  const fail = (message: string): void => {
    failures.push({ check: 'metadata', message });
  };
  if (!namePattern.test(adapter.name)) {
    fail(`the name "${adapter.name}" is not lower-case words joined by hyphens`);
  }
  if (adapter.description.trim() === '') fail('the description is empty');
  if (adapter.needs.some((name) => name === '')) fail('a signal that it needs has no name');
  if (new Set(adapter.needs).size !== adapter.needs.length) fail('it needs a signal twice');
  const names = adapter.parameters.map((each) => each.name);
  if (new Set(names).size !== names.length) fail('two parameters have the same name');
  for (const parameter of adapter.parameters) {
    if (parameter.name === '') fail('a parameter has no name');
    if (!isOrdered(parameter)) {
      fail(
        `the default ${parameter.default} of ${parameter.name} is not within ${parameter.minimum} to ${parameter.maximum}`,
      );
    }
  }
  return failures;
}

function isOrdered({ minimum, maximum, default: value }: ScoringParameter): boolean {
  return [minimum, maximum, value].every(Number.isFinite) && minimum <= value && value <= maximum;
}
