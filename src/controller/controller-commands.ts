import { err, ok, type Result } from '../base/result.ts';
import type { CommandContext } from '../domain/principal.ts';
import { findUnit, refuse } from './command-support.ts';
import { readRecord } from './controller-store.ts';
import type { CommandDeps, NamespaceUnit } from './core-deps.ts';
import type { WorldView } from './namespace-world.ts';
import { readPlanHistory } from './plan-history.ts';
import { type Problems, someProblems } from './problems.ts';
import type { ControllerCommands, ControllerView } from './rebalancer.ts';
import { standingVerdicts } from './standing-verdicts.ts';

export function createControllerCommands(deps: CommandDeps): ControllerCommands {
  return {
    list: () => Promise.all([...deps.units.values()].map((unit) => viewOf(deps, unit))),
    async get(namespace) {
      const unit = findUnit(deps, namespace);
      return unit.ok ? ok(await viewOf(deps, unit.value)) : unit;
    },
    async evaluate(namespace, context) {
      const about = { action: 'controller.evaluate', namespace, subject: `controller/${namespace}` };
      const unit = findUnit(deps, namespace);
      if (!unit.ok) return refuse(deps, about, context, unit.error);
      const seen = await unit.value.world.glance();
      if (!seen.ok) return refuse(deps, about, context, seen.error);
      const audited = await deps.store.commit({ audit: [evaluateAudit(deps, about, context)] });
      if (!audited.ok) return err(someProblems([audited.error], 'the command could not be audited'));
      await unit.value.evaluateNow();
      return ok(await viewOf(deps, unit.value));
    },
    async snapshot(namespace) {
      const seen = await lookAt(deps, namespace);
      return seen.ok ? ok(seen.value.snapshot) : seen;
    },
    async scores(namespace) {
      const seen = await lookAt(deps, namespace);
      if (!seen.ok) return seen;
      return ok({ snapshotDigest: seen.value.snapshot.digest, nodes: seen.value.scores.nodes });
    },
  };
}

async function lookAt(deps: CommandDeps, namespace: string): Promise<Result<WorldView, Problems>> {
  const unit = findUnit(deps, namespace);
  return unit.ok ? unit.value.world.glance() : unit;
}

async function viewOf(deps: CommandDeps, { namespace, world }: NamespaceUnit): Promise<ControllerView> {
  const now = deps.clock.now();
  const stored = await readRecord(deps.store, deps.cluster, namespace, now);
  const view = world.view();
  // The record is written when it changes; a look that changed nothing still was one.
  const lookedAt = Math.max(stored.lastEvaluatedAt, view?.snapshot.takenAt ?? 0);
  const record = { ...stored, lastEvaluatedAt: lookedAt };
  const { policy } = await world.policies();
  if (!view) {
    return { record, mode: policy.mode, snapshotDigest: '', snapshotAt: 0, peakToMean: 0, verdicts: [] };
  }
  const history = await readPlanHistory(deps.store, deps.cluster, namespace);
  return {
    record,
    mode: policy.mode,
    snapshotDigest: view.snapshot.digest,
    snapshotAt: view.snapshot.takenAt,
    peakToMean: Math.max(0, ...view.balances.map((balance) => balance.peakToMean)),
    verdicts: standingVerdicts({ ...view, policy }, history, 'start', now),
  };
}

function evaluateAudit(
  deps: CommandDeps,
  about: { readonly action: string; readonly namespace: string; readonly subject: string },
  { principal, reason, changeTicket, transport }: CommandContext,
) {
  const at = deps.clock.now();
  const who = { actor: principal.id, reason, changeTicket, transport };
  return { at, cluster: deps.cluster, ...about, ...who, outcome: 'ok', before: '', after: '', details: {} };
}
