/**
 * Resolves in the next turn of the event loop: long work between two of them leaves room for everything else that
 * waits. Takes no time of any clock.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
