import type { HandlerContext, ServiceImpl } from '@connectrpc/connect';
import type { WebhookService } from '../gen/meshkit/rebalancer/v1/webhook_service_pb.ts';
import { wholeFromMessage, wholeToMessage } from '../wire/scalars.ts';
import { attemptToMessage, deadLetterToMessage, webhookToMessage } from '../wire/webhook-codec.ts';
import type { ApiDeps } from './api-deps.ts';
import { requireNamespace } from './namespace-limit.ts';
import { commandContext } from './request-context.ts';
import { unwrap } from './unwrap.ts';

const defaultPageSize = 100;

export function createWebhookService(deps: ApiDeps): ServiceImpl<typeof WebhookService> {
  const { webhooks } = deps.rebalancer;
  /** Webhooks carry events of every namespace, so that only who may see all of them may see these. */
  const admit = (context: HandlerContext): Promise<void> => requireNamespace(deps, context, '');
  return {
    async listWebhooks(_, context) {
      await admit(context);
      return { webhooks: (await webhooks.list()).map(webhookToMessage) };
    },
    async listDeadLetters(request, context) {
      await admit(context);
      const { letters, total } = unwrap(
        await webhooks.deadLetters({
          webhook: request.webhook,
          after: wholeFromMessage(request.after),
          limit: request.pageSize || defaultPageSize,
        }),
      );
      return { deadLetters: letters.map(deadLetterToMessage), total: wholeToMessage(total) };
    },
    async redeliver(request, context) {
      await admit(context);
      const asked = await webhooks.redeliver(targetOf(request), commandContext(context, request));
      const { changed, remaining } = unwrap(asked);
      return { queued: wholeToMessage(changed), remaining: wholeToMessage(remaining) };
    },
    async dropDeadLetters(request, context) {
      await admit(context);
      const { changed, remaining } = unwrap(
        await webhooks.drop(targetOf(request), commandContext(context, request)),
      );
      return { dropped: wholeToMessage(changed), remaining: wholeToMessage(remaining) };
    },
    async resumeWebhook(request, context) {
      await admit(context);
      const view = unwrap(await webhooks.resume(request.webhook, commandContext(context, request)));
      return { webhook: webhookToMessage(view) };
    },
    async testWebhook(request, context) {
      await admit(context);
      const attempt = unwrap(await webhooks.test(request.webhook, commandContext(context, request)));
      return { attempt: attemptToMessage(attempt) };
    },
  };
}

function targetOf(request: { readonly webhook: string; readonly sequences: readonly bigint[] }) {
  return { webhook: request.webhook, sequences: request.sequences.map(wholeFromMessage) };
}
