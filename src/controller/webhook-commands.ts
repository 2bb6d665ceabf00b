import { err, ok, type Result } from '../base/result.ts';
import type { AuditDraft } from '../domain/audit-record.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { DeadLetter, Webhook, WebhookCursor } from '../domain/webhook.ts';
import type { CommitBatch } from '../ports/store.ts';
import type { WebhookSender } from '../ports/webhook-sender.ts';
import { type CommandAttempt, refuse, runCommand } from './command-support.ts';
import type { CoreDeps } from './core-deps.ts';
import type { Problems } from './problems.ts';
import type { DeadLetterTarget, WebhookCommands, WebhookView } from './rebalancer.ts';

/** Dead letters that one command changes at most: whoever wants more asks again. */
export const maxDeadLettersPerCommand = 1_000;

export interface WebhookCommandDeps extends CoreDeps {
  /** In the order of the configuration. */
  readonly webhooks: readonly Webhook[];
  readonly sender: WebhookSender;
  /** There is something to deliver. */
  readonly nudge: () => void;
}

/** How webhooks fare, and what people do about it. */
export function createWebhookCommands(deps: WebhookCommandDeps): WebhookCommands {
  const { store, cluster } = deps;
  return {
    async list() {
      const cursors = await store.webhookCursors(cluster);
      return Promise.all(
        deps.webhooks.map((webhook) =>
          viewOf(
            deps,
            webhook,
            cursors.find((each) => each.webhook === webhook.name),
          ),
        ),
      );
    },
    async deadLetters(query) {
      const found = findWebhook(deps, query.webhook);
      if (!found.ok) return found;
      const letters = await store.deadLetters({ ...query, cluster });
      return ok({ letters, total: await store.deadLetterCount(cluster, query.webhook) });
    },
    async redeliver(target, context) {
      const changed = await change(deps, 'webhook.redeliver', target, context, (letters) => ({
        deadLetters: letters.map((letter) => ({ ...letter, redeliver: true })),
      }));
      if (changed.ok) deps.nudge();
      return changed;
    },
    drop: (target, context) =>
      change(deps, 'webhook.drop', target, context, (letters) => ({
        droppedDeadLetters: letters.map(({ event }) => ({
          cluster,
          webhook: target.webhook,
          sequence: event.sequence,
        })),
      })),
    async resume(name, context) {
      const about = aboutWebhook('webhook.resume', name);
      const found = findWebhook(deps, name);
      if (!found.ok) return refuse(deps, about, context, found.error);
      const resumed = await runCommand(deps, about, context, () => attemptResume(deps, name, context));
      if (!resumed.ok) return resumed;
      deps.nudge();
      return ok(await viewOf(deps, found.value, resumed.value));
    },
    async test(name, context) {
      const about = aboutWebhook('webhook.test', name);
      const found = findWebhook(deps, name);
      if (!found.ok) return refuse(deps, about, context, found.error);
      const at = deps.clock.now();
      const ping = { id: deps.newId(), cluster, at, by: context.principal.id };
      const { accepted, status, message } = await deps.sender.ping(name, ping, deps.stopping);
      const record = auditOf(deps, 'webhook.test', name, context, {
        accepted: String(accepted),
        status: String(status),
      });
      const audited = await store.commit({ audit: [record] });
      return audited.ok ? ok({ at: deps.clock.now(), accepted, status, message }) : err([audited.error]);
    },
  };
}

/** The commands of a service that has no webhooks. */
export const noSender: WebhookSender = {
  deliver: () => Promise.reject(new Error('there is no webhook')),
  ping: () => Promise.reject(new Error('there is no webhook')),
};

async function viewOf(
  deps: WebhookCommandDeps,
  webhook: Webhook,
  cursor: WebhookCursor | undefined,
): Promise<WebhookView> {
  const { store, cluster } = deps;
  const head = await store.eventHead();
  const deadLetters = await store.deadLetterCount(cluster, webhook.name);
  if (!cursor) return { webhook, state: 'new', behind: 0, deadLetters };
  const state = cursor.stoppedAt > 0 ? 'stopped' : cursor.attempts > 0 ? 'retrying' : 'delivering';
  return { webhook, cursor, state, behind: Math.max(0, head - cursor.position), deadLetters };
}

