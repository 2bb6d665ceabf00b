import type { Command } from 'commander';
import { AdminState, NodeStatus } from '../../gen/meshkit/rebalancer/v1/node_pb.ts';
import {
  ListNodesResponseSchema,
  type NodeView,
  NodeViewSchema,
} from '../../gen/meshkit/rebalancer/v1/node_service_pb.ts';
import type { Bind } from '../action.ts';
import { type ConfirmOptions, confirm, withConfirmation } from '../confirm.ts';
import { examples } from '../examples.ts';
import { formatNumber, formatShare } from '../format.ts';
import { chosenNamespace } from '../namespace.ts';
import { type NamespaceOptions, type ReasonOptions, withNamespace, withReason } from '../options.ts';
import { printMessage } from '../print-message.ts';
import { type Column, textTable } from '../text-table.ts';
import { printWatched, type WatchAnswerOptions, withWatch } from '../watch-answer.ts';
import { waitUntilEmpty } from './drain-wait.ts';

/** `mesh peers ...` */
export function addPeerCommands(peers: Command, bind: Bind): void {
  peers.addHelpText(
    'after',
    examples(
      'mesh peers list --namespace orders',
      'mesh peers drain n12 --reason "kernel upgrade" --ticket CHG-1042',
    ),
  );
  withWatch(withNamespace(peers.command('list').alias('ls')))
    .description('list nodes with their health, what they carry and how they are wanted')
    .addHelpText('after', examples('mesh peers list --namespace orders'))
    .action(
      bind(async (session, options: NamespaceOptions & WatchAnswerOptions) => {
        const namespace = await chosenNamespace(session, options);
        return printWatched(session, options, {}, async () => {
          const answer = await session.call((client) => client.nodes.listNodes({ namespace }));
          if (session.json) printMessage(session, ListNodesResponseSchema, answer);
          else session.printText(nodesTable(answer.nodes));
          return 0;
        });
      }),
    );
  addStateCommand(
    peers,
    bind,
    'drain',
    AdminState.DRAINING,
    'vacate a node: a plan moves everything away, and nothing new comes',
  );
  addStateCommand(
    peers,
    bind,
    'cordon',
    AdminState.CORDONED,
    'let nothing new come to a node; what is there stays',
  );
  addStateCommand(
    peers,
    bind,
    'uncordon',
    AdminState.ACTIVE,
    'take a cordoned or draining node back into use',
  );
}

interface StateOptions extends ReasonOptions, ConfirmOptions {
  readonly wait?: boolean;
}

function addStateCommand(
  parent: Command,
  bind: Bind,
  name: string,
  adminState: AdminState,
  description: string,
): void {
  const command = withReason(parent.command(`${name} <node>`)).description(description);
  if (adminState === AdminState.DRAINING)
    withConfirmation(command).option('-w, --wait', 'wait until the node carries nothing any more');
  command
    .addHelpText('after', examples(`mesh peers ${name} n12 --reason "kernel upgrade" --ticket CHG-1042`))
    .action(
      bind(async (session, node: string, options: StateOptions) => {
        const refused =
          adminState === AdminState.DRAINING
            ? await confirm(session, options, `Move everything away from node ${node}`)
            : undefined;
        if (refused !== undefined) return refused;
        const answer = await session.call((client) =>
          client.nodes.setAdminState({
            node,
            adminState,
            reason: options.reason,
            changeTicket: options.ticket,
          }),
        );
        if (session.json && answer.node) printMessage(session, NodeViewSchema, answer.node);
        else
          session.printText(
            `Node ${node} is ${adminName(adminState)}; it carries ${answer.node?.replicas ?? 0n} replicas.\n`,
          );
        return options.wait ? waitUntilEmpty(session, node) : 0;
      }),
    );
}

function nodesTable(nodes: readonly NodeView[]): string {
  const dimensions = nodes[0]?.dimensions ?? [];
  const columns: Column<NodeView>[] = [
    { title: 'NODE', value: (each) => each.node?.id ?? '' },
    { title: 'ZONE', value: (each) => each.node?.zone ?? '' },
    { title: 'STATUS', value: (each) => (NodeStatus[each.node?.status ?? 0] ?? '').toLowerCase() },
    { title: 'WANTED', value: (each) => adminName(each.node?.adminState ?? AdminState.UNSPECIFIED) },
    { title: 'REPLICAS', align: 'right', value: (each) => String(each.replicas) },
    { title: 'LEADERS', align: 'right', value: (each) => String(each.leaders) },
    ...dimensions.map(
      (name, index): Column<NodeView> => ({
        title: name.toUpperCase(),
        align: 'right',
        value: (each) => utilisation(each, index),
      }),
    ),
    { title: 'DISTRESS', align: 'right', value: (each) => each.distress.toFixed(2) },
  ];
  return textTable(columns, nodes);
}

/** `11.2 (70.0%)` */
function utilisation(view: NodeView, dimension: number): string {
  const load = view.loads[dimension] ?? 0;
  const capacity = view.node?.capacity[dimension] ?? 0;
  return capacity > 0 ? `${formatNumber(load)} (${formatShare(load / capacity)})` : formatNumber(load);
}

function adminName(state: AdminState): string {
  return (AdminState[state] ?? '').toLowerCase();
}
