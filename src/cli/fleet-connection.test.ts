import { expect, test } from 'bun:test';
import { createTestCli } from './cli.testing.ts';

test('a fleet that is not there is told from a rebalancer that is not there', async () => {
  // Port 1 of loopback: nothing listens there.
  const { code, error } = await createTestCli().run('fleet', 'stats', '--fleet', 'http://127.0.0.1:1');
  expect(code).toBe(7);
  expect(error).toContain('FLEET_UNREACHABLE');
  expect(error).toContain('mesh fleet simulate');
});
