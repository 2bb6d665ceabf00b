import { type Problem, ProblemError } from '../domain/problem.ts';
import type { WhatIfChange } from '../domain/what-if-change.ts';

/** What one `--what-if` says. */
export type WhatIfOption =
  | { readonly kind: 'change'; readonly text: string; readonly change: WhatIfChange }
  | { readonly kind: 'policy'; readonly file: string };

/** The forms of the option, for help and completion: what comes first, what may follow, what it means. */
export const whatIfForms = [
  {
    verb: 'add-nodes',
    value: 'COUNT',
    keys: ['like', 'zone', 'rack', 'region'],
    text: 'new empty nodes, called what-if-00001 and on',
  },
  { verb: 'remove', value: 'NODE', keys: [], text: 'the node has left: what it held is restored elsewhere' },
  { verb: 'remove-zone', value: 'ZONE', keys: [], text: 'every node of the zone has left' },
  { verb: 'drain', value: 'NODE', keys: [], text: 'the node is to be vacated' },
  { verb: 'drain-zone', value: 'ZONE', keys: [], text: 'every node of the zone is to be vacated' },
  { verb: 'grow', value: 'FACTOR', keys: ['node', 'zone', 'dimension'], text: 'capacity times a factor' },
  {
    verb: 'scale-load',
    value: 'FACTOR',
    keys: ['group', 'prefix', 'shard', 'dimension'],
    text: 'load times a factor',
  },
  { verb: 'policy', value: 'FILE', keys: [], text: 'a policy file laid over the policy' },
] as const;

type Verb = (typeof whatIfForms)[number]['verb'];

/**
 * Reads `VERB=VALUE[,KEY=VALUE...]`: `add-nodes=3,like=n0001,zone=z2`, `drain-zone=z1`, `scale-load=1.3,dimension=cpu`.
 * Whether nodes, zones, dimensions and factors make sense is for whoever knows the fleet.
 *
 * @throws ProblemError FIELD_INVALID, FIELD_UNKNOWN, FIELDS_CONTRADICT
 */
export function parseWhatIf(text: string): WhatIfOption {
  const [head = '', ...rest] = text.split(',');
  const [verb = '', value = ''] = splitOnce(head);
  const form = whatIfForms.find((each) => each.verb === verb);
  if (!form) {
    const message = `"${verb}" is nothing that could be different`;
    throw wrong(text, 'FIELD_UNKNOWN', message, whatIfForms.map((each) => each.verb).join(', '));
  }
  const shape = [`${form.verb}=${form.value}`, ...form.keys.map((key) => `[,${key}=...]`)].join('');
  if (value === '') throw wrong(text, 'FIELD_INVALID', `${verb} needs a value`, shape);
  if (form.verb === 'policy') return { kind: 'policy', file: text.slice('policy='.length) };
  const given = new Map<string, string>();
  for (const part of rest) {
    const [key, content = ''] = splitOnce(part);
    if (!(form.keys as readonly string[]).includes(key))
      throw wrong(text, 'FIELD_UNKNOWN', `${verb} has no "${key}"`, shape);
    if (content === '') throw wrong(text, 'FIELD_INVALID', `"${key}" needs a value`, shape);
    if (given.has(key)) throw wrong(text, 'FIELDS_CONTRADICT', `"${key}" is given twice`, shape);
    given.set(key, content);
  }
  const number = (): number => {
    const amount = Number(value);
    if (Number.isFinite(amount)) return amount;
    throw wrong(text, 'FIELD_INVALID', `"${value}" is no number`, shape);
  };
  return { kind: 'change', text, change: changeOf(form.verb, value, (key) => given.get(key) ?? '', number) };
}

function changeOf(
  verb: Exclude<Verb, 'policy'>,
  value: string,
  given: (key: string) => string,
  number: () => number,
): WhatIfChange {
  const nodes = { node: given('node'), zone: given('zone') };
  switch (verb) {
    case 'add-nodes': {
      const place = { region: given('region'), zone: given('zone'), rack: given('rack') };
      return { kind: 'addNodes', count: number(), like: given('like'), ...place };
    }
    case 'remove':
      return { kind: 'removeNodes', nodes: { node: value, zone: '' } };
    case 'remove-zone':
      return { kind: 'removeNodes', nodes: { node: '', zone: value } };
    case 'drain':
      return { kind: 'drainNodes', nodes: { node: value, zone: '' } };
    case 'drain-zone':
      return { kind: 'drainNodes', nodes: { node: '', zone: value } };
    case 'grow':
      return { kind: 'growNodes', nodes, factor: number(), dimension: given('dimension') };
    default: {
      const shards = { shard: given('shard'), prefix: given('prefix'), group: given('group') };
      return { kind: 'scaleLoads', shards, factor: number(), dimension: given('dimension') };
    }
  }
}

function splitOnce(text: string): [string, string?] {
  const at = text.indexOf('=');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function wrong(text: string, code: Problem['code'], message: string, limit: string): ProblemError {
  return new ProblemError({
    code,
    message,
    field: '--what-if',
    value: text,
    limit,
    remedy: 'Write VERB=VALUE[,KEY=VALUE...]; see mesh shards rebalance plan --help.',
  });
}

/** The problems with the options in the place of the contract's `changes[i]`. @param texts of the changes, in their order */
export function namedByOption(problems: ProblemError['problems'], texts: readonly string[]): ProblemError {
  const named = problems.map((problem): Problem => {
    const text = texts[Number(/^changes\[(\d+)\]/.exec(problem.field ?? '')?.[1])];
    return text === undefined ? problem : { ...problem, field: `--what-if ${text}` };
  });
  return new ProblemError(named[0] ?? problems[0], ...named.slice(1));
}
