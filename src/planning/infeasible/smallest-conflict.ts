/** Sets of rules that are tried at most when a smaller one is looked for; beyond it the irreducible one must do. */
const maxTried = 2_000;

/**
 * A smallest set of rules that already contradict each other, in the order given; null when all together do not. First a
 * deletion filter leaves a set of which every rule is needed (Chinneck, Dravnieks, "Locating minimal infeasible constraint
 * sets in linear programs", 1991); there may be several such sets, so that all smaller ones are tried next, rules that
 * stand first being preferred.
 *
 * @param isFeasible whether the rules can be kept together; a subset of such rules can be, too
 */
export function smallestConflict<Rule>(
  rules: readonly Rule[],
  isFeasible: (rules: readonly Rule[]) => boolean,
): readonly Rule[] | null {
  if (isFeasible(rules)) return null;
  let needed = rules;
  // From the end: what stands first is kept where there is a choice.
  for (const rule of rules.toReversed()) {
    const without = needed.filter((each) => each !== rule);
    if (!isFeasible(without)) needed = without;
  }
  let tried = 0;
  for (let size = 0; size < needed.length; size++) {
    for (const subset of subsetsOf(rules, size)) {
      if (!isFeasible(subset)) return subset;
      tried += 1;
      if (tried >= maxTried) return needed;
    }
  }
  return needed;
}

/** All subsets of a size, in the order of the list. */
function* subsetsOf<Rule>(rules: readonly Rule[], size: number): Generator<readonly Rule[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (const [index, first] of rules.entries()) {
    for (const rest of subsetsOf(rules.slice(index + 1), size - 1)) yield [first, ...rest];
  }
}
