import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { ProblemError } from '../domain/problem.ts';
import { describeChange } from '../domain/what-if.ts';
import { namedByOption, parseWhatIf, whatIfForms } from './what-if-option.ts';

function refused(text: string) {
  try {
    parseWhatIf(text);
    return undefined;
  } catch (thrown) {
    return thrown instanceof ProblemError ? thrown.problems[0] : thrown;
  }
}

test.each([
  'add-nodes=3,like=n0001,region=r1,zone=z2,rack=k1',
  'remove=n0001',
  'remove-zone=z1',
  'drain=n0001',
  'drain-zone=z1',
  'grow=1.5,node=n0001,dimension=cpu',
  'grow=0.5,zone=z1',
  'scale-load=1.3,shard=s1,prefix=s,group=orders,dimension=cpu',
  'scale-load=0',
])('%s is read as it is told', (text) => {
  const option = parseWhatIf(text);
  expect(option.kind === 'change' && describeChange(option.change)).toBe(text);
});

test('a policy is a file, whatever is in its name', () => {
  expect(parseWhatIf('policy=new,really=new.yaml')).toEqual({ kind: 'policy', file: 'new,really=new.yaml' });
});

test.each([
  ['teleport=1', 'FIELD_UNKNOWN'],
  ['', 'FIELD_UNKNOWN'],
  ['drain', 'FIELD_INVALID'],
  ['drain=', 'FIELD_INVALID'],
  ['grow=much', 'FIELD_INVALID'],
  ['add-nodes=1,size=2', 'FIELD_UNKNOWN'],
  ['add-nodes=1,zone=', 'FIELD_INVALID'],
  ['grow=2,node=a,node=b', 'FIELDS_CONTRADICT'],
])('"%s" is refused with what may stand there', (text, code) => {
  expect(refused(text)).toMatchObject({ code, field: '--what-if', value: text, limit: expect.any(String) });
});

test('whatever is typed is read, or refused with the option’s name', () => {
  const verbs = fc.constantFrom(...whatIfForms.map((each) => each.verb), 'x');
  const parts = fc.array(fc.stringMatching(/^[a-z]*=?[a-z0-9.-]*$/), { maxLength: 3 });
  fc.assert(
    fc.property(verbs, fc.string(), parts, (verb, value, rest) => {
      const problem = refused([`${verb}=${value}`, ...rest].join(','));
      if (problem !== undefined) expect(problem).toMatchObject({ field: '--what-if' });
    }),
  );
});

test('a problem of the service names the option that it is about', () => {
  const code = 'NODE_NOT_FOUND' as const;
  const problems = [
    { code, message: 'no', field: 'changes[1].drainNodes.node' },
    { code, message: 'no', field: 'seed' },
  ] as const;
  expect(namedByOption(problems, ['grow=2', 'drain=n9']).problems.map((each) => each.field)).toEqual([
    '--what-if drain=n9',
    'seed',
  ]);
});
