import { fromBinary, toBinary, toJson } from '@bufbuild/protobuf';
import { type Command, Option } from 'commander';
import { unlessSilent } from '../../client/unless-silent.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import { replicaCount, shardCount } from '../../domain/snapshot.ts';
import { SnapshotSchema } from '../../gen/meshkit/rebalancer/v1/snapshot_pb.ts';
import { snapshotContentFromMessage } from '../../wire/snapshot-message.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatNumber, formatShare } from '../format.ts';
import { chosenNamespace } from '../namespace.ts';
import { type NamespaceOptions, withNamespace } from '../options.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';

interface SnapshotOptions extends NamespaceOptions {
  readonly digest?: string;
}

interface ExportOptions extends SnapshotOptions {
  readonly out: string;
  readonly form?: 'json' | 'binary';
}

/** `mesh snapshot ...` */
export function addSnapshotCommands(snapshot: Command, bind: Bind): void {
  snapshot.addHelpText(
    'after',
    examples(
      'mesh snapshot show --namespace orders',
      'mesh snapshot export --namespace orders --out orders.json',
    ),
  );
  withDigest(withNamespace(snapshot.command('show')))
    .description('show how large, how fresh and how complete a snapshot is')
    .addHelpText('after', examples('mesh snapshot show --namespace orders'))
    .action(
      bind(async (session, options: SnapshotOptions) => {
        const bytes = await download(session, options);
        const message = fromBinary(SnapshotSchema, bytes);
        if (session.json) printMessage(session, SnapshotSchema, message);
        else
          session.printText(
            describeSnapshot({ ...snapshotContentFromMessage(message), digest: message.digest }),
          );
        return 0;
      }),
    );
  withDigest(withNamespace(snapshot.command('export')))
    .description('write a snapshot to a file, for `plan --snapshot` and `fleet simulate --snapshot`')
    .requiredOption('--out <file>', 'file to write')
    .addOption(
      new Option(
        '--form <form>',
        "JSON, or binary for large fleets; by the file's ending when left out",
      ).choices(['json', 'binary']),
    )
    .addHelpText(
      'after',
      examples(
        'mesh snapshot export --namespace orders --out orders.json',
        'mesh snapshot export --namespace orders --out orders.binpb',
      ),
    )
    .action(
      bind(async (session, options: ExportOptions) => {
        const { signal } = session.context;
        const bytes = await download(session, options).catch((thrown: unknown) => {
          if (signal.aborted) return undefined;
          throw thrown;
        });
        if (!bytes) return exitCodes.interrupted;
        const asJson = (options.form ?? (options.out.endsWith('.json') ? 'json' : 'binary')) === 'json';
        const message = fromBinary(SnapshotSchema, bytes);
        const data = asJson
          ? `${JSON.stringify(toJson(SnapshotSchema, message))}\n`
          : toBinary(SnapshotSchema, message);
        await session.context.writeFile(options.out, data);
        session.context.terminal.error(`snapshot ${message.digest} written to ${options.out}\n`);
        return 0;
      }),
    );
}

function withDigest(command: Command): Command {
  return command.option('--digest <digest>', 'one that a plan refers to, instead of the newest');
}

/** A snapshot is put together and encoded before its first piece comes; no call waits longer than this. */
const silenceMs = 60_000;

/** The snapshot's binary form, in pieces of any number. */
async function download(session: Session, options: SnapshotOptions): Promise<Uint8Array> {
  const which =
    options.digest === undefined
      ? ({ case: 'namespace', value: await chosenNamespace(session, options) } as const)
      : ({ case: 'digest', value: options.digest } as const);
  const { clock, signal } = session.context;
  return session.call(async (client) => {
    const pieces: Uint8Array[] = [];
    const streamed = unlessSilent(
      (either) => client.snapshots.streamSnapshot({ snapshot: which }, { signal: either, timeoutMs: 0 }),
      { address: client.address, clock, signal, silenceMs },
    );
    for await (const piece of streamed) pieces.push(piece.data);
    return Buffer.concat(pieces);
  });
}

function describeSnapshot(snapshot: Snapshot): string {
  const { shards, nodes, dimensions, quality } = snapshot;
  const totals = dimensions.map((dimension, index) => {
    let load = 0;
    for (let at = index; at < shards.replicaLoads.length; at += dimensions.length)
      load += shards.replicaLoads[at];
    const capacity = nodes.reduce((sum, node) => sum + (node.capacity[index] ?? 0), 0);
    return `  ${dimension.name.padEnd(13)} ${formatNumber(load)} of ${formatNumber(capacity)} ${dimension.unit} (${capacity > 0 ? formatShare(load / capacity) : '-'})`;
  });
  const alive = nodes.filter((node) => node.status === 'alive').length;
  const sources = quality.sources.map((each) => `${each.source} ${formatShare(each.coverage)}`).join(', ');
  return [
    `${snapshot.namespace} (cluster ${snapshot.cluster}) at ${new Date(snapshot.takenAt).toISOString()}`,
    `  digest        ${snapshot.digest}`,
    `  nodes         ${nodes.length}, ${alive} alive`,
    `  shards        ${shardCount(shards)} with ${replicaCount(shards)} replicas`,
    ...totals,
    `  complete      ${formatShare(quality.completeness)}; ${formatNumber(quality.stalenessMs)} ms behind (${sources})`,
    '',
  ].join('\n');
}
