/** Counts the moves in flight over all namespaces of a cluster, so that their executors share the cluster's cap. */
export interface ClusterGate {
  inFlight(): number;
  /** Takes a place when fewer than `limit` are taken; the answer gives it back, once however often it is called. */
  tryEnter(limit: number): (() => void) | undefined;
  /** Takes a place whatever the limit: for moves that a restart finds under way in the fleet. */
  enter(): () => void;
}

export function createClusterGate(): ClusterGate {
  let taken = 0;

  function enter(): () => void {
    taken++;
    let held = true;
    return () => {
      if (held) taken--;
      held = false;
    };
  }

  return {
    inFlight: () => taken,
    tryEnter: (limit) => (taken < limit ? enter() : undefined),
    enter,
  };
}
