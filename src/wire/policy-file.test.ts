import { describe, expect, test } from 'bun:test';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import { formatPolicyFile, maxPolicyFileBytes, parsePolicyFile } from './policy-file.ts';

function file(spec: string): string {
  return `apiVersion: meshkit.rebalancer/v1\nkind: Policy\ncluster: c1\nnamespace: orders\nspec:\n${spec}`;
}

function overlayOf(spec: string): PolicyOverlay {
  const parsed = parsePolicyFile(file(spec));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value.overlay;
}

function problemsOf(text: string | Uint8Array): { code: string; field: string | undefined }[] {
  const parsed = parsePolicyFile(text);
  if (parsed.ok) throw new Error('the file was read');
  return parsed.error.map(({ code, field }) => ({ code, field }));
}

describe('a policy file', () => {
  test('gives cluster, namespace and exactly what it says, with units', () => {
    const text = file(`
  mode: automatic
  schedule: { cron: '0 3 * * *', timeZone: Europe/Vienna }
  dimensions:
    - name: cpu
      weight: 2
      targetUtilization: 0.7
      hardLimit: 1
      smoothing: { ewma: { halfLife: 1m30s } }
  triggers:
    confirmation: 30s
    peakToMean: { enter: 1.2 }
  approvals: { automatic: [restore, drain], expiresAfter: 2h }
  changeControl:
    freezes: [{ from: 2026-12-24T18:00:00+01:00, until: 2026-12-27T00:00:00Z, reason: holidays }]
`);
    const parsed = parsePolicyFile(new TextEncoder().encode(text));
    expect(parsed).toEqual({
      ok: true,
      value: {
        cluster: 'c1',
        namespace: 'orders',
        overlay: {
          mode: 'automatic',
          schedule: { cron: '0 3 * * *', timeZone: 'Europe/Vienna' },
          dimensions: [
            {
              name: 'cpu',
              weight: 2,
              targetUtilization: 0.7,
              hardLimit: 1,
              transient: false,
              smoothing: { kind: 'ewma', halfLifeMs: 90_000 },
            },
          ],
          triggers: { confirmationMs: 30_000, peakToMean: { enter: 1.2 } },
          approvals: { automatic: ['restore', 'drain'], expiresAfterMs: 7_200_000 },
          changeControl: {
            freezes: [
              { from: Date.UTC(2026, 11, 24, 17), until: Date.UTC(2026, 11, 27), reason: 'holidays' },
            ],
          },
        },
      },
    });
  });

  test('may be JSON, and may use the names of the contract', () => {
    const json = JSON.stringify({
      apiVersion: 'meshkit.rebalancer/v1',
      kind: 'Policy',
      cluster: 'c1',
      spec: { mode: 'POLICY_MODE_OBSERVE', change_control: { ticket_required: true } },
    });
    const parsed = parsePolicyFile(json);
    expect(parsed.ok && parsed.value).toEqual({
      cluster: 'c1',
      namespace: '',
      overlay: { mode: 'observe', changeControl: { ticketRequired: true } },
    });
  });

  test('empties an inherited list with [] and removes the schedule with null', () => {
    expect(overlayOf('  schedule: null\n  approvals: { tiers: [] }\n')).toEqual({
      schedule: null,
      approvals: { tiers: [] },
    });
  });

  test('leaves out a section whose members are all commented out', () => {
    expect(overlayOf('  mode: propose\n  budget:\n    # maxMoves: 10\n')).toEqual({ mode: 'propose' });
  });

  test('names every unknown field with its path and what was meant', () => {
    const parsed = parsePolicyFile(file('  budgets: {}\n  budget: { maxMove: 3 }\n'));
    const problems = parsed.ok ? [] : parsed.error;
    expect(problems.map((each) => [each.code, each.field])).toEqual([
      ['FIELD_UNKNOWN', 'spec.budgets'],
      ['FIELD_UNKNOWN', 'spec.budget.maxMove'],
    ]);
    expect(problems[0]?.remedy).toContain('budget');
    expect(problems[1]?.remedy).toContain('maxMoves');
  });

  test.each([
    ['  mode: sometimes\n', 'spec.mode'],
    ['  budget: { maxMoves: many }\n', 'spec.budget.maxMoves'],
    ['  budget: { maxMoves: 1.5 }\n', 'spec.budget.maxMoves'],
    ['  cooldown: { shard: 10 }\n', 'spec.cooldown.shard'],
    ['  cooldown: { shard: 10 parsecs }\n', 'spec.cooldown.shard'],
    ['  cooldown: 10s\n', 'spec.cooldown'],
    ['  approvals: { groups: sre }\n', 'spec.approvals.groups'],
    ['  approvals: { groups: [sre, 7] }\n', 'spec.approvals.groups[1]'],
    ['  approvals: { tiers: null }\n', 'spec.approvals.tiers'],
    ['  changeControl: { ticketPattern: 17 }\n', 'spec.changeControl.ticketPattern'],
    ['  budget: { maxShareOfShards: 1.5 }\n', 'spec.budget.maxShareOfShards'],
    ['  placement: { minHealthyReplicas: 0 }\n', 'spec.placement.minHealthyReplicas'],
    ['  execution: { stepTimeout: 0s }\n', 'spec.execution.stepTimeout'],
    [
      '  changeControl: { freezes: [{ from: 2026-12-24, until: 2026-12-27T00:00:00Z }] }\n',
      'spec.changeControl.freezes[0].from',
    ],
    [
      '  changeControl: { windows: [{ days: [8], start: "08:00", end: "17:00", timeZone: UTC }] }\n',
      'spec.changeControl.windows[0].days[0]',
    ],
    ['  cleared: [budget]\n', 'spec.cleared'],
  ])('refuses %p as FIELD_INVALID', (spec, field) => {
    expect(problemsOf(file(spec))).toEqual([{ code: 'FIELD_INVALID', field }]);
  });

  test.each([
    ['  dimensions: [{ name: cpu, targetUtilization: 0.5, hardLimit: 1 }]\n', 'spec.dimensions[0].weight'],
    ['  placement: { spread: [{ minDomains: 2 }] }\n', 'spec.placement.spread[0].level'],
    [
      '  dimensions: [{ name: cpu, weight: 1, targetUtilization: 0.5, hardLimit: 1, smoothing: { ewma: {} } }]\n',
      'spec.dimensions[0].smoothing.ewma.halfLife',
    ],
  ])('asks for what %p leaves out', (spec, field) => {
    expect(problemsOf(file(spec))).toEqual([{ code: 'FIELD_REQUIRED', field }]);
  });

  test('refuses two kinds of smoothing at once', () => {
    const both = 'smoothing: { ewma: { halfLife: 1s }, percentile: { percentile: 9, window: 1s } }';
    const spec = `  dimensions: [{ name: cpu, weight: 1, targetUtilization: 1, hardLimit: 1, ${both} }]\n`;
    expect(problemsOf(file(spec))).toEqual([
      { code: 'FIELDS_CONTRADICT', field: 'spec.dimensions[0].smoothing.percentile' },
    ]);
  });

  test('is refused when it is of another kind or has no spec', () => {
    expect(problemsOf('apiVersion: v1\nkind: Pod\ncluster: c1\n')).toEqual([
      { code: 'FIELD_INVALID', field: 'apiVersion' },
      { code: 'FIELD_INVALID', field: 'kind' },
      { code: 'FIELD_REQUIRED', field: 'spec' },
    ]);
  });

  test.each([
    ['tabs and braces', '\t{['],
    ['a key twice', 'kind: Policy\nkind: Policy\n'],
    ['two documents', 'kind: Policy\n---\nkind: Policy\n'],
    ['a list', '- 1\n'],
    ['nothing', ''],
    ['a tag of another program', 'kind: !!python/object:os.system x\n'],
    ['bytes that are no text', Uint8Array.from([0x61, 0xff, 0xfe])],
    ['far too much', new Uint8Array(maxPolicyFileBytes + 1)],
    ['an alias that explodes', explosion()],
  ])('with %s is malformed, not an exception', (_, text) => {
    expect(problemsOf(text).every((each) => each.code === 'INPUT_MALFORMED')).toBe(true);
  });

  test('cannot reach the prototype of anything', () => {
    const spec = '  scoring: { adapters: [{ name: latency, weight: 1, parameters: { __proto__: 3 } }] }\n';
    expect(problemsOf(file(spec))).toEqual([
      { code: 'FIELD_INVALID', field: 'spec.scoring.adapters[0].parameters["__proto__"]' },
    ]);
    expect(problemsOf(file('  __proto__: { mode: observe }\n'))[0]?.code).toBe('FIELD_UNKNOWN');
  });

  test('with a price that is no number says so once, and names it', () => {
    const benefit = '{ pricePerMove: .nan, shardPrices: [{ select: { shards: [s1] }, price: -.inf }] }';
    const parsed = parsePolicyFile(file(`  benefit: ${benefit}\n`));
    expect(parsed.ok ? [] : parsed.error).toEqual([
      {
        code: 'FIELD_INVALID',
        message: 'spec.benefit.pricePerMove is NaN and must be greater than or equal to 0',
        field: 'spec.benefit.pricePerMove',
        value: 'NaN',
        limit: 'greater than or equal to 0',
      },
      {
        code: 'FIELD_INVALID',
        message: 'spec.benefit.shardPrices[0].price is -Infinity and must be greater than or equal to 0',
        field: 'spec.benefit.shardPrices[0].price',
        value: '-Infinity',
        limit: 'greater than or equal to 0',
      },
    ]);
  });

  test('is written in the words that people use', () => {
    const overlay: PolicyOverlay = {
      mode: 'propose',
      schedule: null,
      budget: { maxMoves: 100, maxSearchMs: 1_500 },
      cooldown: { shardMs: 90_000 },
      approvals: { tiers: [] },
    };
    const text = formatPolicyFile({ cluster: 'c1', namespace: '', overlay });
    expect(text).toBe(
      [
        'apiVersion: meshkit.rebalancer/v1',
        'kind: Policy',
        'cluster: c1',
        'spec:',
        '  mode: propose',
        '  budget:',
        '    maxMoves: 100',
        '    maxSearch: 1.5s',
        '  cooldown:',
        '    shard: 1m30s',
        '  approvals:',
        '    tiers: []',
        '  schedule: null',
        '',
      ].join('\n'),
    );
  });
});

/** Nine levels of ten aliases each: a billion items if somebody expands it. */
function explosion(): string {
  const levels = ['a: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 10; i++) levels.push(`${'bcdefghij'[i - 1]}: &a${i} [${Array(10).fill(`*a${i - 1}`)}]`);
  return levels.join('\n');
}
