/** Names of an instance's things in a fleet. Padded, so that their order is that of the file. */
const width = 7;

export const machineName = (machine: number): string => `m${String(machine).padStart(width, '0')}`;

/** The shard and the group of a service. */
export const serviceName = (service: number): string => `s${String(service).padStart(width, '0')}`;

/** Index of the machine with the name; -1 when it is none. */
export function machineOf(name: string): number {
  return /^m\d+$/.test(name) ? Number(name.slice(1)) : -1;
}
