import { toJson } from '@bufbuild/protobuf';
import { type Command, Option } from 'commander';
import {
  ExportAssignmentResponseSchema,
  type GetFleetResponse,
  GetFleetResponseSchema,
  type NodeState,
} from '../../gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import type { Bind } from '../action.ts';
import type { SimulateOptions } from '../cli-context.ts';
import { examples } from '../examples.ts';
import { callFleet, type FleetOptions, withFleet } from '../fleet-connection.ts';
import { formatNumber, formatShare } from '../format.ts';
import { positive, wholeNumber } from '../options.ts';
import { printMessage } from '../print-message.ts';
import { textTable } from '../text-table.ts';
import { addFaultCommands } from './fleet-faults.ts';

/** `mesh fleet ...`: a fleet to try things on. */
export function addFleetCommands(fleet: Command, bind: Bind): void {
  fleet.addHelpText(
    'after',
    examples(
      'mesh fleet simulate --nodes 30 --shards 2000 --seed 7',
      'mesh fleet hotspot --node n0001 --factor 3',
      'mesh fleet stats --nodes',
    ),
  );
  addSimulateCommand(fleet, bind);
  withFleet(fleet.command('stats'))
    .description('what the fleet has seen: balance, moves, healthy replicas')
    .addHelpText('after', examples('mesh fleet stats --nodes'))
    .option('--nodes', 'list the nodes as well')
    .action(
      bind(async (session, options: FleetOptions & { readonly nodes?: boolean }) => {
        const answer = await callFleet(options, (client) =>
          client.getFleet({ withNodes: options.nodes ?? false, withMoves: session.json }),
        );
        if (session.json) printMessage(session, GetFleetResponseSchema, answer);
        else
          session.printText(
            describeFleet(answer) + (options.nodes ? `\n${nodesTable(answer.nodeStates)}` : ''),
          );
        return 0;
      }),
    );
  withFleet(fleet.command('export'))
    .description('write where every replica is')
    .addHelpText('after', examples('mesh fleet export --out placement.json'))
    .requiredOption('--out <file>', 'file to write (JSON)')
    .action(
      bind(async (session, options: FleetOptions & { readonly out: string }) => {
        const answer = await callFleet(options, (client) => client.exportAssignment({}));
        const json = toJson(ExportAssignmentResponseSchema, answer, { alwaysEmitImplicit: true });
        await session.context.writeFile(options.out, `${JSON.stringify(json)}\n`);
        session.context.terminal.error(`${answer.placements.length} replicas written to ${options.out}\n`);
        return 0;
      }),
    );
  addFaultCommands(fleet, bind);
}

function addSimulateCommand(fleet: Command, bind: Bind): void {
  fleet
    .command('simulate')
    .description('run a simulated fleet until interrupted; prints one JSON line when it is ready')
    .option('--listen <host:port>', 'address to listen on', '127.0.0.1:7500')
    .option('--cluster <name>', 'cluster name', 'local')
    .addOption(
      new Option('-n, --namespace <name>', 'namespace of its shards (MESH_NAMESPACE)')
        .env('MESH_NAMESPACE')
        .default('default'),
    )
    .option('--seed <seed>', 'the same seed makes the same fleet', '1')
    .option('--nodes <n>', 'nodes', wholeNumber, 12)
    .option('--zones <n>', 'zones', wholeNumber, 3)
    .option('--regions <n>', 'regions', wholeNumber, 1)
    .option('--shards <n>', 'shards', wholeNumber, 240)
    .option('--replicas <n>', 'replicas per shard', wholeNumber, 3)
    .addOption(
      new Option('--profile <name>', 'how loads are distributed')
        .choices(['uniform', 'lognormal', 'zipf'])
        .default('lognormal'),
    )
    .option('--peak-to-mean <x>', 'imbalance at the start', positive, 1.1)
    .option('--time-scale <factor>', 'virtual seconds in a real one', positive, 1)
    .option('--snapshot <file>', 'start from a snapshot file instead of the generator')
    .option('--roadef <files...>', 'start from a ROADEF 2012 instance: MODEL ASSIGNMENT')
    .addHelpText(
      'after',
      examples(
        'mesh fleet simulate --nodes 30 --shards 2000 --seed 7',
        'mesh fleet simulate --snapshot fleet.json',
      ),
    )
    .action(
      bind(async (session, options: SimulateOptions) =>
        session.context.services.simulateFleet(options, session.context),
      ),
    );
}

function describeFleet(fleet: GetFleetResponse): string {
  const balance = fleet.dimensions.map(
    (each) =>
      `  ${each.name.padEnd(12)} peak/mean ${each.peakToMean.toFixed(3)}, peak ${formatShare(each.peakUtilization)} on ${each.peakNode}, ${formatNumber(each.totalLoad)} of ${formatNumber(each.totalCapacity)} ${each.unit}`,
  );
  return [
    `${fleet.namespace} (cluster ${fleet.cluster}): ${fleet.aliveNodes} of ${fleet.nodes} nodes alive, ${fleet.shards} shards, ${fleet.replicas} replicas`,
    ...balance,
    `  moves        ${fleet.executedMoves} executed, ${fleet.concurrentMoves} running, at most ${fleet.maxConcurrentMoves} at once`,
    `  safety       never fewer than ${fleet.minHealthyReplicas} healthy replicas, ${fleet.repeatedEffects} repeated effects, ${fleet.overCommits} over-commits`,
    '',
  ].join('\n');
}

function nodesTable(nodes: readonly NodeState[]): string {
  return textTable<NodeState>(
    [
      { title: 'NODE', value: (each) => each.node },
      { title: 'ZONE', value: (each) => each.zone },
      { title: 'ALIVE', value: (each) => (each.alive ? 'yes' : 'no') },
      { title: 'REPLICAS', align: 'right', value: (each) => String(each.replicas) },
      { title: 'LOAD', align: 'right', value: (each) => formatShare(each.utilization) },
      { title: 'P99', align: 'right', value: (each) => `${formatNumber(each.latencyP99Ms)} ms` },
      { title: 'ERRORS', align: 'right', value: (each) => formatShare(each.errorRate) },
      {
        title: 'BACKLOG',
        align: 'right',
        value: (each) => `${each.pendingCount}${each.backpressure ? ' (backpressure)' : ''}`,
      },
    ],
    nodes,
  );
}
