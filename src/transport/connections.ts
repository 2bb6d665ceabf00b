import type { Clock } from '../base/clock.ts';
import type { ListenerLimits } from './listener-limits.ts';

/** The connections of one listener, counted over TCP and QUIC together. */
export interface Connections {
  /**
   * Takes a connection in, or refuses it (undefined) when there are too many.
   *
   * @param address IP address of the other side
   * @param cut closes the connection at once; called for one that is idle or gives up too many calls
   */
  admit(address: string, cut: (reason: string) => void): Connection | undefined;
}

/** What is known of one connection. */
export interface Connection {
  /** Whether the connection may have another call at the same time. */
  opened(): boolean;
  /** After every `opened` that was true. */
  ended(wasGivenUp: boolean): void;
  /** The connection is gone. */
  closed(): void;
  /** Calls under way. */
  readonly calls: number;
}

export function createConnections(limits: ListenerLimits, clock: Clock): Connections {
  const perAddress = new Map<string, number>();
  let count = 0;
  return {
    admit(address, cut) {
      const here = perAddress.get(address) ?? 0;
      if (count >= limits.maxConnections || here >= limits.maxConnectionsPerAddress) return undefined;
      count += 1;
      perAddress.set(address, here + 1);
      return createConnection(limits, clock, cut, () => {
        count -= 1;
        const left = (perAddress.get(address) ?? 1) - 1;
        if (left > 0) perAddress.set(address, left);
        else perAddress.delete(address);
      });
    },
  };
}

function createConnection(
  limits: ListenerLimits,
  clock: Clock,
  cut: (reason: string) => void,
  left: () => void,
): Connection {
  let calls = 0;
  let isClosed = false;
  let resets = 0;
  let windowStart = clock.monotonic();
  let stopIdle = idle();

  function idle(): () => void {
    return clock.schedule(limits.idleTimeoutMs, () => {
      if (!isClosed && calls === 0) cut('idle');
    });
  }
  /** Rapid reset (CVE-2023-44487): each call costs the server more than the client that gives it up. */
  function countReset(): void {
    const now = clock.monotonic();
    if (now - windowStart > limits.resetWindowMs) {
      windowStart = now;
      resets = 0;
    }
    resets += 1;
    if (resets > limits.maxResets && !isClosed) cut('too many calls given up');
  }
  return {
    get calls() {
      return calls;
    },
    opened() {
      if (isClosed || calls >= limits.maxStreamsPerConnection) return false;
      calls += 1;
      if (calls === 1) stopIdle();
      return true;
    },
    ended(wasGivenUp) {
      calls -= 1;
      if (calls === 0 && !isClosed) stopIdle = idle();
      if (wasGivenUp) countReset();
    },
    closed() {
      if (isClosed) return;
      isClosed = true;
      stopIdle();
      left();
    },
  };
}
