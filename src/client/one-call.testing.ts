import { createMeshClient } from './mesh-client.ts';
import type { TransportChoice } from './transports/transport-choice.ts';

/** A program of its own: one call, and then its end, with nothing that forces it. */
const [address = '', ca = '', transport = 'auto'] = process.argv.slice(2);
const client = createMeshClient({ address, ca, transport: transport as TransportChoice });
const { version } = await client.status.getStatus({});
await client.close();
process.stdout.write(`${version} over ${client.transport().used}\n`);
