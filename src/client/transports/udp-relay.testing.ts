import { createSocket, type Socket } from 'node:dgram';

/** A way for UDP packets that can be blocked, as firewalls and hotels do. */
export interface UdpRelay extends Disposable {
  /** From now on packets go nowhere. */
  block(): void;
  unblock(): void;
}

/** Takes packets at `port` to `target` and the answers back; without a target it swallows them. */
export async function createUdpRelay(port: number, target: number | undefined): Promise<UdpRelay> {
  const front = createSocket('udp4');
  const backs = new Map<number, Socket>();
  let blocked = target === undefined;
  front.on('message', (packet, { port: from }) => {
    if (blocked || target === undefined) return;
    let back = backs.get(from);
    if (!back) {
      back = createSocket('udp4');
      backs.set(from, back);
      back.on('message', (answer) => {
        if (!blocked) front.send(answer, from, '127.0.0.1');
      });
    }
    back.send(packet, target, '127.0.0.1');
  });
  await new Promise<void>((done, failed) => {
    front.once('error', failed);
    front.bind(port, '127.0.0.1', done);
  });
  return {
    block() {
      blocked = true;
    },
    unblock() {
      blocked = target === undefined;
    },
    [Symbol.dispose]() {
      front.close();
      for (const back of backs.values()) back.close();
    },
  };
}
