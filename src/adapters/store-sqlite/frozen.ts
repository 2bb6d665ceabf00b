/**
 * Arrays longer than this stay as they are, their members frozen all the same: the engine keeps a frozen array in a
 * form that is many times slower to make and to read (a million elements: more than a second).
 */
const maxFrozenElements = 1_000;

/** The value that a text of ours stands for, frozen through and through. Throws on a text that is not JSON: damage. */
export function frozenFromJson<T>(text: string): T {
  return deepFrozen(JSON.parse(text) as T);
}

/** Freezes a value and everything in it, but for typed arrays, which the language cannot freeze, and long arrays. */
export function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) {
    return value;
  }
  if (Array.isArray(value)) {
    for (const member of value) deepFrozen(member);
    return value.length <= maxFrozenElements ? Object.freeze(value) : value;
  }
  for (const member of Object.values(value)) deepFrozen(member);
  return Object.freeze(value);
}
