import { describe, expect, test } from 'bun:test';
import { Command } from 'commander';
import { createRandom } from '../base/random.ts';
import {
  byteCount,
  durationMs,
  idempotencyKey,
  positive,
  share,
  wholeNumber,
  withOverrides,
} from './options.ts';

describe('a size', () => {
  test.each([
    ['0', 0],
    ['1500', 1_500],
    ['1e9', 1e9],
    ['2K', 2_000],
    ['500MB', 500e6],
    ['1.5GiB', 1.5 * 1024 ** 3],
    ['12 gib', 12 * 1024 ** 3],
    ['3TB', 3e12],
  ])('%s is %d bytes', (text, bytes) => {
    expect(byteCount(text)).toBe(bytes);
  });

  test.each(['', 'many', '-1', '5X', '1.2.3', 'GiB', '1e999'])('"%s" is none', (text) => {
    expect(() => byteCount(text)).toThrow('500MB or 12GiB');
  });
});

describe('a share', () => {
  test.each([
    ['0', 0],
    ['0.25', 0.25],
    ['25%', 0.25],
    ['100%', 1],
  ])('%s is %d', (text, value) => {
    expect(share(text)).toBe(value);
  });

  test.each(['-0.1', '1.1', '101%', 'half'])('"%s" is none', (text) => {
    expect(() => share(text)).toThrow('0.25 or 25%');
  });
});

describe('a number', () => {
  test('is whole where it counts things', () => {
    expect(wholeNumber('12')).toBe(12);
    for (const text of ['-1', '1.5', 'x', '9007199254740993'])
      expect(() => wholeNumber(text)).toThrow('whole number');
  });

  test('is above 0 where it is a factor', () => {
    expect(positive('0.5')).toBe(0.5);
    for (const text of ['0', '-1', 'x', 'Infinity']) expect(() => positive(text)).toThrow('above 0');
  });

  test('of milliseconds is written as a duration', () => {
    expect(durationMs('1m30s')).toBe(90_000);
    expect(() => durationMs('90')).toThrow('30s');
  });
});

describe('--override', () => {
  function parse(...args: string[]) {
    const command = withOverrides(new Command())
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    return command.parse(args, { from: 'user' }).opts().override;
  }

  test('takes codes with or without their first word, several times', () => {
    expect(parse('--override', 'SPREAD=new zone', '--override', 'GUARDRAIL_BENEFIT=a=b ')).toEqual([
      { code: 'GUARDRAIL_SPREAD', reason: 'new zone' },
      { code: 'GUARDRAIL_BENEFIT', reason: 'a=b' },
    ]);
    expect(parse()).toEqual([]);
  });

  test.each(['SPREAD', 'SPREAD=', 'SPREAD=  '])('"%s" lacks its reason', (text) => {
    expect(() => parse('--override', text)).toThrow('CODE=REASON');
  });
});

test('keys of idempotency differ from call to call and not from run to run', () => {
  const random = createRandom('a');
  const first = idempotencyKey(random);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(idempotencyKey(random)).not.toBe(first);
  expect(idempotencyKey(createRandom('a'))).toBe(first);
});
