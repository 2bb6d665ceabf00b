import type { Clock } from '../base/clock.ts';

/** Why a client that wanted a newer HTTP version uses an older one. */
export const downgradeReasons = [
  'udp_blocked',
  'timeout',
  'handshake_failed',
  'no_alt_svc',
  'version',
  'disabled',
] as const;
export type DowngradeReason = (typeof downgradeReasons)[number];

export interface RequestKind {
  /** `h3`, `h2`, `h1`, `memory`. */
  readonly transport: string;
  /** `grpc`, `grpc-web`, `connect`, `rest`, `other`. */
  readonly protocol: string;
  /** `unary`, `server_streaming`, `client_streaming`, `bidi_streaming`, `none`. */
  readonly rpcKind: string;
}

export interface Downgrade {
  readonly from: string;
  readonly to: string;
  readonly reason: DowngradeReason;
}

export type Counted<T> = T & { readonly count: number };

/** Counters since the process started; their keys come from closed sets, so that nobody can make them many. */
export interface TransportStats {
  readonly since: number;
  countRequest(kind: RequestKind): void;
  countDowngrade(downgrade: Downgrade): void;
  countDenial(code: string): void;
  requests(): readonly Counted<RequestKind>[];
  downgrades(): readonly Counted<Downgrade>[];
  denials(): readonly Counted<{ readonly code: string }>[];
}

export function createTransportStats(clock: Pick<Clock, 'now'>): TransportStats {
  const requests = createCounters<RequestKind>();
  const downgrades = createCounters<Downgrade>();
  const denials = createCounters<{ readonly code: string }>();
  return {
    since: clock.now(),
    countRequest: (kind) => requests.count(`${kind.transport} ${kind.protocol} ${kind.rpcKind}`, kind),
    countDowngrade: (each) => downgrades.count(`${each.from} ${each.to} ${each.reason}`, each),
    countDenial: (code) => denials.count(code, { code }),
    requests: requests.list,
    downgrades: downgrades.list,
    denials: denials.list,
  };
}

interface Counters<T> {
  count(key: string, labels: T): void;
  /** By key. */
  list(): readonly Counted<T>[];
}

function createCounters<T extends object>(): Counters<T> {
  const entries = new Map<string, { readonly labels: T; count: number }>();
  return {
    count(key, labels) {
      const entry = entries.get(key);
      if (entry) entry.count += 1;
      else entries.set(key, { labels, count: 1 });
    },
    list: () =>
      [...entries]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([, { labels, count }]) => ({ ...labels, count })),
  };
}
