import type { Webhook } from '../domain/webhook.ts';
import { createWebhookLoop, type WebhookLoopDeps } from './webhook-loop.ts';

/** Hands the cluster's events to every webhook, each at its own pace. */
export interface WebhookDispatcher {
  /** Delivers whenever the lease is held, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Somebody resumed a webhook or asked for a redelivery, or the lease changed hands. */
  nudge(): void;
}

/** @param webhooks with distinct names */
export function createWebhookDispatcher(
  deps: WebhookLoopDeps,
  webhooks: readonly Webhook[],
): WebhookDispatcher {
  const loops = webhooks.map((webhook) =>
    createWebhookLoop({ ...deps, random: deps.random.fork(webhook.name) }, webhook),
  );
  const nudge = (): void => {
    for (const loop of loops) loop.wake();
  };
  return {
    nudge,
    async run(signal) {
      const stopListening = deps.store.onEvents(nudge);
      await Promise.all(loops.map((loop) => loop.run(signal)));
      stopListening();
    },
  };
}
