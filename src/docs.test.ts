import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { CommanderError } from 'commander';
import { resolveWebhooks } from './app/config/webhooks-section.ts';
import { parseConfigFile, resolveConfig } from './app/config.ts';
import type { Bind } from './cli/action.ts';
import { exitCodes } from './cli/exit-codes.ts';
import { createProgram } from './cli/program.ts';
import { controllerStates, controllerTransitions } from './domain/controller-state.ts';
import { errorCodes } from './domain/error-codes.ts';
import { planStatuses, planTransitions } from './domain/plan-status.ts';
import { parseYaml } from './wire/file-text.ts';
import { parsePolicyFile } from './wire/policy-file.ts';
import { parseSnapshotFile } from './wire/snapshot-file.ts';

/** What the pages for people say, as far as a program can check it: links, command lines, files, codes. */

const root = join(import.meta.dir, '..');

interface Page {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** The text without its blocks. */
  readonly prose: string;
}

/** A fenced block. */
interface Block {
  readonly language: string;
  readonly text: string;
}

/** Commands that comments of policies show. */
const policyFiles: readonly Page[] = readdirSync(join(root, 'policies')).map((name) => {
  const text = readFileSync(join(root, 'policies', name), 'utf8');
  const comments = [...text.matchAll(/^ *# *(.*)$/gm)].map((match) => match[1] ?? '').join('\n');
  return { path: `policies/${name}`, text, blocks: [{ language: '', text: comments }], prose: '' };
});

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm;

const pages: readonly Page[] = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true })
    .map((name) => `docs/${String(name).replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.md')),
].map(readPage);

function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  const blocks = [...text.matchAll(fence)].map((match) => ({
    language: match[1] ?? '',
    text: match[2] ?? '',
  }));
  return { path, text, blocks, prose: text.replaceAll(fence, '') };
}

/** What a check finds on all pages, each finding with the page that it is on. */
function findings(find: (page: Page) => readonly string[]): readonly string[] {
  return pages.flatMap((page) => find(page).map((finding) => `${page.path}: ${finding}`));
}

/** Texts between backticks. */
function spans(page: Page): readonly string[] {
  return [...page.prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
}

describe('links', () => {
  test('lead to files that exist', () => {
    const broken = findings((page) =>
      links(page)
        .filter(({ target }) => !existsSync(target))
        .map(({ link }) => link),
    );
    expect(broken).toEqual([]);
  });

  test('to a heading lead to one that exists', () => {
    const broken = findings((page) =>
      links(page)
        .filter(({ target, anchor }) => anchor !== '' && !anchorsOf(target).includes(anchor))
        .map(({ link }) => link),
    );
    expect(broken).toEqual([]);
  });

  test('reach every page from the README', () => {
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      const page = pages.find((each) => each.path === path);
      for (const { target } of page ? links(page) : []) {
        const found = relative(root, target).replaceAll('\\', '/');
        const isFolder = existsSync(target) && statSync(target).isDirectory();
        for (const each of pages) {
          if (each.path === found || (isFolder && dirname(each.path) === found)) visit(each.path);
        }
      }
    };
    visit('README.md');
    expect(pages.map((page) => page.path).filter((path) => !reached.has(path))).toEqual([]);
  });
});

interface Link {
  readonly link: string;
  /** Absolute path. */
  readonly target: string;
  readonly anchor: string;
}

/** Those that stay in the repository. */
function links(page: Page): readonly Link[] {
  return [...page.prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor = ''] = link.split('#');
      return {
        link,
        anchor,
        target: resolve(root, path === '' ? page.path : join(dirname(page.path), path)),
      };
    });
}

/** Of headings, as forges make them. */
function anchorsOf(path: string): readonly string[] {
  const page = pages.find((each) => resolve(root, each.path) === path);
  return [...(page?.prose ?? '').matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('command lines', () => {
  test('in blocks are understood by mesh', async () => {
    const wrong: string[] = [];
    for (const page of [...pages, ...policyFiles]) {
      for (const line of page.blocks.flatMap(commandLines)) {
        for (const command of splitCommands(line).filter(([name]) => /^(dist\/)?mesh$/.test(name ?? ''))) {
          const complaint = await complaintAbout(command.slice(1));
          if (complaint !== '') wrong.push(`${page.path}: ${line}: ${complaint}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('in sentences name commands and options that exist', async () => {
    const wrong: string[] = [];
    for (const page of pages) {
      for (const span of spans(page).filter((each) => /^mesh [a-z]/.test(each))) {
        const [command = []] = splitCommands(span);
        const complaint = await complaintAbout(command.slice(1));
        // A sentence may leave out what a command must be given.
        if (complaint !== '' && !/missing|not specified|needs/.test(complaint))
          wrong.push(`${page.path}: ${span}: ${complaint}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('in the examples of help are understood', async () => {
    const wrong: string[] = [];
    const folder = join(root, 'test/golden/help');
    for (const name of readdirSync(folder)) {
      // An example may end in a remark: two blanks and a sentence in brackets.
      for (const [, line = ''] of readFileSync(join(folder, name), 'utf8').matchAll(
        /^ {2}(mesh .*?)(?: {2,}\(.*\))?$/gm,
      )) {
        for (const command of splitCommands(line)) {
          const complaint = await complaintAbout(command.slice(1));
          if (complaint !== '') wrong.push(`${name}: ${line}: ${complaint}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('of npm name scripts, benchmarks and tiers that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const wrong = findings((page) =>
      [...page.text.matchAll(/npm run ([a-z:]+)(?: -- ([a-z-]+))?/g)]
        .filter(
          ([, script = '', name = '']) =>
            !(script in scripts) ||
            (script === 'bench' && name !== '' && !existsSync(join(root, 'bench', `${name}.ts`))),
        )
        .map(([line]) => line),
    );
    expect(wrong).toEqual([]);
  });
});

/** Where a block shows prompts, the lines after one; else all lines. Lines that end in a backslash go on. */
function commandLines({ text }: Block): readonly string[] {
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n');
  const hasPrompts = lines.some((line) => line.startsWith('$ '));
  return hasPrompts ? lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2)) : lines;
}

