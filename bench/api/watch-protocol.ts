import type { Place } from './stage.ts';

/** How a watch comes: gRPC, or server-sent events. */
export type WatchWire = 'grpc/h2' | 'grpc/h3' | 'sse/h2';

/** What a process that watches is told: as the first message, and that it is over. */
export type ToWatchers =
  | {
      readonly kind: 'open';
      readonly place: Place;
      readonly wire: WatchWire;
      /** Watches of each connection. */
      readonly connections: readonly number[];
      readonly name: string;
    }
  | { readonly kind: 'stop' };

/** What it answers. */
export type FromWatchers =
  | { readonly kind: 'started' }
  | { readonly kind: 'open'; readonly cpuSeconds: number }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'seen';
      readonly cpuSeconds: number;
      /** Seen a second time, or after a later one. */
      readonly twice: number;
      /** When each event came to each watcher, milliseconds since the epoch; NaN where it never did. */
      readonly events: readonly { readonly sequence: number; readonly atMs: Float64Array }[];
    };
