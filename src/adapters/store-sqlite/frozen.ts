/** The value that a text of ours stands for, frozen through and through. Throws on a text that is not JSON: damage. */
export function frozenFromJson<T>(text: string): T {
  return deepFrozen(JSON.parse(text) as T);
}

/** Freezes a value and everything in it; typed arrays stay as they are, since the language cannot freeze them. */
export function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) {
    return value;
  }
  for (const member of Object.values(value)) deepFrozen(member);
  return Object.freeze(value);
}
