import { type Command, Option } from 'commander';
import { formatDuration } from '../../base/duration.ts';
import { moveSteps } from '../../domain/move.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { callFleet, type FleetOptions, withFleet } from '../fleet-connection.ts';
import { formatShare } from '../format.ts';
import { collect, durationMs, positive, share, wholeNumber } from '../options.ts';

interface SelectOptions extends FleetOptions {
  readonly node: readonly string[];
  readonly prefix: string;
  readonly limit: number;
  readonly factor: number;
}

/** What can be done to a simulated fleet. */
export function addFaultCommands(fleet: Command, bind: Bind): void {
  addNodeCommands(fleet, bind);
  addLoadCommands(fleet, bind);
  addMoverFaults(fleet, bind);
  withFleet(fleet.command('reset'))
    .description('forget what was counted so far')
    .addHelpText('after', examples('mesh fleet reset'))
    .action(
      bind(async (session, options: FleetOptions) => {
        await callFleet(options, (client) => client.resetStatistics({}));
        session.printText('Counting anew.\n');
        return 0;
      }),
    );
  withFleet(fleet.command('stop'))
    .description('end the simulated fleet')
    .addHelpText('after', examples('mesh fleet stop'))
    .action(
      bind(async (session, options: FleetOptions) => {
        await callFleet(options, (client) => client.shutdown({}));
        session.printText('The fleet is stopping.\n');
        return 0;
      }),
    );
}

function addNodeCommands(fleet: Command, bind: Bind): void {
  withFleet(fleet.command('kill <node>'))
    .description('kill a node with everything on it')
    .addHelpText('after', examples('mesh fleet kill n0001'))
    .action(
      bind(async (session, node: string, options: FleetOptions) => {
        const answer = await callFleet(options, (client) => client.killNode({ node }));
        session.printText(`Node ${node} is dead with ${answer.replicas} replicas.\n`);
        return 0;
      }),
    );
  withFleet(fleet.command('revive <node>'))
    .description('bring a killed node back')
    .addHelpText('after', examples('mesh fleet revive n0001'))
    .action(
      bind(async (session, node: string, options: FleetOptions) => {
        await callFleet(options, (client) => client.reviveNode({ node }));
        session.printText(`Node ${node} is alive.\n`);
        return 0;
      }),
    );
  withFleet(fleet.command('slow <node>'))
    .description('make a node answer and copy more slowly; factors of 1 make it normal again')
    .addHelpText(
      'after',
      examples(
        'mesh fleet slow n0001 --latency-factor 8',
        'mesh fleet slow n0001 --latency-factor 1 --copy-rate-factor 1',
      ),
    )
    .option('--latency-factor <x>', 'how much longer it takes to answer', positive, 5)
    .option('--copy-rate-factor <x>', 'share of its copy rate that is left', positive, 0.2)
    .action(
      bind(
        async (
          session,
          node: string,
          options: FleetOptions & { latencyFactor: number; copyRateFactor: number },
        ) => {
          const { latencyFactor, copyRateFactor } = options;
          await callFleet(options, (client) => client.slowNode({ node, latencyFactor, copyRateFactor }));
          session.printText(`Node ${node}: latency × ${latencyFactor}, copy rate × ${copyRateFactor}.\n`);
          return 0;
        },
      ),
    );
  withFleet(fleet.command('backlog <node>').argument('<pending>', 'items', wholeNumber))
    .description("set how many items wait in a node's queues")
    .addHelpText('after', examples('mesh fleet backlog n0001 50000'))
    .action(
      bind(async (session, node: string, pending: number, options: FleetOptions) => {
        const pendingCount = BigInt(pending);
        await callFleet(options, (client) => client.setQueueBacklog({ node, pendingCount }));
        session.printText(`Node ${node} has ${pendingCount} items waiting.\n`);
        return 0;
      }),
    );
  withFleet(fleet.command('errors <node>').argument('<share>', 'such as 0.25 or 25%', share))
    .description('set the share of requests that fail on a node')
    .addHelpText('after', examples('mesh fleet errors n0001 5%'))
    .action(
      bind(async (session, node: string, errorRate: number, options: FleetOptions) => {
        await callFleet(options, (client) => client.setErrorRate({ node, errorRate }));
        session.printText(`Node ${node} fails ${formatShare(errorRate)} of its requests.\n`);
        return 0;
      }),
    );
}

