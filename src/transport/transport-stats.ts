import type { Clock } from '../base/clock.ts';
import type { TransportDowngrade } from '../domain/transport-downgrade.ts';

export interface RequestKind {
  /** `h3`, `h2`, `h1`, `memory`. */
  readonly transport: string;
  /** `grpc`, `grpc-web`, `connect`, `rest`, `other`. */
  readonly protocol: string;
  /** `unary`, `server_streaming`, `client_streaming`, `bidi_streaming`, `none`. */
  readonly rpcKind: string;
}

export type Counted<T> = T & { readonly count: number };

/** Counters since the process started; their keys come from closed sets, so that nobody can make them many. */
export interface TransportStats {
  readonly since: number;
  countRequest(kind: RequestKind): void;
  countDowngrade(downgrade: TransportDowngrade): void;
  countDenial(code: string): void;
  requests(): readonly Counted<RequestKind>[];
  downgrades(): readonly Counted<TransportDowngrade>[];
  denials(): readonly Counted<{ readonly code: string }>[];
}

export function createTransportStats(clock: Pick<Clock, 'now'>): TransportStats {
  const requests = createCounters<RequestKind>();
  const downgrades = createCounters<TransportDowngrade>();
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
