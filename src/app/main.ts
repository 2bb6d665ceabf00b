import manifest from '../../package.json' with { type: 'json' };
import { runCli } from '../cli/program.ts';
import { expectLostReaders } from './lost-reader.ts';
import { createProcessContext } from './process-context.ts';

/** The executable. The services are loaded when they are asked for, so that small commands start at once. */
let isService = false;
expectLostReaders(() => isService);
const context = createProcessContext(manifest.version, {
  serve: async (options, cli) => {
    isService = true;
    return (await import('./serve.ts')).serve(options, cli);
  },
  planOffline: async (request) => (await import('./plan-offline.ts')).planOffline(request),
  checkPlannerModule: async (request) =>
    (await import('./check-planner-module.ts')).checkPlannerModule(request),
  whatIfOffline: async (request) => (await import('./plan-offline.ts')).whatIfOffline(request),
  explainOffline: async (request) => (await import('./plan-offline.ts')).explainOffline(request),
  simulateFleet: async (options, cli) => {
    isService = true;
    return (await import('./simulate-fleet.ts')).simulateFleet(options, cli);
  },
});
const exitCode = await runCli(process.argv.slice(2), context);
// Connections that are kept open would hold the process; what was written must be out before it ends.
await Promise.all([process.stdout, process.stderr].map(finish));
process.exit(exitCode);

/** Also when the reader went away (`mesh ... | head`): then there is nothing left to do. */
function finish(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    stream.once('error', () => done());
    stream.end(() => done());
  });
}
