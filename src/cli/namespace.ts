import { ProblemError } from '../domain/problem.ts';
import type { NamespaceOptions } from './options.ts';
import type { Session } from './session.ts';

/**
 * The namespace that a command is about: the one named, that of the profile, or the service's only one.
 *
 * @throws ProblemError with FIELD_REQUIRED when the service has several and none was named
 */
export async function chosenNamespace(session: Session, options: NamespaceOptions): Promise<string> {
  if (options.namespace !== undefined) return options.namespace;
  const { namespace } = await session.settings();
  if (namespace) return namespace.value;
  const { namespaces } = await session.call((client) => client.status.getStatus({}));
  const [only, ...others] = namespaces;
  if (only !== undefined && others.length === 0) return only;
  throw new ProblemError({
    code: 'FIELD_REQUIRED',
    message: `the service has ${namespaces.length} namespaces; name the one that is meant`,
    field: '--namespace',
    limit: namespaces.join(', '),
    remedy: 'Add --namespace NAME, or set MESH_NAMESPACE.',
  });
}
