import type { Command } from 'commander';
import { group } from '../options.ts';
import type { Bind } from '../program.ts';
import { addApproveCommand, addRejectCommand } from './plan-approve.ts';
import { addCancelCommand, addPauseCommand, addResumeCommand } from './plan-control.ts';
import { addPlanCommand } from './plan-create.ts';
import { addDiffCommand } from './plan-diff.ts';
import { addListCommand } from './plan-list.ts';
import { addRollbackCommand } from './plan-rollback.ts';
import { addShowCommand } from './plan-show.ts';
import { addWatchCommand } from './plan-watch.ts';

/** `mesh shards rebalance ...` */
export function addRebalanceCommands(program: Command, bind: Bind): void {
  const shards = group(program, 'shards', 'where shards live');
  const rebalance = group(shards, 'rebalance', 'make, approve, run, stop and take back plans of shard moves');
  addPlanCommand(rebalance, bind);
  addListCommand(rebalance, bind);
  addShowCommand(rebalance, bind);
  addDiffCommand(rebalance, bind);
  addApproveCommand(rebalance, bind);
  addRejectCommand(rebalance, bind);
  addCancelCommand(rebalance, bind);
  addPauseCommand(rebalance, bind);
  addResumeCommand(rebalance, bind);
  addRollbackCommand(rebalance, bind);
  addWatchCommand(rebalance, bind);
}
