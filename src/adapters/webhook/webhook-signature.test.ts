import { describe, expect, test } from 'bun:test';
import { parseSecret, parseSecretFile, signatureHeaders } from './webhook-signature.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const other = 'C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

function bytes(text: string): Uint8Array {
  const parsed = parseSecret(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('a signature', () => {
  test('is what the reference implementation of Standard Webhooks gives', () => {
    const body = '{"test": 2432232314}';
    expect(
      signatureHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_999, body, [bytes(secret)]),
    ).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('comes once per secret, so that either of two verifies', () => {
    const alone = signatureHeaders('a', 0, 'b', [bytes(other)])['webhook-signature'];
    const both = signatureHeaders('a', 0, 'b', [bytes(secret), bytes(other)])['webhook-signature'];
    expect(both.split(' ')).toHaveLength(2);
    expect(both.split(' ')[1]).toBe(alone);
  });
});

describe('a secret', () => {
  test('may have its prefix or not', () => {
    expect(bytes(secret)).toEqual(bytes(secret.slice('whsec_'.length)));
  });

  test.each(['', 'whsec_', 'short', 'not base64 at all, is it? no no no', 'A'.repeat(200), 'whsec_AAAA'])(
    'is not %p, and is not repeated',
    (text) => {
      const parsed = parseSecret(text);
      expect(parsed.ok).toBe(false);
      if (!parsed.ok && text.length > 6) expect(parsed.error).not.toContain(text);
    },
  );

  test('file has one or two, a line each', () => {
    const one = parseSecretFile(`${secret}\n`);
    expect(one.ok && one.value).toHaveLength(1);
    const two = parseSecretFile(`\n${secret}\r\n${other}\n`);
    expect(two.ok && two.value).toHaveLength(2);
    for (const text of ['', '\n', `${secret}\nnone`, `${secret}\n${other}\n${secret}`])
      expect(parseSecretFile(text).ok).toBe(false);
  });
});
