import type { MeshClient } from '../../client/mesh-client.ts';
import type { CliContext } from '../cli-context.ts';
import type { GlobalOptions } from '../global-options.ts';
import { createSession } from '../session.ts';
import { readProfileFile } from '../settings/profile-file.ts';
import { whatIfForms } from '../what-if-option.ts';
import type { Candidate } from './complete-words.ts';

/** Whoever presses TAB waits no longer than this, seconds; then there are no values. */
const patienceSeconds = 1;
/** Values of one kind; more is nothing that a person looks through. */
const maxValues = 50;

/** What the service, or the profile file, knows of a kind of value. Nothing when it cannot be asked. */
export async function knownValues(
  context: CliContext,
  kind: string,
  options: GlobalOptions,
): Promise<readonly Candidate[]> {
  if (kind === 'change')
    return whatIfForms.map(({ verb, text }) => ({ value: `${verb}=`, description: text }));
  const ask = readers[kind];
  if (kind !== 'profile' && !ask) return [];
  const session = createSession(context, { ...options, timeout: patienceSeconds });
  const late = context.clock.sleep(patienceSeconds * 1000).then((): readonly Candidate[] => []);
  try {
    if (!ask) {
      const { profiles } = await readProfileFile(context);
      return [...profiles].map(([value, { address = '' }]) => ({ value, description: address }));
    }
    const asked = session.call(ask);
    return (await Promise.race([asked, late])).slice(0, maxValues);
  } catch {
    return [];
  } finally {
    await session.close();
  }
}

const readers: Readonly<Record<string, (client: MeshClient) => Promise<readonly Candidate[]>>> = {
  async namespace(client) {
    const { namespaces } = await client.status.getStatus({});
    return namespaces.map((value) => ({ value, description: '' }));
  },
  async plan(client) {
    const { plans } = await client.plans.listPlans({ pageSize: maxValues });
    return plans.map(({ id, namespace, reason }) => ({
      value: id,
      description: `${namespace} ${reason}`.trim(),
    }));
  },
  async node(client) {
    const { namespaces } = await client.status.getStatus({});
    const found = new Map<string, Candidate>();
    for (const namespace of namespaces)
      for (const { node } of (await client.nodes.listNodes({ namespace })).nodes)
        if (node) found.set(node.id, { value: node.id, description: node.zone });
    return [...found.values()];
  },
  async incident(client) {
    const { incidents } = await client.incidents.listIncidents({ openOnly: true });
    return incidents.map(({ id, title }) => ({ value: id, description: title }));
  },
};
