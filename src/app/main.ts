import manifest from '../../package.json' with { type: 'json' };
import { runCli } from '../cli/program.ts';
import { createProcessContext } from './process-context.ts';

/** The executable. The services are loaded when they are asked for, so that small commands start at once. */
const context = createProcessContext(manifest.version, {
  serve: async (options, cli) => (await import('./serve.ts')).serve(options, cli),
  planOffline: async (request) => (await import('./plan-offline.ts')).planOffline(request),
  simulateFleet: async (options, cli) => (await import('./simulate-fleet.ts')).simulateFleet(options, cli),
});
process.exit(await runCli(process.argv.slice(2), context));
