import { describe, expect, test } from 'bun:test';
import type { JournalEntry } from '../domain/journal-entry.ts';
import { relocation } from './execution.testing.ts';
import { foldEntry, foldJournal, nextAction, untouched } from './journal.ts';
import { type EntryFields, journalEntry } from './steps.ts';

const move = relocation(1, 0, 's00', 0, 'a2');
const failure = { code: 'MOVE_REFUSED', message: 'no' };

function entries(...fields: EntryFields[]): JournalEntry[] {
  return fields.map((each, index) => journalEntry('p', move, 1_000 + index, 1, each));
}

function actionAfter(...fields: EntryFields[]) {
  return nextAction(move, entries(...fields).reduce(foldEntry, untouched(move.id)));
}

const prepareIntended = { kind: 'intended', step: 'prepare', state: 'running', version: 7 } as const;
const prepareDone = { kind: 'stepDone', step: 'prepare', state: 'running', version: 7 } as const;
const transferDone = { kind: 'stepDone', step: 'transfer', state: 'running', version: 8 } as const;

describe('what may have happened to a move after a crash', () => {
  test('nothing, when nothing was journaled', () => {
    expect(actionAfter()).toEqual({ kind: 'start' });
  });

  test('its intended step, or not: the fleet knows', () => {
    expect(actionAfter(prepareIntended)).toEqual({ kind: 'reconcile', step: 'prepare' });
  });

  test('a step that was answered, and nothing since: the next one follows', () => {
    expect(actionAfter(prepareIntended, prepareDone)).toEqual({ kind: 'continue', step: 'drain' });
  });

  test('a failure before the transfer, which is perhaps not undone yet', () => {
    const failed = { kind: 'stepFailed', step: 'drain', state: 'running', failure } as const;
    expect(actionAfter(prepareIntended, failed)).toEqual({ kind: 'abort', step: 'drain', failure });
  });

  test('an answer that was missing: unknown is reconciled', () => {
    const unknown = { kind: 'stepFailed', step: 'transfer', state: 'unknown', failure } as const;
    expect(actionAfter(prepareIntended, unknown)).toEqual({ kind: 'reconcile', step: 'transfer' });
  });

  test('what the fleet said, when it was asked', () => {
    const reconciled = { kind: 'reconciled', step: 'verify', state: 'running', version: 8 } as const;
    expect(actionAfter(prepareIntended, reconciled)).toEqual({ kind: 'continue', step: 'verify' });
  });

  test('its end', () => {
    const ended = { kind: 'ended', step: 'release', state: 'done', version: 8 } as const;
    expect(actionAfter(prepareIntended, ended)).toEqual({ kind: 'nothing' });
  });
});

describe('the progress of a move', () => {
  test('is pending before its first entry, in the order of the plan', () => {
    const other = relocation(2, 0, 's01', 0, 'a2');
    const folded = foldJournal([other, move], entries(prepareIntended));
    expect(folded.map((each) => [each.moveId, each.state])).toEqual([
      ['m00002', 'pending'],
      ['m00001', 'running'],
    ]);
  });

  test('has the version that the transfer left, and the times of the first and the last entry', () => {
    const ended = { kind: 'ended', step: 'release', state: 'done', version: 8 } as const;
    const [progress] = foldJournal([move], entries(prepareIntended, prepareDone, transferDone, ended));
    expect(progress).toMatchObject({
      state: 'done',
      resultVersion: 8,
      startedAt: 1_000,
      endedAt: 1_003,
      failure: null,
    });
  });

  test('counts attempts and keeps the last failure until a step is done', () => {
    const again = { ...prepareIntended, attempt: 2 };
    const failed = { kind: 'stepFailed', step: 'prepare', state: 'running', failure } as const;
    const [retrying] = foldJournal([move], entries(prepareIntended, failed, again));
    expect(retrying).toMatchObject({ attempts: 2, failure });
    const [after] = foldJournal([move], entries(prepareIntended, failed, again, prepareDone));
    expect(after?.failure).toBeNull();
  });

  test('ignores entries of moves that the plan does not have', () => {
    const [stranger] = entries(prepareIntended);
    if (!stranger) throw new Error('no entry');
    expect(foldJournal([move], [{ ...stranger, moveId: 'm99999' }])[0]?.state).toBe('pending');
  });
});
