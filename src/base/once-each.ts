/** The same function, which makes what it makes of each object once, for as long as the object lives. */
export function onceEach<In extends WeakKey, Out extends NonNullable<unknown>>(
  make: (from: In) => Out,
): (from: In) => Out {
  const made = new WeakMap<In, Out>();
  return (from) => {
    const known = made.get(from);
    if (known !== undefined) return known;
    const fresh = make(from);
    made.set(from, fresh);
    return fresh;
  };
}