function addLoadCommands(fleet: Command, bind: Bind): void {
  withSelection(withFleet(fleet.command('hotspot')))
    .description('multiply the load of shards; a factor below 1 cools them down again')
    .addHelpText('after', examples('mesh fleet hotspot --node n1 --node n2 --factor 4'))
    .action(
      bind(async (session, options: SelectOptions) => {
        const answer = await callFleet(options, (client) =>
          client.setHotSpot({ select: selection(options), factor: options.factor }),
        );
        session.printText(`${answer.shards} shards carry ${options.factor} times their load.\n`);
        return 0;
      }),
    );
  withSelection(withFleet(fleet.command('burst')))
    .description('multiply the load of shards for a while')
    .addHelpText('after', examples('mesh fleet burst --prefix orders- --factor 2 --for 5m'))
    .option('--for <duration>', "how long, in the fleet's time", durationMs, 60_000)
    .action(
      bind(async (session, options: SelectOptions & { readonly for: number }) => {
        const answer = await callFleet(options, (client) =>
          client.burst({
            select: selection(options),
            factor: options.factor,
            durationMs: BigInt(Math.round(options.for)),
          }),
        );
        session.printText(
          `${answer.shards} shards carry ${options.factor} times their load for ${formatDuration(options.for)}.\n`,
        );
        return 0;
      }),
    );
}

function withSelection(command: Command): Command {
  return command
    .option('--node <node>', 'shards whose leader is on this node; repeatable', collect, [] as string[])
    .option('--prefix <text>', 'shards whose id begins so', '')
    .option('--limit <n>', 'at most so many shards; 0 for all', wholeNumber, 0)
    .option('--factor <x>', 'how many times their load', positive, 3);
}

function selection(options: SelectOptions): { nodes: string[]; prefix: string; limit: number } {
  return { nodes: [...options.node], prefix: options.prefix, limit: options.limit };
}

interface FaultOptions extends FleetOptions {
  readonly dropAnswers: number;
  readonly dropRequests: number;
  readonly duplicate: number;
  readonly stall?: boolean;
  readonly refuse?: string;
  readonly refuseShare: number;
  readonly retryable?: boolean;
}

function addMoverFaults(fleet: Command, bind: Bind): void {
  withFleet(fleet.command('fault'))
    .description('make the movement of shards misbehave; without options it behaves again')
    .addHelpText('after', examples('mesh fleet fault --drop-answers 10% --duplicate 5%', 'mesh fleet fault'))
    .option('--drop-answers <share>', 'share of answers that are lost after the work was done', share, 0)
    .option('--drop-requests <share>', 'share of requests that never arrive', share, 0)
    .option('--duplicate <share>', 'share of requests that arrive twice', share, 0)
    .option('--stall', 'copies do not get on')
    .addOption(new Option('--refuse <step>', 'refuse this step').choices(moveSteps))
    .option('--refuse-share <share>', 'share of those that are refused', share, 1)
    .option('--retryable', 'refusals say that trying again may help')
    .action(
      bind(async (session, options: FaultOptions) => {
        await callFleet(options, (client) =>
          client.injectFault({
            dropAnswerShare: options.dropAnswers,
            dropRequestShare: options.dropRequests,
            duplicateShare: options.duplicate,
            stallPrepares: options.stall ?? false,
            refuseStep: options.refuse ?? '',
            refuseShare: options.refuse ? options.refuseShare : 0,
            refuseRetryable: options.retryable ?? false,
          }),
        );
        session.printText('The faults are in force.\n');
        return 0;
      }),
    );
}
