import { expect, test } from 'bun:test';
import { createMeshClient } from '@meshkit/rebalancer/client';
import { createStaticToken } from '@meshkit/rebalancer/client/credentials/token-source';

test('the package exports the client by the names that docs/client.md tells', async () => {
  const token = createStaticToken('a.b.c', 'a test');
  const client = createMeshClient({ address: 'https://127.0.0.1:7443', token });
  expect(Object.keys(client)).toContain('plans');
  await client.close();
});
