import { connect, createServer, type Socket } from 'node:net';

/** A way to a service on which UDP does not travel, as through many firewalls. */
export interface TcpRelay extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
}

/** @param target URL of the service */
export async function createTcpRelay(target: string): Promise<TcpRelay> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((front) => {
    const back = connect(Number(port), hostname);
    for (const [from, to] of [
      [front, back],
      [back, front],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      // Either end may go at any time; the other one learns of it.
      from.on('error', () => to.destroy());
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  return {
    url: `https://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
