import type { Command } from 'commander';
import type { Bind } from './action.ts';

/** A command of the first level. The rest of it, and the code behind it, is loaded when it is asked for. */
export interface CommandGroup {
  readonly name: string;
  readonly description: string;
  /** The function that gives the command its own commands, or its options and action. */
  load(): Promise<(command: Command, bind: Bind) => void>;
}

/** In the order in which help lists them. */
export const commandGroups: readonly CommandGroup[] = [
  {
    name: 'shards',
    description: 'where shards live',
    load: async () => (await import('./commands/shards.ts')).addShardCommands,
  },
  {
    name: 'policies',
    description: 'what the owners of a namespace want of its rebalancing',
    load: async () => (await import('./commands/policies.ts')).addPolicyCommands,
  },
  {
    name: 'incidents',
    description: 'conditions under which moves are slowed or halted',
    load: async () => (await import('./commands/incidents.ts')).addIncidentCommands,
  },
  {
    name: 'webhooks',
    description: 'receivers of events, and what they would not take',
    load: async () => (await import('./commands/webhooks.ts')).addWebhookCommands,
  },
  {
    name: 'peers',
    description: 'the nodes that hold replicas',
    load: async () => (await import('./commands/peers.ts')).addPeerCommands,
  },
  {
    name: 'controllers',
    description: 'what the service sees and why it does or does not act',
    load: async () => (await import('./commands/controllers.ts')).addControllerCommands,
  },
  {
    name: 'audit',
    description: 'who did what, when and why, in a chain that cannot be altered unseen',
    load: async () => (await import('./commands/audit.ts')).addAuditCommands,
  },
  {
    name: 'snapshot',
    description: 'the fleet as the service sees it',
    load: async () => (await import('./commands/snapshot.ts')).addSnapshotCommands,
  },
  {
    name: 'rebalancer',
    description: 'the service',
    load: async () => (await import('./commands/service.ts')).addServiceCommands,
  },
  {
    name: 'transport',
    description: 'by which protocols the service is reached',
    load: async () => (await import('./commands/transport.ts')).addTransportCommands,
  },
  {
    name: 'planner',
    description: 'modules with rules and terms of your own',
    load: async () => (await import('./commands/planner.ts')).addPlannerCommands,
  },
  {
    name: 'config',
    description: 'how the service is reached, and as whom',
    load: async () => (await import('./commands/config.ts')).addConfigCommands,
  },
  {
    name: 'doctor',
    description: 'find out what is wrong between here and the service',
    load: async () => (await import('./commands/doctor.ts')).defineDoctorCommand,
  },
  {
    name: 'completion',
    description: 'print a script by which a shell completes command lines',
    load: async () => (await import('./commands/completion.ts')).defineCompletionCommand,
  },
  {
    name: 'status',
    description: 'show what runs at the address and whether it is ready',
    load: async () => (await import('./commands/status.ts')).defineStatusCommand,
  },
  {
    name: 'version',
    description: 'print the version of this program',
    load: async () => (await import('./commands/version.ts')).defineVersionCommand,
  },
  {
    name: 'fleet',
    description: 'a simulated fleet to try things on',
    load: async () => (await import('./commands/fleet.ts')).addFleetCommands,
  },
];
