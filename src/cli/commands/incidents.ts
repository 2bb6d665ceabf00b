import { create } from '@bufbuild/protobuf';
import { type Command, Option } from 'commander';
import { formatDuration } from '../../base/duration.ts';
import { type Incident, incidentSeverities } from '../../domain/incident.ts';
import { IncidentSchema, IncidentSeverity } from '../../gen/meshkit/rebalancer/v1/incident_pb.ts';
import { ListIncidentsResponseSchema } from '../../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import { incidentFromMessage } from '../../wire/incident-codec.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { type ReasonOptions, withReason } from '../options.ts';
import { printMessage } from '../print-message.ts';
import { textTable } from '../text-table.ts';
import { printWatched, type WatchAnswerOptions, withWatch } from '../watch-answer.ts';

interface OpenOptions extends ReasonOptions {
  readonly severity: Incident['severity'];
  readonly namespace: string;
}

const severityMessages = {
  info: IncidentSeverity.INFO,
  warning: IncidentSeverity.WARNING,
  critical: IncidentSeverity.CRITICAL,
} as const;

/** `mesh incidents ...` */
export function addIncidentCommands(incidents: Command, bind: Bind): void {
  incidents.addHelpText(
    'after',
    examples(
      'mesh incidents open "checkout latency" --severity critical --namespace orders',
      'mesh incidents list',
    ),
  );
  withReason(incidents.command('open <title>'))
    .description('open an incident: policy says from which severity moves are throttled or halted')
    .addOption(
      new Option('-s, --severity <severity>', 'how bad it is').choices(incidentSeverities).default('warning'),
    )
    .option('-n, --namespace <name>', 'only this namespace; the whole cluster when left out', '')
    .addHelpText(
      'after',
      examples('mesh incidents open "checkout latency" --severity critical --namespace orders'),
    )
    .action(
      bind(async (session, title: string, options: OpenOptions) => {
        const answer = await session.call((client) =>
          client.incidents.openIncident({
            title,
            severity: severityMessages[options.severity],
            namespace: options.namespace,
            source: 'operator',
            reason: options.reason,
            changeTicket: options.ticket,
          }),
        );
        if (session.json && answer.incident) printMessage(session, IncidentSchema, answer.incident);
        else
          session.printText(
            `Incident ${answer.incident?.id ?? ''} is open. Close it with: mesh incidents close ${answer.incident?.id ?? ''}\n`,
          );
        return 0;
      }),
    );
  withReason(incidents.command('close <incident>'))
    .description('close an incident: moves go on at their normal pace')
    .addHelpText('after', examples('mesh incidents close INCIDENT --reason "cache warmed up"'))
    .action(
      bind(async (session, id: string, options: ReasonOptions) => {
        const answer = await session.call((client) =>
          client.incidents.closeIncident({ id, reason: options.reason, changeTicket: options.ticket }),
        );
        if (session.json && answer.incident) printMessage(session, IncidentSchema, answer.incident);
        else session.printText(`Incident ${id} is closed.\n`);
        return 0;
      }),
    );
  withWatch(incidents.command('list').alias('ls'))
    .description('list open incidents')
    .addHelpText('after', examples('mesh incidents list --all'))
    .option('--all', 'closed ones as well')
    .action(
      bind(async (session, options: WatchAnswerOptions & { readonly all?: boolean }) =>
        printWatched(session, options, {}, async () => {
          const client = await session.client();
          const listed = await Array.fromAsync(client.listIncidents({ openOnly: !options.all }));
          if (session.json)
            printMessage(
              session,
              ListIncidentsResponseSchema,
              create(ListIncidentsResponseSchema, { incidents: listed }),
            );
          else
            session.printText(incidentsTable(listed.map(incidentFromMessage), session.context.clock.now()));
          return 0;
        }),
      ),
    );
}

function incidentsTable(incidents: readonly Incident[], nowMs: number): string {
  return textTable<Incident>(
    [
      { title: 'INCIDENT', value: (each) => each.id },
      { title: 'SEVERITY', value: (each) => each.severity },
      { title: 'NAMESPACE', value: (each) => each.namespace || '(cluster)' },
      { title: 'STATE', value: (each) => (each.closedAt > 0 ? 'closed' : 'open') },
      { title: 'AGE', align: 'right', value: (each) => formatDuration(Math.max(0, nowMs - each.openedAt)) },
      { title: 'BY', value: (each) => each.openedBy },
      { title: 'TITLE', value: (each) => each.title },
    ],
    incidents,
  );
}
