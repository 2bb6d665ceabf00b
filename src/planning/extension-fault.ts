import type { Problem } from '../domain/problem.ts';

/** Thrown through the search when an extension threw or answered nonsense: nothing is planned on half an answer. */
export class ExtensionFault extends Error {
  readonly extension: string;

  constructor(extension: string, what: string) {
    super(`the planner extension ${extension} ${what}`);
    this.name = 'ExtensionFault';
    this.extension = extension;
  }
}

/** PLANNER_EXTENSION_FAILED, naming the extension. */
export function extensionProblem(extension: string, message: string): Problem {
  return {
    code: 'PLANNER_EXTENSION_FAILED',
    message,
    field: 'placement.extensions',
    value: extension,
    subject: `extension/${extension}`,
    remedy: `Take ${extension} out of placement.extensions, or correct its module: mesh planner check-module.`,
  };
}
