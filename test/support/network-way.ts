import { createUdpRelay } from '../../src/client/transports/udp-relay.testing.ts';
import { createTcpRelay } from './tcp-relay.ts';

/** A way through a network to a service: TCP goes through, of UDP only what the network lets. */
export interface NetworkWay extends AsyncDisposable {
  /** Where clients find the service behind it. */
  readonly url: string;
}

export interface NetworkWayOptions {
  /** URL of the service to which TCP goes. */
  readonly tcp: string;
  /** URL of the service to which UDP goes; absent: it is swallowed without a word. */
  readonly udp?: string;
}

export async function openNetworkWay({ tcp, udp }: NetworkWayOptions): Promise<NetworkWay> {
  const front = await createTcpRelay(tcp);
  const target = udp === undefined ? undefined : Number(new URL(udp).port);
  const packets = await createUdpRelay(Number(new URL(front.url).port), target);
  return {
    url: front.url,
    async [Symbol.asyncDispose]() {
      packets[Symbol.dispose]();
      await front[Symbol.asyncDispose]();
    },
  };
}
