import type { Problem } from '../domain/problem.ts';
import type { ApiDeps } from './api-deps.ts';

export interface Denial {
  readonly actor: string;
  /** Full name of the method that was asked for. */
  readonly method: string;
  /** Empty where the request names none. */
  readonly namespace: string;
  readonly transport: string;
  readonly problem: Problem;
}

/** Audits a call that was refused for who asked. A store that cannot write does not turn the refusal into anything else. */
export async function recordDenial(deps: ApiDeps, denial: Denial): Promise<void> {
  try {
    const written = await deps.store.commit({
      audit: [
        {
          at: deps.clock.now(),
          actor: denial.actor,
          action: 'access.denied',
          cluster: deps.cluster,
          namespace: denial.namespace,
          subject: `method/${denial.method}`,
          reason: denial.problem.message,
          changeTicket: '',
          transport: denial.transport,
          outcome: denial.problem.code,
          before: '',
          after: '',
          details: {},
        },
      ],
    });
    if (!written.ok) {
      deps.log.error('a denial could not be audited', { method: denial.method, code: written.error.code });
    }
  } catch (thrown) {
    deps.log.error('a denial could not be audited', { method: denial.method, error: String(thrown) });
  }
}
