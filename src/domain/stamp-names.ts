/**
 * The stamps that a name speaks of, such as `vmss-weu-01-registry` of `weu-01`: whole parts only, so that `weu-1` is not
 * `weu-10`, and of stamps that contain one another the longest. Names and ids are compared without letter case.
 */
export function stampsNamed<Id extends string>(name: string, stamps: readonly Id[]): Id[] {
  const text = `-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-`
  const named = stamps.filter((stamp) => text.includes(`-${stamp.toLowerCase()}-`))
  return named.filter(
    (stamp) =>
      !named.some(
        (other) => other !== stamp && `-${other.toLowerCase()}-`.includes(`-${stamp.toLowerCase()}-`),
      ),
  )
}
