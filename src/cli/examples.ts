/** The end of a command's help: command lines to copy. */
export function examples(...lines: readonly [string, ...string[]]): string {
  const title = lines.length === 1 ? 'Example' : 'Examples';
  return `\n${title}:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
