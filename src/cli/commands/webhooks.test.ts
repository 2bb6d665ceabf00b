import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type ApiBench, createApiBench } from '../../api/api.testing.ts';
import {
  accepted,
  createFakeReceiver,
  type FakeReceiver,
  sampleWebhook,
  unavailable,
} from '../../audit/webhook.testing.ts';
import { namespace } from '../../controller/rebalancer.testing.ts';
import { createTestCli, type TestCli } from '../cli.testing.ts';

let bench: ApiBench;
let receiver: FakeReceiver;
let cli: TestCli;
beforeEach(async () => {
  bench = await createApiBench({
    webhooks: (clock) => {
      receiver = createFakeReceiver(clock.now);
      receiver.answer = () => unavailable;
      return { list: [sampleWebhook({ events: ['incidentOpened'], maxAttempts: 2 })], sender: receiver };
    },
  });
  cli = cliThatAnswers(undefined);
  for (const title of ['slow', 'slower']) await cli.run('incidents', 'open', title, '-n', namespace);
  await bench.clock.advance(60_000);
});
afterEach(async () => {
  cli.interrupt();
  await bench.stop();
});

function cliThatAnswers(answer: string | undefined): TestCli {
  return createTestCli({
    transport: bench.transport(),
    clock: bench.clock,
    ...(answer === undefined ? {} : { answer }),
  });
}

async function waiting(): Promise<readonly number[]> {
  const { out } = await cli.run('webhooks', 'dead-letters', 'pager', '-o', 'json');
  const answer: { deadLetters: { event: { sequence: string } }[]; total: string } = JSON.parse(out);
  expect(answer.total).toBe(String(answer.deadLetters.length));
  return answer.deadLetters.map((each) => Number(each.event.sequence));
}

describe('mesh webhooks', () => {
  test('lists receivers, how they fare, and what they would not take', async () => {
    const { code, out } = await cli.run('webhooks', 'list');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^WEBHOOK .*URL\npager +delivering .* 2 .*the receiver answered 503 +https:\/\/pager/,
    );
    const letters = await cli.run('webhooks', 'dead-letters', 'pager', '--limit', '1');
    expect(letters.out).toMatch(/incidentOpened +incident\/\S+ .* 2 +the receiver answered 503\n1 of 2\n$/);
  });

  test('redelivers the events named, or all', async () => {
    receiver.answer = () => accepted;
    const [first = 0, second = 0] = await waiting();
    const one = await cli.run('webhooks', 'redeliver', 'pager', '-e', String(first));
    expect(one).toMatchObject({ code: 0, out: '1 queued for another attempt; 1 left as they are.\n' });
    await bench.clock.advance(100);
    expect(await waiting()).toEqual([second]);
    await cli.run('webhooks', 'redeliver', 'pager', '--all');
    await bench.clock.advance(100);
    expect(await waiting()).toEqual([]);
  });

  test('drops them after asking, or when told not to ask', async () => {
    const refused = await cliThatAnswers('n').run('webhooks', 'drop', 'pager', '--all');
    expect(refused).toMatchObject({ code: 2, error: 'Nothing was changed.\n' });
    const nobody = await cli.run('webhooks', 'drop', 'pager', '--all');
    expect(nobody).toMatchObject({ code: 2, error: expect.stringContaining('--yes') });
    expect(await waiting()).toHaveLength(2);
    const [first = 0] = await waiting();
    const one = await cliThatAnswers('y').run('webhooks', 'drop', 'pager', '-e', String(first));
    expect(one.out).toBe('1 dropped; 1 left.\n');
    expect((await cli.run('webhooks', 'drop', 'pager', '--all', '--yes')).out).toBe('1 dropped; 0 left.\n');
  });

  test('tries a receiver, and resumes it', async () => {
    expect(await cli.run('webhooks', 'test', 'pager')).toMatchObject({
      code: 7,
      out: 'The receiver did not take it: the receiver answered 503.\n',
    });
    receiver.answer = () => accepted;
    expect(await cli.run('webhooks', 'test', 'pager')).toMatchObject({ code: 0 });
    expect((await cli.run('webhooks', 'resume', 'pager')).out).toContain('goes on');
  });

  test('wants to know which, and knows the names', async () => {
    expect((await cli.run('webhooks', 'redeliver', 'pager')).code).toBe(2);
    expect((await cli.run('webhooks', 'redeliver', 'pager', '--all', '-e', '1')).code).toBe(2);
    expect((await cli.run('webhooks', 'redeliver', 'pager', '-e', 'x')).code).toBe(2);
    const unknown = await cli.run('webhooks', 'dead-letters', 'nope');
    expect(unknown).toMatchObject({ code: 4, error: expect.stringContaining('pager') });
  });
});
