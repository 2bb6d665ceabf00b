import type { Command } from 'commander';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { addApproveCommand, addRejectCommand } from './plan-approve.ts';
import { addCancelCommand, addPauseCommand, addResumeCommand } from './plan-control.ts';
import { addPlanCommand } from './plan-create.ts';
import { addDiffCommand } from './plan-diff.ts';
import { addExplainCommand } from './plan-explain.ts';
import { addListCommand } from './plan-list.ts';
import { addRollbackCommand } from './plan-rollback.ts';
import { addShowCommand } from './plan-show.ts';
import { addWatchCommand } from './plan-watch.ts';

/** `mesh shards rebalance ...` */
export function addShardCommands(shards: Command, bind: Bind): void {
  shards.addHelpText('after', examples('mesh shards rebalance plan --namespace orders --dry-run'));
  const rebalance = shards
    .command('rebalance')
    .description('make, approve, run, stop and take back plans of shard moves')
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        'mesh shards rebalance plan --namespace orders --reason "n12 is hot"',
        'mesh shards rebalance approve PLAN --digest sha256:... --wait',
        'mesh shards rebalance rollback PLAN --reason "latency regressed"',
      ),
    );
  addPlanCommand(rebalance, bind);
  addListCommand(rebalance, bind);
  addShowCommand(rebalance, bind);
  addExplainCommand(rebalance, bind);
  addDiffCommand(rebalance, bind);
  addApproveCommand(rebalance, bind);
  addRejectCommand(rebalance, bind);
  addCancelCommand(rebalance, bind);
  addPauseCommand(rebalance, bind);
  addResumeCommand(rebalance, bind);
  addRollbackCommand(rebalance, bind);
  addWatchCommand(rebalance, bind);
}
