import { createWebhookDispatcher } from '../audit/webhook-dispatcher.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { createLeaseKeeper, webhookLease } from '../controller/lease-keeper.ts';
import { noSender } from '../controller/webhook-commands.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { Store } from '../ports/store.ts';
import type { WebhookSender } from '../ports/webhook-sender.ts';

/** Where events go, and who takes them there. */
export interface WebhookParts {
  /** With distinct names. */
  readonly list: readonly Webhook[];
  readonly sender: WebhookSender;
}

export interface WebhookDelivery {
  readonly webhooks: readonly Webhook[];
  readonly sender: WebhookSender;
  readonly nudge: () => void;
  start(): void;
  /** Cuts off what is on its way, which is sent again by whoever delivers next. */
  stop(): Promise<void>;
}

export interface WebhookDeliveryDeps {
  readonly cluster: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly owner: string;
  readonly webhooks?: WebhookParts;
}

/** The dispatcher and its lease: of all processes on one store, one delivers. */
export function createWebhookDelivery(deps: WebhookDeliveryDeps): WebhookDelivery {
  const { list: webhooks, sender } = deps.webhooks ?? { list: [], sender: noSender };
  const stopping = new AbortController();
  const released = new AbortController();
  const lease = createLeaseKeeper({
    ...deps,
    name: webhookLease(deps.cluster),
    onChange: () => dispatcher.nudge(),
  });
  const dispatcher = createWebhookDispatcher({ ...deps, sender, lease }, webhooks);
  let delivered: Promise<void> = Promise.resolve();
  let kept: Promise<void> = Promise.resolve();
  return {
    webhooks,
    sender,
    nudge: dispatcher.nudge,
    start() {
      if (webhooks.length === 0) return;
      kept = lease.run(released.signal);
      delivered = dispatcher.run(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await delivered;
      // Only now: what was accepted last is written under the lease.
      released.abort();
      await kept;
    },
  };
}
