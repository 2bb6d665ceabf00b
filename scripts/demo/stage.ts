import { join } from 'node:path';
import { type MeshProcess, startMesh } from '../support/mesh-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { createOperator, type Operator } from './operator.ts';

/** A fleet and a service that run side by side, and somebody who operates them. */
export interface Stage {
  readonly fleet: MeshProcess;
  readonly service: MeshProcess;
  readonly operator: Operator;
  stop(): Promise<void>;
}

export interface StageOptions {
  /** Where the service keeps its state. */
  readonly folder: string;
  readonly namespace: string;
  readonly fleetArguments: readonly string[];
  readonly say: (text: string) => void;
}

/** Starts both on free ports and waits until the service has seen the fleet. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { namespace, say } = options;
  const fleet = await startMesh([
    'fleet',
    'simulate',
    '--listen',
    '127.0.0.1:0',
    '--cluster',
    'demo',
    '-n',
    namespace,
    ...options.fleetArguments,
  ]);
  say(`The fleet runs at ${fleet.url} (process ${fleet.pid}).\n`);
  let service: MeshProcess;
  try {
    service = await startMesh([
      ...['rebalancer', 'serve', '--dev', '--listen', '127.0.0.1:0', '--cluster', 'demo', '-n', namespace],
      ...['--fleet', fleet.url, '--data-dir', join(options.folder, 'data'), '--log-level', 'warn'],
    ]);
  } catch (error) {
    await fleet.stop();
    throw error;
  }
  say(`The rebalancer runs at ${service.url} (process ${service.pid}).\n`);
  const operator = createOperator(String(service.ready.config), fleet.url, say);
  const stage: Stage = {
    fleet,
    service,
    operator,
    async stop() {
      await service.stop();
      await fleet.stop();
    },
  };
  try {
    await waitFor(
      'the service to see the fleet',
      60_000,
      async () => (await operator.json<{ ready: boolean }>(['status'])).ready,
    );
  } catch (error) {
    await stage.stop();
    throw error;
  }
  return stage;
}

/** Waits for Ctrl-C. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
