import type { ExtensionParameters, KnownExtension } from '../domain/extension-parameter.ts';
import type { PlannerExtension } from './extension.ts';

/**
 * What a planner module exports, in a list `plannerExtensions`: constraints and terms that a policy uses by naming them
 * under `placement.extensions`. Third parties write one, try it with `mesh planner check-module` or `checkExtension`
 * (`conformance/check-extension.ts`), and name the module in the configuration.
 */
export interface ExtensionDefinition extends KnownExtension {
  /** Lower-case words joined by hyphens, unique: what policies name. */
  readonly name: string;
  /** One sentence for people. */
  readonly description: string;
  /**
   * The rules and terms for one plan. Pure: equal parameters give parts that answer equally; no I/O, no clock, no
   * randomness.
   *
   * @param parameters every parameter of the schema, defaults filled in
   */
  create(parameters: ExtensionParameters): ExtensionParts;
}

/** Terms may be of the levels `excess` and `balance`; the planner's own stay in place. */
export type ExtensionParts = Pick<PlannerExtension, 'constraints' | 'terms'>;
