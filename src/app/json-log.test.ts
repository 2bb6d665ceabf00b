import { expect, test } from 'bun:test';
import { createVirtualClock } from '../base/virtual-clock.ts';
import { createJsonLog } from './json-log.ts';

test('writes one JSON object a line and leaves out what is below its level', () => {
  const lines: string[] = [];
  const log = createJsonLog(createVirtualClock(0), 'info', (line) => lines.push(line));
  log.debug('too quiet');
  log.warn('a source is behind', { source: 'peers', lagMs: 1200 });
  expect(lines).toEqual([
    '{"at":"1970-01-01T00:00:00.000Z","level":"warn","message":"a source is behind","source":"peers","lagMs":1200}\n',
  ]);
});
