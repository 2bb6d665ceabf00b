import { expect, test } from 'bun:test';
import { createClusterGate } from './cluster-gate.ts';

test('the cluster gate lets in as many as the limit says, and again after one left', () => {
  const gate = createClusterGate();
  const leave = gate.tryEnter(2);
  gate.tryEnter(2);
  expect(gate.tryEnter(2)).toBeUndefined();
  leave?.();
  leave?.();
  expect(gate.inFlight()).toBe(1);
  expect(gate.tryEnter(2)).toBeDefined();
});

test('the cluster gate counts moves that a restart finds under way, whatever the limit', () => {
  const gate = createClusterGate();
  const leave = [gate.enter(), gate.enter(), gate.enter()];
  expect(gate.tryEnter(2)).toBeUndefined();
  expect(gate.inFlight()).toBe(3);
  for (const each of leave) each();
  expect(gate.inFlight()).toBe(0);
});
