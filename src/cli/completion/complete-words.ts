import type { Argument, Command, Option } from 'commander';
import type { GlobalOptions } from '../global-options.ts';

/** A word that may stand where the cursor is. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Whether names of files may stand there, too. */
  readonly files: boolean;
}

export interface CompleteDeps {
  readonly program: Command;
  /** Gives a command of the first level its own commands. */
  load(command: Command): Promise<void>;
  /** Values that only the service or the profile file knows, for `plan`, `node`, `namespace`, ... */
  values(kind: string, options: GlobalOptions): Promise<readonly Candidate[]>;
}

/** Where a command line is: what was typed before the word at the cursor. */
interface Place {
  readonly command: Command;
  /** Whose value comes next. */
  readonly option?: Option;
  /** How many arguments of the command there are. */
  readonly given: number;
  readonly options: GlobalOptions;
}

/** @param words what was typed after `mesh`; the last one is at the cursor, and may be empty */
export async function completeWords(words: readonly string[], deps: CompleteDeps): Promise<Completion> {
  // For bash an equals sign is a word of its own; what is before and after it reads the same without it.
  const last = words.at(-1) ?? '';
  const current = last === '=' ? '' : last;
  const place = await walk(
    words.slice(0, -1).filter((word) => word !== '='),
    deps,
  );
  const [, name, begun] = /^(--[^=]+)=(.*)$/.exec(current) ?? [];
  const option = place.option ?? (name === undefined ? undefined : optionNamed(place.command, name));
  if (option) {
    const { candidates, files } = await valuesOf(option, place, deps);
    const prefix = name === undefined || place.option ? '' : `${name}=`;
    const full = candidates.map((each) => ({ ...each, value: `${prefix}${each.value}` }));
    return { candidates: matching(full, current), files: files && (begun === undefined || prefix === '') };
  }
  if (current.startsWith('-'))
    return { candidates: matching(optionsOf(place.command), current), files: false };
  const { candidates, files } = await argumentsOf(place, deps);
  return { candidates: matching([...commandsOf(place.command), ...candidates], current), files };
}

async function walk(words: readonly string[], deps: CompleteDeps): Promise<Place> {
  let command = deps.program;
  let given = 0;
  let option: Option | undefined;
  const options: Record<string, string> = {};
  for (const word of words) {
    if (option) {
      options[option.attributeName()] = word;
      option = undefined;
    } else if (word.startsWith('-')) {
      const [name = '', value] = word.split('=', 2);
      const found = optionNamed(command, name);
      if (found && takesValue(found)) {
        if (value === undefined) option = found;
        else options[found.attributeName()] = value;
      }
    } else {
      const child = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
      if (child) {
        if (command === deps.program) await deps.load(child);
        command = child;
        given = 0;
      } else given += 1;
    }
  }
  return { command, given, options, ...(option ? { option } : {}) };
}

/** Of the command, or of those above it. */
function optionNamed(command: Command, name: string): Option | undefined {
  for (let each: Command | null = command; each; each = each.parent) {
    const found = each.options.find((option) => option.long === name || option.short === name);
    if (found) return found;
  }
  return undefined;
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function optionsOf(command: Command): readonly Candidate[] {
  const all: Candidate[] = [{ value: '--help', description: 'display help for command' }];
  for (let each: Command | null = command; each; each = each.parent) {
    for (const { long, description, hidden } of each.options)
      if (long && !hidden) all.push({ value: long, description });
  }
  return all;
}

function commandsOf(command: Command): readonly Candidate[] {
  const shown = command.createHelp().visibleCommands(command);
  return shown.map((each) => ({ value: each.name(), description: each.description() }));
}

async function valuesOf(option: Option, { options }: Place, deps: CompleteDeps): Promise<Completion> {
  if (option.argChoices) return { candidates: plain(option.argChoices), files: false };
  const kind = /<([\w-]+)/.exec(option.flags)?.[1] ?? '';
  if (isFile(kind)) return { candidates: [], files: true };
  const name = option.name();
  return {
    candidates: await deps.values(name === 'profile' ? name : name === 'namespace' ? name : kind, options),
    files: false,
  };
}

async function argumentsOf({ command, given, options }: Place, deps: CompleteDeps): Promise<Completion> {
  const all = command.registeredArguments;
  const argument: Argument | undefined = all[given] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
  if (!argument) return { candidates: [], files: false };
  if (argument.argChoices) return { candidates: plain(argument.argChoices), files: false };
  if (isFile(argument.name())) return { candidates: [], files: true };
  return { candidates: await deps.values(argument.name(), options), files: false };
}

function isFile(kind: string): boolean {
  return ['file', 'files', 'path', 'folder'].includes(kind);
}

function plain(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, description: '' }));
}

function matching(candidates: readonly Candidate[], begun: string): readonly Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(begun));
}
