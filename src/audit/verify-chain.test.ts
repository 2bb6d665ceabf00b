import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { AuditRecord } from '../domain/audit-record.ts';
import { sampleAudit } from '../ports/store-samples.testing.ts';
import { genesisHash, sealRecord } from './seal-record.ts';
import { verifyChain } from './verify-chain.ts';

function chainOf(reasons: readonly string[]): AuditRecord[] {
  const records: AuditRecord[] = [];
  for (const [index, reason] of reasons.entries()) {
    records.push(sealRecord(sampleAudit({ reason }), index + 1, records.at(-1)?.hash ?? genesisHash));
  }
  return records;
}

/** Number of the first record that does not fit; 0 when all do. */
function firstBroken(records: readonly AuditRecord[]): number {
  const verified = verifyChain(records, genesisHash);
  if (verified.ok) return 0;
  expect(verified.error.code).toBe('AUDIT_CHAIN_BROKEN');
  return Number(verified.error.subject?.split('/')[1]);
}

const reasons = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 12 });

describe('a chain of audit records', () => {
  test('verifies as it was sealed, whole and in parts', () => {
    fc.assert(
      fc.property(reasons, fc.nat(), (texts, cut) => {
        const chain = chainOf(texts);
        expect(firstBroken(chain)).toBe(0);
        const at = cut % chain.length;
        const first = verifyChain(chain.slice(0, at), genesisHash);
        if (!first.ok) throw new Error(first.error.message);
        expect(verifyChain(chain.slice(at), first.value.hash, first.value.sequence)).toEqual({
          ok: true,
          value: { sequence: chain.length, hash: chain.at(-1)?.hash ?? '' },
        });
      }),
    );
  });

  test('shows an altered record, whichever field was altered', () => {
    const fields = Object.keys(chainOf(['x'])[0] ?? {}) as (keyof AuditRecord)[];
    expect(fields).toHaveLength(16);
    fc.assert(
      fc.property(reasons, fc.nat(), fc.constantFrom(...fields), (texts, which, field) => {
        const chain = chainOf(texts);
        const at = which % chain.length;
        const other =
          field === 'details' ? { other: 'x' } : typeof chain[at]?.[field] === 'number' ? 7.5 : 'other';
        chain[at] = { ...chain[at], [field]: other } as AuditRecord;
        expect(firstBroken(chain)).toBe(at + 1);
      }),
    );
  });

  test('shows a field that was added and one that was taken away', () => {
    const chain = chainOf(['a', 'b', 'c']);
    const added = chain.map((record) => (record.sequence === 2 ? { ...record, note: 'x' } : record));
    expect(firstBroken(added)).toBe(2);
    const { reason: _, ...without } = chain[1] ?? sealRecord(sampleAudit(), 2, '');
    expect(firstBroken([...chain.slice(0, 1), without as AuditRecord, ...chain.slice(2)])).toBe(2);
  });

  test('shows a record that was removed, unless it is the last, and records that changed places', () => {
    fc.assert(
      fc.property(reasons, fc.nat(), (texts, which) => {
        const chain = chainOf(texts);
        const at = which % (chain.length - 1);
        expect(firstBroken(chain.toSpliced(at, 1))).toBe(at + 1);
        const [first, second] = chain.slice(at, at + 2);
        if (first && second) expect(firstBroken(chain.with(at, second).with(at + 1, first))).toBe(at + 1);
      }),
    );
  });

  test('shows a record that was altered and sealed anew, at the one after it', () => {
    const chain = chainOf(['a', 'b', 'c']);
    const forged = sealRecord(sampleAudit({ reason: 'forged' }), 2, chain[0]?.hash ?? '');
    expect(firstBroken(chain.with(1, forged))).toBe(3);
  });
});
