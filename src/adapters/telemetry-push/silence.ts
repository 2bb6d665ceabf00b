import { type Problem, ProblemError } from '../../domain/problem.ts';

/** What readers are told when no agent has pushed anything of a kind for too long. */
export function silence(what: string, forMs: number): Problem {
  return {
    code: 'FLEET_UNREACHABLE',
    message: `no agent has pushed ${what} for ${forMs / 1_000} s`,
    subject: `source/${what.split(' ')[0]}`,
    remedy: 'Check that the agents run and reach this service; an empty batch is a sign of life.',
  };
}

export function silenceError(what: string, forMs: number): ProblemError {
  return new ProblemError(silence(what, forMs));
}

/** What is told about a namespace of whose shards nobody has pushed a whole listing since the start. */
export function unlisted(namespace: string): Problem {
  return {
    code: 'FLEET_UNREACHABLE',
    message: `no agent has pushed a whole listing of the shards of ${namespace} yet`,
    subject: 'source/shards',
    remedy:
      'Have an agent that knows every shard push a listing; acknowledgements say wants_listing until it is whole.',
  };
}
