import { expect, test } from 'bun:test';
import { visibleText } from './visible-text.ts';

test('what would move the cursor, colour or break the line is seen instead of obeyed', () => {
  expect(visibleText('a\u001b[2J\u001b]0;title\u0007b')).toBe('a\\u001b[2J\\u001b]0;title\\u0007b');
  expect(visibleText('one\r\ntwo\tthree')).toBe('one\\r\\ntwo\\tthree');
  expect(visibleText('\u009b31m\u007f\u2028')).toBe('\\u009b31m\\u007f\\u2028');
});

test('what would reverse the reading order is seen too', () => {
  expect(visibleText('safe\u202eexe')).toBe('safe\\u202eexe');
  expect(visibleText('\u2067x\u2069')).toBe('\\u2067x\\u2069');
});

test('text in any script stays as it is', () => {
  const text = 'n0001 überlastet — 混雑 → √ 👩\u200d🚒';
  expect(visibleText(text)).toBe(text);
});
