/** Entry point of the planner's thread: one order in, one reply out, in order. */
import { err, ok } from '../../base/result.ts';
import { checkExtension } from '../../planning/conformance/check-extension.ts';
import { explainWithExtensions, planWithExtensions } from '../../planning/plan-with-extensions.ts';
import { beatPulse } from './extension-pulse.ts';
import { parameterProblems, parametersFor } from './given-parameters.ts';
import { loadModules } from './load-modules.ts';
import type { CheckOrder, PlanOrder, WorkerOrder, WorkerReply } from './messages.ts';
import { type PlannerAnswer, policyOf } from './planner-task.ts';
import { receiveTask } from './sent-task.ts';

declare const self: Worker;

self.onmessage = async (event: MessageEvent<WorkerOrder>) => {
  self.postMessage(await reply(event.data));
};

async function reply(order: WorkerOrder): Promise<WorkerReply> {
  const { id } = order;
  try {
    if (order.kind === 'check') return { id, kind: 'checked', checked: await check(order) };
    return { id, kind: 'answer', answer: await answerTo(order) };
  } catch (thrown) {
    return {
      id,
      kind: 'crash',
      message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    };
  }
}

async function answerTo(order: PlanOrder): Promise<PlannerAnswer> {
  const task = receiveTask(order.sent);
  // Modules are loaded once per thread; a plan that names no extension does not wait for them.
  const loaded = policyOf(task).placement.extensions.length > 0 ? await loadModules(order.modules) : ok([]);
  if (!loaded.ok) return loaded;
  const watcher = order.pulse && beatPulse(order.pulse);
  if (task.kind === 'explain') return explainWithExtensions(task.request, loaded.value, watcher);
  const end = performance.now() + order.searchMs;
  const stop = { shouldStop: () => performance.now() > end };
  return planWithExtensions(task.request, stop, loaded.value, watcher);
}

type Checked = Extract<WorkerReply, { kind: 'checked' }>['checked'];

async function check({ modules, states, seed, parameters }: CheckOrder): Promise<Checked> {
  const loaded = await loadModules(modules);
  if (!loaded.ok) return loaded;
  const problems = parameterProblems(loaded.value, parameters);
  if (problems.length > 0) return err(problems);
  const checked = loaded.value.map((definition) => {
    const { name, description, parameters: schema } = definition;
    return {
      extension: { name, description, parameters: schema },
      report: checkExtension(definition, {
        states,
        seed,
        parameters: parametersFor(definition, parameters),
        now: () => performance.now(),
      }),
    };
  });
  return ok(checked);
}
