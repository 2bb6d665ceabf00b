import type { CliContext } from './cli-context.ts';
import type { GlobalOptions } from './global-options.ts';
import { createStyle, type Style } from './style.ts';

/** How answers and errors look. */
export interface OutputForm {
  readonly style: Style;
  /** Whether they are JSON for programs. */
  readonly json: boolean;
}

/** Colour is for people on a terminal who did not refuse it (`--no-color`, https://no-color.org). */
export function outputForm(context: CliContext, options: GlobalOptions): OutputForm {
  const json = options.output === 'json';
  const colour = options.color !== false && context.terminal.isInteractive && !context.env.NO_COLOR && !json;
  return { style: createStyle(colour), json };
}
