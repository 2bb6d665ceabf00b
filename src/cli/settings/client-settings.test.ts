import { describe, expect, test } from 'bun:test';
import { ProblemError } from '../../domain/problem.ts';
import type { CliContext } from '../cli-context.ts';
import type { GlobalOptions } from '../global-options.ts';
import { resolveClientSettings } from './client-settings.ts';

const file = `
current: staging
profiles:
  staging:
    address: https://staging:7443
    ca: ca.pem
    transport: h2
    tokenCommand: issue-token
    namespace: orders
    principal: ann
    timeoutSeconds: 5
  bare: {}
`;

function resolve(options: GlobalOptions = {}, env: Record<string, string> = {}, content?: string) {
  const files = new Map(content === undefined ? [] : [['/home/ann/.config/mesh/config.yaml', content]]);
  const context = {
    env: { HOME: '/home/ann', ...env },
    folder: '/work',
    exists: async (path: string) => files.has(path),
    readFile: async (path: string) => new TextEncoder().encode(files.get(path) ?? ''),
  } as Partial<CliContext> as CliContext;
  return resolveClientSettings(context, options);
}

async function problems(work: Promise<unknown>) {
  const thrown = await work.catch((error: unknown) => error);
  if (!(thrown instanceof ProblemError)) throw new Error(`unexpected: ${thrown}`);
  return thrown.problems;
}

describe('the settings', () => {
  test('are the defaults where nobody says anything', async () => {
    expect(await resolve()).toEqual({
      address: { value: 'https://127.0.0.1:7443', origin: 'default', name: '' },
      transport: { value: 'auto', origin: 'default', name: '' },
    });
  });

  test('are those of the current profile, with paths beside its file', async () => {
    expect(await resolve({}, {}, file)).toMatchObject({
      profile: { value: 'staging', name: 'current' },
      address: { value: 'https://staging:7443', name: 'profiles.staging.address' },
      transport: { value: 'h2' },
      ca: { value: '/home/ann/.config/mesh/ca.pem' },
      token: { value: { kind: 'command', value: 'issue-token' }, origin: 'profile' },
      namespace: { value: 'orders' },
      principal: { value: 'ann' },
      timeoutMs: { value: 5_000 },
    });
  });

  test('are taken from the environment before the profile, and from flags before both', async () => {
    const env = { MESH_ADDRESS: 'env:1', MESH_CA: 'env.pem', MESH_TOKEN: 't', MESH_TRANSPORT: 'h1' };
    const { address, ca, token, transport } = await resolve(
      { address: 'flag:1', tokenFile: 'a.jwt' },
      env,
      file,
    );
    expect(address).toEqual({ value: 'https://flag:1', origin: 'flag', name: '--address' });
    expect(ca).toEqual({ value: '/work/env.pem', origin: 'environment', name: 'MESH_CA' });
    expect(token?.value).toEqual({ kind: 'file', value: '/work/a.jwt' });
    expect(transport).toEqual({ value: 'h1', origin: 'environment', name: 'MESH_TRANSPORT' });
  });

  test('of another profile hold when it is named; a variable set to nothing is none', async () => {
    const { address, profile } = await resolve({ profile: 'bare' }, { MESH_ADDRESS: '' }, file);
    expect([address.value, profile?.name]).toEqual(['https://127.0.0.1:7443', '--profile']);
    expect((await resolve({}, { MESH_PROFILE: 'bare' }, file)).profile?.name).toBe('MESH_PROFILE');
  });

  test.each([
    ['MESH_TRANSPORT', { MESH_TRANSPORT: 'h4' }, 'auto, h3, h2, h1'],
    ['MESH_ADDRESS', { MESH_ADDRESS: 'ftp://x' }, 'https://HOST:PORT'],
    ['MESH_PROFILE', { MESH_PROFILE: 'stagin' }, 'staging, bare'],
  ])('that are wrong are named as they were given: %s', async (field, env, limit) => {
    const [problem] = await problems(resolve({}, env, file));
    expect(problem).toMatchObject({ code: 'FIELD_INVALID', field, limit });
  });
});

describe('a profile file', () => {
  test('is told everything that is wrong with it', async () => {
    const content =
      'curent: a\nprofiles:\n  a:\n    adress: x\n    timeoutSeconds: -1\n    ca: 7\n  b: text\n';
    const found = await problems(resolve({}, {}, content));
    expect(found.map(({ code, field }) => [code, field])).toEqual([
      ['FIELD_UNKNOWN', 'curent'],
      ['FIELD_UNKNOWN', 'profiles.a.adress'],
      ['CONFIG_INVALID', 'profiles.a.timeoutSeconds'],
      ['CONFIG_INVALID', 'profiles.a.ca'],
      ['CONFIG_INVALID', 'profiles.b'],
    ]);
    expect(found[1]?.message).toContain('did you mean address?');
  });

  test.each(['profiles: [', '- a', 'profiles: 7'])('that is none is a problem: %s', async (content) => {
    const [problem] = await problems(resolve({}, {}, content));
    expect(problem?.code).toBe('CONFIG_INVALID');
  });
});
