import type { DescMethod } from '@bufbuild/protobuf';
import type { UniversalServerResponse } from '@connectrpc/connect/protocol';

/** A request that was understood as far as to know who answers it. */
export interface RoutedCall {
  /** `grpc`, `grpc-web`, `connect`, `rest`, `other`. */
  readonly protocol: string;
  /** `proto` or `json`. */
  readonly encoding: string;
  readonly method?: DescMethod;
  answer(): Promise<UniversalServerResponse>;
}
