import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { canonicalJson, digestOf, digestOfJson } from './digest.ts';

describe('canonicalJson', () => {
  test('sorts members by UTF-16 code units and prints numbers as ECMAScript does (RFC 8785, 3.2)', () => {
    expect(canonicalJson({ '€': 1, '\r': 2, '1': 3, a: 4e21, b: 0.000001, c: [true, null, ''] })).toBe(
      '{"\\r":2,"1":3,"a":4e+21,"b":0.000001,"c":[true,null,""],"€":1}',
    );
  });

  test('is JSON with the same meaning, whatever the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
          const reversed = Object.fromEntries(Object.entries(value).reverse());
          expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        }
      }),
    );
  });

  test('leaves out what is undefined and refuses what JSON cannot say', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError);
    expect(() => canonicalJson({ a: () => 1 })).toThrow(TypeError);
  });
});

test('a digest is SHA-256 over the concatenated parts', () => {
  expect(digestOf('a', new TextEncoder().encode('bc'))).toBe(
    'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  expect(digestOfJson({ b: 1, a: 2 })).toBe(digestOf('{"a":2,"b":1}'));
});
