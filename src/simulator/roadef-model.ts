import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';

/**
 * An instance of the ROADEF/EURO challenge 2012 (machine reassignment, data by Google). All indices are those of the
 * file, from 0; see the challenge's problem definition, section 1.
 */
export interface RoadefModel {
  readonly resources: readonly RoadefResource[];
  readonly machines: readonly RoadefMachine[];
  readonly services: readonly RoadefService[];
  readonly processes: readonly RoadefProcess[];
  readonly balances: readonly RoadefBalance[];
  readonly weightProcessMove: number;
  readonly weightServiceMove: number;
  readonly weightMachineMove: number;
}

export interface RoadefResource {
  /** Held on the old and the new machine while a process moves. */
  readonly transient: boolean;
  readonly weight: number;
}

export interface RoadefMachine {
  readonly neighborhood: number;
  readonly location: number;
  /** Per resource. */
  readonly capacity: readonly number[];
  readonly safetyCapacity: readonly number[];
  /** Per destination machine. */
  readonly moveCosts: readonly number[];
}

export interface RoadefService {
  /** Least number of distinct locations. */
  readonly spreadMin: number;
  /** Services that every neighborhood which runs this one must run as well. */
  readonly dependsOn: readonly number[];
}

export interface RoadefProcess {
  readonly service: number;
  /** Per resource. */
  readonly requirements: readonly number[];
  readonly moveCost: number;
}

export interface RoadefBalance {
  readonly first: number;
  readonly second: number;
  readonly target: number;
  readonly weight: number;
}

/** Most of anything that a file may announce: a wrong count must not exhaust the memory. */
const maxCount = 1_000_000;

/**
 * Reads a model file. INPUT_MALFORMED for what is no number, for a file that ends early or goes on; FIELD_INVALID for
 * a number out of its range; each names its line and the token's position in the file, from 1.
 */
export function readRoadefModel(text: string): Result<RoadefModel, Problem> {
  return readTokens(text, 'model', (tokens) => {
    const resources = tokens.list('resources', () => ({
      transient: tokens.index('transient', 2) === 1,
      weight: tokens.whole('weight'),
    }));
    const machines = readMachines(tokens, resources.length);
    const services = readServices(tokens);
    const processes = tokens.list('processes', () => ({
      service: tokens.index('service', services.length),
      requirements: tokens.times(resources.length, () => tokens.whole('requirement')),
      moveCost: tokens.whole('process move cost'),
    }));
    const balances = tokens.list(
      'balance costs',
      () => ({
        first: tokens.index('resource', resources.length),
        second: tokens.index('resource', resources.length),
        target: tokens.whole('target'),
        weight: tokens.whole('weight'),
      }),
      0,
    );
    const weightProcessMove = tokens.whole('process move weight');
    const weightServiceMove = tokens.whole('service move weight');
    const weightMachineMove = tokens.whole('machine move weight');
    return {
      resources,
      machines,
      services,
      processes,
      balances,
      weightProcessMove,
      weightServiceMove,
      weightMachineMove,
    };
  });
}

/** Reads an assignment file: the machine of each process. Problems as for the model. */
export function readRoadefAssignment(text: string, model: RoadefModel): Result<Int32Array, Problem> {
  return readTokens(text, 'assignment', (tokens) =>
    Int32Array.from(
      tokens.times(model.processes.length, () => tokens.index('machine', model.machines.length)),
    ),
  );
}

function readMachines(tokens: Tokens, resources: number): RoadefMachine[] {
  const machines = tokens.count('machines', 1);
  return tokens.times(machines, () => ({
    neighborhood: tokens.whole('neighborhood'),
    location: tokens.whole('location'),
    capacity: tokens.times(resources, () => tokens.whole('capacity')),
    safetyCapacity: tokens.times(resources, () => tokens.whole('safety capacity')),
    moveCosts: tokens.times(machines, () => tokens.whole('machine move cost')),
  }));
}

function readServices(tokens: Tokens): RoadefService[] {
  const services = tokens.count('services', 1);
  return tokens.times(services, () => {
    const spreadMin = tokens.whole('spreadMin');
    const dependencies = tokens.count('dependencies', 0);
    return { spreadMin, dependsOn: tokens.times(dependencies, () => tokens.index('service', services)) };
  });
}

interface Tokens {
  /** A number of at least 0. */
  whole(what: string): number;
  /** A number from 0 to bound - 1. */
  index(what: string, bound: number): number;
  count(what: string, least: number): number;
  times<T>(count: number, read: () => T): T[];
  /** A count and then that many. */
  list<T>(what: string, read: () => T, least?: number): T[];
}

/** Characters of a word that is shown: a file that is none of ours may be one word. */
const maxShownLength = 40;

/** Line of a token, both from 1; of one that is missing, the last. */
function lineOfToken(text: string, token: number): number {
  let line = 1;
  let seen = 0;
  for (const [part] of text.trimEnd().matchAll(/\n|[^\s]+/g)) {
    if (part === '\n') line++;
    else if (++seen === token) break;
  }
  return line;
}

/** Carries a problem out of nested readers; never leaves this file. */
class TokenProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

function readTokens<T>(text: string, file: string, read: (tokens: Tokens) => T): Result<T, Problem> {
  const words = text.split(/\s+/).filter((word) => word !== '');
  let at = 0;

  function fail(code: 'INPUT_MALFORMED' | 'FIELD_INVALID', what: string, limit?: string): never {
    const value = words[at - 1];
    const place = `line ${lineOfToken(text, at)}, token ${at}`;
    throw new TokenProblem({
      code,
      message: `${place} of the ${file}: ${what}`,
      field: place,
      ...(value !== undefined && { value: value.slice(0, maxShownLength) }),
      ...(limit !== undefined && { limit }),
      remedy: `Give the ${file} file of an instance as the contest publishes it.`,
    });
  }

  function whole(what: string): number {
    const word = words[at++];
    if (word === undefined) return fail('INPUT_MALFORMED', `the file ends where the ${what} should be`);
    const value = Number(word);
    if (!/^\d+$/.test(word) || !Number.isSafeInteger(value)) {
      return fail(
        'INPUT_MALFORMED',
        `${what} is "${word.slice(0, maxShownLength)}", not a whole number of at least 0`,
      );
    }
    return value;
  }

  function index(what: string, bound: number): number {
    const value = whole(what);
    return value < bound ? value : fail('FIELD_INVALID', `${what} is ${value}`, `0..${bound - 1}`);
  }

  function count(what: string, least: number): number {
    const value = whole(`number of ${what}`);
    if (value >= least && value <= maxCount) return value;
    return fail('FIELD_INVALID', `the number of ${what} is ${value}`, `${least}..${maxCount}`);
  }

  const times = <Item>(number: number, one: () => Item): Item[] => Array.from({ length: number }, one);
  const list = <Item>(what: string, one: () => Item, least = 1): Item[] => times(count(what, least), one);

  try {
    const value = read({ whole, index, count, times, list });
    if (at < words.length) {
      at++;
      fail('INPUT_MALFORMED', 'the file goes on where it should end');
    }
    return ok(value);
  } catch (thrown) {
    if (thrown instanceof TokenProblem) return err(thrown.problem);
    throw thrown;
  }
}
