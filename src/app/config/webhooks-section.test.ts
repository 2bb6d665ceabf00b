import { describe, expect, test } from 'bun:test';
import { resolveWebhooks } from './webhooks-section.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const whole = { name: 'pager', url: 'https://pager.example/hook?key=k', secret };

function resolved(input: unknown) {
  const problems: { field: string; value: unknown; limit: string }[] = [];
  const webhooks = resolveWebhooks(
    input,
    (field, value, limit) => problems.push({ field, value, limit }),
    '/etc/meshkit',
  );
  return { webhooks, problems, fields: problems.map((each) => each.field) };
}

describe('the section webhooks', () => {
  test('is empty when it is absent', () => {
    expect(resolved(undefined)).toMatchObject({ webhooks: [], problems: [] });
  });

  test('fills in what is left out, and shows the URL without its query', () => {
    const { webhooks, problems } = resolved([whole]);
    expect(problems).toEqual([]);
    expect(webhooks[0]?.webhook).toEqual({
      name: 'pager',
      url: 'https://pager.example/hook',
      events: [],
      namespaces: [],
      maxAttempts: 12,
    });
    expect(webhooks[0]?.endpoint).toMatchObject({
      endpoint: 'https://pager.example/hook?key=k',
      timeoutMs: 10_000,
    });
  });

  test('takes everything that there is, with paths from where the file is', () => {
    const { webhooks, problems } = resolved([
      {
        name: 'audit',
        url: 'http://127.0.0.1:9000/',
        secretFile: 'pager.secret',
        events: ['planCreated', 'incidentOpened'],
        namespaces: ['orders'],
        timeoutSeconds: 3,
        maxAttempts: 5,
        ca: '/ca.pem',
      },
    ]);
    expect(problems).toEqual([]);
    expect(webhooks).toEqual([
      {
        webhook: {
          name: 'audit',
          url: 'http://127.0.0.1:9000/',
          events: ['planCreated', 'incidentOpened'],
          namespaces: ['orders'],
          maxAttempts: 5,
        },
        endpoint: {
          name: 'audit',
          endpoint: 'http://127.0.0.1:9000/',
          timeoutMs: 3_000,
          secret: { file: '/etc/meshkit/pager.secret' },
          ca: '/ca.pem',
        },
      },
    ]);
  });

  test('takes two secrets while one follows the other', () => {
    const { webhooks } = resolved([{ ...whole, secret: [secret, secret] }]);
    const source = webhooks[0]?.endpoint.secret;
    expect(source && 'secrets' in source && source.secrets).toHaveLength(2);
  });

  test('names everything that is wrong at once', () => {
    const wrong = {
      name: 'Pager!',
      url: 'http://pager.example',
      secret: 'guess me',
      events: ['planVanished'],
      namespaces: 'orders',
      timeoutSeconds: 0,
      maxAttempts: 1.5,
      ca: '',
      retries: 3,
    };
    expect(resolved([wrong]).fields.sort()).toEqual(
      [
        'webhooks[0].ca',
        'webhooks[0].events[0]',
        'webhooks[0].maxAttempts',
        'webhooks[0].name',
        'webhooks[0].namespaces',
        'webhooks[0].retries',
        'webhooks[0].secret',
        'webhooks[0].timeoutSeconds',
        'webhooks[0].url',
      ].sort(),
    );
  });

  test.each([
    ['no list', 'pager', ['webhooks']],
    ['too many', Array.from({ length: 21 }, () => whole), ['webhooks']],
    ['no mapping', ['pager'], ['webhooks[0]']],
    ['a name twice', [whole, whole], ['webhooks']],
    ['no secret', [{ ...whole, secret: undefined }], ['webhooks[0].secret']],
    ['two sources of the secret', [{ ...whole, secretFile: 'x' }], ['webhooks[0].secretFile']],
    ['no URL', [{ ...whole, url: 'pager' }], ['webhooks[0].url']],
    ['another scheme', [{ ...whole, url: 'ftp://pager.example' }], ['webhooks[0].url']],
    [
      'a host that only looks like loopback',
      [{ ...whole, url: 'http://127.0.0.1.example' }],
      ['webhooks[0].url'],
    ],
    ['credentials in the URL', [{ ...whole, url: 'https://a:b@pager.example' }], ['webhooks[0].url']],
  ])('refuses %s', (_, input, fields) => {
    expect(resolved(input).fields).toEqual(fields);
  });

  test('never repeats a secret', () => {
    const { problems } = resolved([
      { ...whole, secret: 'hunter2' },
      { ...whole, name: 'b', url: 'https://ann:hunter2@pager.example' },
    ]);
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});
