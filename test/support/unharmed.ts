import { expect } from 'bun:test';
import { spawnSync } from 'node:child_process';
import type { MeshProcess } from '../../scripts/support/mesh-process.ts';
import { devToken } from './client.ts';
import { exchange, httpVersions, openWire } from './wires.ts';

/** Memory that a process has, in MiB. */
export function residentMiB({ pid }: Pick<MeshProcess, 'pid'>): number {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(stdout.trim()) / 1_024;
}

/** Whether somebody who behaves is served as ever, over each HTTP version, on new connections. */
export async function expectServed(service: MeshProcess): Promise<void> {
  const headers = { authorization: `Bearer ${devToken(service, 'read')}` };
  for (const version of httpVersions) {
    await using wire = await openWire(service, version);
    const { status, header } = await exchange(wire, '/meshkit/status', { headers });
    expect([status, header.get('rpc-transport')]).toEqual([200, version]);
  }
}

/** Lines of a log that somebody would have to look into: a caller must not be able to cause one. */
export function alarming(log: readonly string[]): readonly string[] {
  return log.filter((line) => line.includes('"level":"error"') || line.includes('failed unexpectedly'));
}
