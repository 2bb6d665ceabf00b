import type { Bar } from './bars.ts';
import type { Line } from './bench-line.ts';

/** Several plans one after the other. */
export interface ScenarioCase {
  readonly about: string;
  readonly run: (progress: (text: string) => void) => Line;
  readonly bars: readonly Bar[];
}

export const scenarioCases: Readonly<Record<string, ScenarioCase>> = {};
