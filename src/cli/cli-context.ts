import type { Transport } from '@connectrpc/connect';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Result } from '../base/result.ts';
import type { CreatePlanRequest, PlanExplanation, PlanView } from '../controller/rebalancer.ts';
import type { ExplanationSubject } from '../domain/explanation.ts';
import type { KnownExtension } from '../domain/extension-parameter.ts';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { WhatIfAnswer } from '../domain/what-if-answer.ts';
import type { WhatIfChange } from '../domain/what-if-change.ts';
import type { ConformanceReport } from '../planning/conformance/conformance-report.ts';

/** Everything that a command touches besides the service: given by the executable, and by tests. */
export interface CliContext {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths are relative to. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  readFile(path: string): Promise<Uint8Array>;
  exists(path: string): Promise<boolean>;
  /** Replaces the file whole or not at all. Its folder must exist, unless it may be made. */
  writeFile(
    path: string,
    data: string | Uint8Array,
    options?: { readonly makeFolder: boolean },
  ): Promise<void>;
  /** Reads a line from a person; undefined where nobody can answer. */
  ask(question: string): Promise<string | undefined>;
  /** Instead of a connection to the address: tests, and programs that hold the service themselves. */
  readonly transport?: Transport;
  /** Commands that run a process of their own; the executable provides them. */
  readonly services: CliServices;
}

export interface Terminal {
  out(text: string): void;
  error(text: string): void;
  /** Whether standard output is a terminal: progress bars and colour are for people only. */
  readonly isInteractive: boolean;
  readonly columns: number;
}

export interface CliServices {
  /** Runs the rebalancer until the signal; resolves to the exit code. */
  serve(options: ServeOptions, context: CliContext): Promise<number>;
  /** Runs the simulated fleet until the signal; resolves to the exit code. */
  simulateFleet(options: SimulateOptions, context: CliContext): Promise<number>;
  /** Answers what would be different, from files. */
  whatIfOffline(request: OfflineWhatIfRequest): Promise<Result<WhatIfAnswer, readonly Problem[]>>;
  /** Explains the plan of a file. */
  explainOffline(request: OfflineExplainRequest): Promise<Result<PlanExplanation, readonly Problem[]>>;
  /** Computes a plan from files, without a service. */
  planOffline(request: OfflinePlanRequest): Promise<Result<PlanView, readonly Problem[]>>;
  /** Holds the extensions of a planner module to their contract. Problems: PLANNER_MODULE_INVALID, POLICY_EXTENSION_PARAMETER. */
  checkPlannerModule(
    request: PlannerModuleCheck,
  ): Promise<Result<readonly CheckedPlannerExtension[], readonly Problem[]>>;
}

export interface PlannerModuleCheck {
  /** Relative to `folder`, or absolute. */
  readonly file: string;
  readonly folder: string;
  /** Random fleets per extension. */
  readonly states: number;
  readonly seed: number;
  /** As written on the command line. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface CheckedPlannerExtension {
  readonly extension: KnownExtension;
  readonly report: ConformanceReport;
}

/** What is in the place of a service. */
export interface OfflineInputs {
  readonly snapshot: Snapshot;
  /** At most one of the cluster (empty namespace) and one of the namespace; absent ones are our defaults. */
  readonly policies: readonly { readonly namespace: string; readonly overlay: PolicyOverlay }[];
  /** Relative paths are relative to `folder`. */
  readonly scoringModules: readonly string[];
  readonly plannerModules: readonly string[];
  readonly folder: string;
}

export interface OfflinePlanRequest extends OfflineInputs {
  readonly seed: number;
  readonly budget: NonNullable<CreatePlanRequest['budget']>;
  readonly overrides: CreatePlanRequest['overrides'];
  /** The plan whose moves, as far as they have not been made, the search begins with; undefined: it begins cold. */
  readonly warmStart: PlanView | undefined;
  readonly reason: string;
  readonly changeTicket: string;
}

export interface OfflineWhatIfRequest extends Omit<OfflinePlanRequest, 'overrides' | 'warmStart'> {
  readonly changes: readonly WhatIfChange[];
  /** Laid over the policy; undefined: it stays. */
  readonly overlay: PolicyOverlay | undefined;
}

export interface OfflineExplainRequest extends OfflineInputs {
  readonly plan: PlanView;
  readonly subject: ExplanationSubject;
  readonly limit: number;
}

/** As given on the command line; `app/config.ts` checks it. */
export interface ServeOptions {
  readonly config?: string;
  readonly cluster?: string;
  readonly namespace?: readonly string[];
  readonly fleet?: string;
  readonly dataDir?: string;
  readonly listen?: string;
  readonly dev?: boolean;
  readonly http3?: boolean;
  readonly scoringModule?: readonly string[];
  readonly plannerModule?: readonly string[];
  readonly logLevel?: string;
}

export interface SimulateOptions {
  readonly listen: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly seed: string;
  readonly nodes: number;
  readonly zones: number;
  readonly regions: number;
  readonly shards: number;
  readonly replicas: number;
  readonly profile: string;
  /** Imbalance at the start. */
  readonly peakToMean: number;
  /** How many virtual seconds pass in a real one. */
  readonly timeScale: number;
  readonly snapshot?: string;
  /** Model and assignment file of a ROADEF 2012 instance. */
  readonly roadef?: readonly string[];
}
