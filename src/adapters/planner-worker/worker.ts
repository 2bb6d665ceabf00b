/** Entry point of the planner's thread: one order in, one reply out, in order. */
import { err, ok } from '../../base/result.ts';
import { checkExtension } from '../../planning/conformance/check-extension.ts';
import { planWithExtensions } from '../../planning/plan-with-extensions.ts';
import { beatPulse } from './extension-pulse.ts';
import { parameterProblems, parametersFor } from './given-parameters.ts';
import { loadModules } from './load-modules.ts';
import type { CheckOrder, PlanOrder, WorkerOrder, WorkerReply } from './messages.ts';

declare const self: Worker;

self.onmessage = async (event: MessageEvent<WorkerOrder>) => {
  self.postMessage(await reply(event.data));
};

async function reply(order: WorkerOrder): Promise<WorkerReply> {
  try {
    return order.kind === 'plan' ? await plan(order) : await check(order);
  } catch (thrown) {
    return {
      id: order.id,
      kind: 'crash',
      message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    };
  }
}

async function plan({ id, request, modules, pulse, isTimed }: PlanOrder): Promise<WorkerReply> {
  // Modules are loaded once per thread; a plan that names no extension does not wait for them.
  const isExtended = request.policy.placement.extensions.length > 0;
  const loaded = isExtended ? await loadModules(modules) : ok([]);
  if (!loaded.ok) return { id, kind: 'answer', answer: loaded };
  const end = isTimed ? performance.now() + request.policy.budget.maxSearchMs : Number.POSITIVE_INFINITY;
  const stop = { shouldStop: () => performance.now() > end };
  const answer = planWithExtensions(request, stop, loaded.value, pulse && beatPulse(pulse));
  return { id, kind: 'answer', answer };
}

async function check({ id, modules, states, seed, parameters }: CheckOrder): Promise<WorkerReply> {
  const loaded = await loadModules(modules);
  if (!loaded.ok) return { id, kind: 'checked', checked: loaded };
  const problems = parameterProblems(loaded.value, parameters);
  if (problems.length > 0) return { id, kind: 'checked', checked: err(problems) };
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
  return { id, kind: 'checked', checked: ok(checked) };
}
