import { afterEach, expect, test } from 'bun:test';
import type { PeerSource } from '../ports/telemetry-sources.ts';
import { type Bench, createBench, value } from './rebalancer.testing.ts';

const minute = 60_000;
let bench: Bench;
afterEach(() => bench.stop());

/** Gossip that is silent until it is opened. */
function gated(peers: PeerSource): { readonly source: PeerSource; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    open: () => open(),
    source: {
      async *watch(signal) {
        await opened;
        yield* peers.watch(signal);
      },
    },
  };
}

test('a controller that saw nothing when it started looks again as soon as it can, and says so', async () => {
  let open = (): void => {};
  bench = await createBench({
    policy: { triggers: { evaluationIntervalMs: 30 * minute } },
    between: (ports) => {
      const gate = gated(ports.peers);
      open = gate.open;
      return { ...ports, peers: gate.source };
    },
  });
  const shown = async () => value(await bench.core().controllers.get('orders'));
  expect((await bench.store.controllers())[0]?.diagnosis.code).toBe('SNAPSHOT_EMPTY');
  open();
  await bench.clock.advance(2_000);
  expect((await bench.store.controllers())[0]?.diagnosis.code).toBe('steady');
  const view = await shown();
  expect(view.record.diagnosis).toEqual({ code: 'steady', message: 'the fleet can be seen' });
  expect(view.snapshotDigest).toStartWith('sha256:');
});
