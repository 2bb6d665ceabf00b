import { describe, expect, test } from 'bun:test';
import { createRouterTransport } from '@connectrpc/connect';
import { RebalanceControllerService } from '../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { StatusService } from '../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { createTestCli } from './cli.testing.ts';

/** Runs `mesh controllers scores` against a service with these namespaces; which one was asked for. */
async function scoresOf(namespaces: string[], ...args: string[]) {
  const asked: string[] = [];
  const transport = createRouterTransport(({ service }) => {
    service(StatusService, { getStatus: () => ({ namespaces }) });
    service(RebalanceControllerService, {
      getScores({ namespace }) {
        asked.push(namespace);
        return {};
      },
    });
  });
  const { code, error } = await createTestCli({ transport }).run('controllers', 'scores', ...args);
  return { code, error, asked };
}

describe('the namespace of a command', () => {
  test('is the one named', async () => {
    expect(await scoresOf(['carts', 'orders'], '-n', 'orders')).toEqual({
      code: 0,
      error: '',
      asked: ['orders'],
    });
  });

  test("is the service's only one when none is named", async () => {
    expect(await scoresOf(['carts'])).toEqual({ code: 0, error: '', asked: ['carts'] });
  });

  test('must be named where there are several', async () => {
    const { code, error, asked } = await scoresOf(['carts', 'orders']);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
    expect(error).toContain('FIELD_REQUIRED');
    expect(error).toContain('carts, orders');
  });
});