/** A shell's line as lists of words: without comments, redirections and settings of variables. */
function splitCommands(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  let skips = false;
  for (const [word] of line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)) {
    if (word.startsWith('#')) break;
    if (/^(&&|\|\|?|;|&)$/.test(word)) {
      commands.push([]);
      skips = false;
    } else if (/^\d?>/.test(word)) skips = true;
    else if (!skips && !(/^[A-Z_]+=/.test(word) && commands.at(-1)?.length === 0))
      commands.at(-1)?.push(word.replaceAll(/["']/g, ''));
  }
  return commands;
}

/** What mesh's own parser has against a command; nothing is run. */
async function complaintAbout(args: readonly string[]): Promise<string> {
  const context = { version: '0', env: {}, terminal: { out: () => {}, columns: 100 } } as never;
  const bind: Bind = () => async () => {};
  let complaint = '';
  const program = createProgram(context, bind, (text) => {
    complaint += text;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return '';
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // A group alone shows its help, which is no mistake in a sentence.
    if (error.exitCode === 0 || error.code === 'commander.help') return '';
    return complaint.split('\n')[0] || error.message;
  }
}

describe('files', () => {
  test('named by their path exist', () => {
    const wrong = findings((page) =>
      spans(page).filter(
        (span) =>
          /^(src|bench|proto|scripts|policies|docs|test)\/[\w./-]+$/.test(span) &&
          !existsSync(join(root, span)),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test('named without their folder are somewhere in the sources', () => {
    const sources = ['src', 'docs'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((name) => `/${name}`.replaceAll('\\', '/')),
    );
    const wrong = findings((page) =>
      spans(page).filter(
        (span) =>
          /^[a-z][\w/.-]*\.ts$/.test(span) &&
          !existsSync(join(root, span)) &&
          !sources.some((source) => source.endsWith(`/${span}`)),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test('shown whole can be read', () => {
    const wrong = findings((page) =>
      page.blocks.flatMap((block) => problemsOfFile(block).map((problem) => problem.message)),
    );
    expect(wrong).toEqual([]);
  });
});

/** Policies, configurations and snapshots; other blocks are not files. */
function problemsOfFile({ language, text }: Block): readonly { readonly message: string }[] {
  if (language === 'yaml' && text.startsWith('apiVersion:')) {
    const file = parsePolicyFile(text);
    return file.ok ? [] : file.error;
  }
  if (language === 'yaml' && text.startsWith('cluster:')) {
    const input = parseConfigFile(text);
    const config = input.ok ? resolveConfig(input.value, root) : input;
    return config.ok ? [] : config.error;
  }
  if (language === 'yaml' && text.startsWith('webhooks:')) {
    const wrong: { message: string }[] = [];
    const section = parseYaml(text);
    const given = section.ok ? Object(section.value).webhooks : undefined;
    resolveWebhooks(given, (field, _, limit) => wrong.push({ message: `${field}: ${limit}` }), root);
    return wrong;
  }
  if (language === 'json' && text.includes('"shardRows"')) {
    const snapshot = parseSnapshotFile(new TextEncoder().encode(text));
    return snapshot.ok ? [] : snapshot.error;
  }
  return [];
}

describe('tables', () => {
  test('of statuses show every transition of a plan, and no other', () => {
    const shown = transitionsIn('docs/plans.md', planStatuses);
    expect(shown).toEqual(planTransitions.map(({ from, to }) => `${from} → ${to}`).sort());
  });

  test('of states show every transition of a controller, and no other', () => {
    const shown = transitionsIn('docs/controller.md', controllerStates);
    expect(shown).toEqual(controllerTransitions.map(({ from, to }) => `${from} → ${to}`).sort());
  });

  test('of exit codes show every code', () => {
    const shown = rowsOf('docs/cli.md').flatMap(([code = '']) => (/^\d+$/.test(code) ? [Number(code)] : []));
    expect(shown).toEqual(Object.values(exitCodes));
  });

  test('of rooms show every folder', () => {
    const shown = rowsOf('docs/ARCHITECTURE.md').flatMap(([cell = '']) =>
      [...cell.matchAll(/\[(\w+)\]\(\.\.\/src\/\1\)/g)].map((match) => match[1] ?? ''),
    );
    const rooms = readdirSync(import.meta.dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'gen')
      .map((entry) => entry.name);
    expect(shown.sort()).toEqual(rooms.sort());
  });
});

/** Cells of every row of every table on a page. */
function rowsOf(path: string): readonly (readonly string[])[] {
  const page = pages.find((each) => each.path === path);
  return [...(page?.prose ?? '').matchAll(/^\| (.*) \|$/gm)].map((match) =>
    (match[1] ?? '').split(' | ').map((cell) => cell.trim()),
  );
}

/** `from → to` of rows whose first two cells name states between backticks, sorted. */
function transitionsIn(path: string, states: readonly string[]): readonly string[] {
  const named = (cell: string): readonly string[] => states.filter((state) => cell.includes(`\`${state}\``));
  return rowsOf(path)
    .flatMap(([from = '', to = '']) => named(from).flatMap((a) => named(to).map((b) => `${a} → ${b}`)))
    .sort();
}

test('codes named in sentences are codes of the registry', () => {
  const known = (word: string): boolean => word in errorCodes || `GUARDRAIL_${word}` in errorCodes;
  /** Names of other things that are written the same way. */
  const others = /^(MESH_\w+|NO_COLOR|POLICY_MODE_PROPOSE)$/;
  const wrong = findings((page) =>
    spans(page).filter((span) => /^[A-Z]+(_[A-Z]+)+$/.test(span) && !known(span) && !others.test(span)),
  );
  expect(wrong).toEqual([]);
});
