import { waitFor } from '../../scripts/support/wait-for.ts';
import { ControllerSchema } from '../../src/gen/meshkit/rebalancer/v1/controller_pb.ts';
import type { Cli } from './cli.ts';

/** A fleet reports its loads in rounds; a large one needs some of them. */
const limitMs = 60_000;

/** Waits until the service knows enough of the fleet's loads to plan by; it is ready before that. */
export function untilMeasured(cli: Cli): Promise<void> {
  return waitFor('the loads to be measured', limitMs, async () => {
    const { snapshotAt, verdicts } = await cli.read(ControllerSchema, ['controllers', 'show']);
    return (
      snapshotAt !== undefined && verdicts.every(({ code }) => code !== 'GUARDRAIL_TELEMETRY_INCOMPLETE')
    );
  });
}
