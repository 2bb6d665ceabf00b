/** Runs tasks one after the other in the order of their arrival. */
export interface Serial {
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Tasks that run or wait. */
  size(): number;
}

/** Tasks that may wait for one namespace at the same time; more means that callers do not wait for their answers. */
export const maxWaitingTasks = 256;

/** @throws Error from `run` when `maxWaitingTasks` wait already. */
export function createSerial(): Serial {
  let tail: Promise<unknown> = Promise.resolve();
  let size = 0;
  return {
    run(task) {
      if (size >= maxWaitingTasks)
        throw new Error(`more than ${maxWaitingTasks} tasks wait for one namespace`);
      size++;
      const result = tail.then(task).finally(() => {
        size--;
      });
      tail = result.catch(() => {});
      return result;
    },
    size: () => size,
  };
}
