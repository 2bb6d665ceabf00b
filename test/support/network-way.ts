import { connect, createServer, type Server, type Socket } from 'node:net';
import { createUdpRelay } from '../../src/client/transports/udp-relay.testing.ts';

/** A way through a network to a service: TCP goes through, of UDP only what the network lets. */
export interface NetworkWay extends AsyncDisposable {
  /** Where clients find the service behind it. */
  readonly url: string;
}

export interface NetworkWayOptions {
  /** Port to which TCP goes. */
  readonly tcp: number;
  /** Port to which UDP goes; absent: it is swallowed without a word. */
  readonly udp?: number;
}

export async function openNetworkWay({ tcp, udp }: NetworkWayOptions): Promise<NetworkWay> {
  const sockets = new Set<Socket>();
  const front = createServer((here) => {
    const there = connect(tcp, '127.0.0.1');
    for (const [from, to] of [
      [here, there],
      [there, here],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  const port = await listen(front);
  const relay = await createUdpRelay(port, udp);
  return {
    url: `https://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      relay[Symbol.dispose]();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => front.close(() => done()));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was had');
  return address.port;
}
