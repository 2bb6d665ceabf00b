import { existsSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

/** What the command line of `bench:roadef` asks. */
export interface ContestOptions {
  /** Folder with the contest's files. */
  readonly data: string;
  readonly seconds: number;
  readonly instances: readonly string[];
  /** Folder for the assignments; empty for none. */
  readonly out: string;
  /** Threads per instance, each with a seed of its own. */
  readonly lanes: number;
  /** Instances at the same time. */
  readonly concurrency: number;
  readonly seed: number;
  readonly record: boolean;
}

export const contestUsage = `usage: npm run bench:roadef -- --data DIR [options]

Plans instances of the ROADEF/EURO challenge 2012.

  --data DIR        folder with model_NAME.txt and assignment_NAME.txt; ROADEF_DATA without it
  --seconds N       time per instance, more than 0.3; 300 without it, as in the contest
  --instances A,B   which; a1_1 to a2_5 and b_1 to b_4 without it
  --out DIR         write the assignments there
  --lanes N         threads per instance, each with another seed; two at most without it
  --concurrency N   instances at the same time, each with its own lanes; 1 without it
  --seed N          of the first lane; 1 without it
  --record          keep the lines in bench/results/roadef.json; what others have there stays
  --help            this text
`;

/** Reading and writing belong to the time as well. */
export const reserveSeconds = 0.3;

/** More threads than any machine has gain nothing. */
const mostAtOnce = 256;

const every = 'a1_1,a1_2,a1_3,a1_4,a1_5,a2_1,a2_2,a2_3,a2_4,a2_5,b_1,b_2,b_3,b_4';

/** The options; or one line that says which is wrong and what to give instead; or that help was asked for. */
export function readContestOptions(
  args: readonly string[],
): ContestOptions | { readonly problem: string } | { readonly help: true } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        data: { type: 'string', default: process.env.ROADEF_DATA ?? '' },
        seconds: { type: 'string', default: '300' },
        instances: { type: 'string', default: every },
        out: { type: 'string', default: '' },
        lanes: { type: 'string', default: String(Math.max(1, Math.min(2, cpus().length))) },
        concurrency: { type: 'string', default: '1' },
        seed: { type: 'string', default: '1' },
        record: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { help: true };
    const { data, out, record } = values;
    return {
      ...{ data: dataFolder(data), out, record },
      seconds: secondsOf(values.seconds),
      instances: instancesIn(data, values.instances),
      lanes: wholeNumber('--lanes', values.lanes, 1, mostAtOnce),
      concurrency: wholeNumber('--concurrency', values.concurrency, 1, mostAtOnce),
      seed: wholeNumber('--seed', values.seed, 0, 2 ** 31 - 1),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problem: message.split('\n')[0] };
  }
}

function dataFolder(folder: string): string {
  if (folder === '') {
    throw new Error('--data is not given: name the folder that has model_NAME.txt, or set ROADEF_DATA');
  }
  if (!existsSync(folder)) {
    throw new Error(`--data is "${folder}", which does not exist: name the folder that has model_NAME.txt`);
  }
  return folder;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && Number.isFinite(seconds) && seconds > reserveSeconds) return seconds;
  throw new Error(
    `--seconds is "${text}": give a number above ${reserveSeconds}, which reading and writing take`,
  );
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${option} is "${text}": give a whole number from ${least} to ${most}`);
}

function instancesIn(folder: string, text: string): readonly string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))].filter((name) => name !== '');
  const has = (name: string): boolean =>
    ['model', 'assignment'].every((kind) => existsSync(`${folder}/${kind}_${name}.txt`));
  const there = readdirSync(folder)
    .flatMap((file) => /^model_(.+)\.txt$/.exec(file)?.[1] ?? [])
    .filter(has);
  if (names.length === 0) throw new Error(`--instances is "${text}": name some of ${there.join(', ')}`);
  const unknown = names.find((name) => !there.includes(name));
  if (unknown === undefined) return names;
  const remedy =
    there.length > 0 ? `name some of ${there.join(', ')}` : 'there are none: give another --data';
  throw new Error(`--instances has "${unknown}", of which "${folder}" lacks the files: ${remedy}`);
}