async function attemptResume(
  deps: WebhookCommandDeps,
  name: string,
  context: CommandContext,
): Promise<Result<CommandAttempt<WebhookCursor | undefined>, Problems>> {
  const cursors = await deps.store.webhookCursors(deps.cluster);
  const cursor = cursors.find((each) => each.webhook === name);
  const audit = [
    auditOf(deps, 'webhook.resume', name, context, { stopped: String((cursor?.stoppedAt ?? 0) > 0) }),
  ];
  if (!cursor) return ok({ batch: { audit }, answer: undefined });
  const resumed = { ...cursor, stoppedAt: 0, nextAttemptAt: 0, revision: cursor.revision + 1 };
  return ok({ batch: { audit, webhookCursors: [resumed] }, answer: resumed });
}

/** Changes the dead letters named, or the first that there are, with one audit record. */
async function change(
  deps: WebhookCommandDeps,
  action: string,
  target: DeadLetterTarget,
  context: CommandContext,
  write: (letters: readonly DeadLetter[]) => CommitBatch,
): Promise<Result<{ readonly changed: number; readonly remaining: number }, Problems>> {
  const about = aboutWebhook(action, target.webhook);
  const found = findWebhook(deps, target.webhook);
  if (!found.ok) return refuse(deps, about, context, found.error);
  return runCommand(deps, about, context, async () => {
    const waiting = await unasked(deps, target.webhook, action === 'webhook.drop');
    const chosen = target.sequences.length === 0 ? ok(waiting) : await named(deps, target);
    if (!chosen.ok) return chosen;
    const letters = chosen.value.slice(0, maxDeadLettersPerCommand);
    const details = { events: String(letters.length), all: String(target.sequences.length === 0) };
    const audit = [auditOf(deps, action, target.webhook, context, details)];
    const ids = new Set(letters.map((letter) => letter.event.sequence));
    const remaining = waiting.filter((letter) => !ids.has(letter.event.sequence)).length;
    return ok({ batch: { ...write(letters), audit }, answer: { changed: letters.length, remaining } });
  });
}

/** Dead letters that nobody has asked for yet; all of them for whoever drops. */
async function unasked(
  deps: WebhookCommandDeps,
  webhook: string,
  all: boolean,
): Promise<readonly DeadLetter[]> {
  const { store, cluster } = deps;
  const letters: DeadLetter[] = [];
  let after = 0;
  for (;;) {
    const page = await store.deadLetters({ cluster, webhook, after, limit: maxDeadLettersPerCommand });
    letters.push(...page.filter((letter) => all || !letter.redeliver));
    if (page.length < maxDeadLettersPerCommand) return letters;
    after = page.at(-1)?.event.sequence ?? after;
  }
}

async function named(
  deps: WebhookCommandDeps,
  { webhook, sequences }: DeadLetterTarget,
): Promise<Result<readonly DeadLetter[], Problems>> {
  const letters: DeadLetter[] = [];
  for (const sequence of sequences) {
    const query = { cluster: deps.cluster, webhook, after: sequence - 1, limit: 1 };
    const [letter] = await deps.store.deadLetters(query);
    if (letter?.event.sequence !== sequence) {
      const message = `${webhook} has no dead letter of event ${sequence}`;
      return err([{ code: 'DEAD_LETTER_NOT_FOUND', message, field: 'sequences', value: sequence }]);
    }
    letters.push(letter);
  }
  return ok(letters);
}

function findWebhook(deps: WebhookCommandDeps, name: string): Result<Webhook, Problems> {
  const webhook = deps.webhooks.find((each) => each.name === name);
  if (webhook) return ok(webhook);
  const names = deps.webhooks.map((each) => each.name).join(', ');
  const problem: Problem = {
    code: 'WEBHOOK_NOT_FOUND',
    message: `no webhook is called ${name}`,
    field: 'webhook',
    value: name,
    limit: names || 'none is configured',
  };
  return err([problem]);
}

function aboutWebhook(action: string, name: string) {
  return { action, namespace: '', subject: `webhook/${name}` };
}

function auditOf(
  deps: WebhookCommandDeps,
  action: string,
  name: string,
  context: CommandContext,
  details: AuditDraft['details'],
): AuditDraft {
  return {
    at: deps.clock.now(),
    actor: context.principal.id,
    ...aboutWebhook(action, name),
    cluster: deps.cluster,
    reason: context.reason,
    changeTicket: context.changeTicket,
    transport: context.transport,
    outcome: 'ok',
    before: '',
    after: '',
    details,
  };
}
