/** A block of observation without evidence adds nothing, for or against. */
export type Step = readonly number[] | null

/** What came of a test up to now. Evidence is a natural logarithm: at `threshold` it is an alarm. */
export interface Evidence {
  /** The greatest evidence seen so far. */
  readonly greatest: number
  readonly threshold: number
  /** The step at which the threshold was first reached; null for never. */
  readonly alarmAt: number | null
}

/** As many later beginnings of trouble as there are blocks of five minutes in 48 hours. */
const ONSETS = 576
/** Half of the belief is in trouble that begins with the first block, the rest spread over the later ones. */
const FIRST_ONSET = 0.5
/** More than this is an alarm anyway, and its exponential no number: the records take none but numbers. */
const RATIO_MAX = 500

/**
 * Follows an e-process: a mixture of likelihood ratios over several alternatives and over the block in which trouble
 * begins. Each step holds the log-likelihood ratios of one block, one per alternative. When nothing is wrong, the chance of
 * ever reaching 1 / alpha is at most alpha, however often somebody looks: Ville's inequality, as in Ramdas, Grünwald,
 * Vovk & Shafer, "Game-theoretic statistics and safe anytime-valid inference", Statistical Science 38 (2023), sections 2-3;
 * the mixture over beginnings as in Shin, Ramdas & Rinaldo, "E-detectors", NEJSDS 2 (2024).
 */
export function followEvidence(steps: readonly Step[], alpha: number): Evidence {
  const threshold = Math.log(1 / alpha)
  let begun: readonly number[] = []
  let unbegun = 1
  let blocks = 0
  let greatest = 0
  for (const [at, step] of steps.entries()) {
    if (step === null) continue
    const weight = onsetWeight(blocks)
    blocks += 1
    unbegun -= weight
    begun = step.map((ratio, one) => ((begun[one] ?? 0) + weight) * Math.exp(Math.min(ratio, RATIO_MAX)))
    const sum = begun.reduce((total, part) => total + part, 0)
    const evidence = Math.log(unbegun + sum / begun.length)
    greatest = Math.max(greatest, evidence)
    if (evidence >= threshold) return { greatest, threshold, alarmAt: at }
  }
  return { greatest, threshold, alarmAt: null }
}

function onsetWeight(block: number): number {
  if (block === 0) return FIRST_ONSET
  return block <= ONSETS ? (1 - FIRST_ONSET) / ONSETS : 0
}

/** So many times as much as expected is looked for. */
const FACTORS = [1.5, 2, 4, 16] as const

/** How a healthy count spreads about what is expected. */
export interface Spread {
  /** Up to so many times the expected is healthy: how far it drifted by itself before. */
  readonly tolerated: number
  /** Extra variance of a block's count, as a share of the square of its mean; 0 is Poisson. */
  readonly dispersion: number
}

/**
 * The log-likelihood ratios of one block's count: that of `FACTORS` times the expected against the tolerated multiple, under the
 * negative binomial with the given dispersion. Such ratios grow with the count, so that whoever stays below the tolerated
 * multiple gains no evidence on average (monotone likelihood ratio; Lehmann & Romano, "Testing Statistical Hypotheses", 3.4).
 */
export function countStep(
  block: { readonly count: number; readonly expected: number },
  spread: Spread,
): Step {
  const { count, expected } = block
  const { tolerated, dispersion } = spread
  return FACTORS.map((factor) => {
    const wanted = tolerated * factor
    if (dispersion === 0) return count * Math.log(factor) - (wanted - tolerated) * expected
    const size = 1 / dispersion
    const widened = Math.log((size + wanted * expected) / (size + tolerated * expected))
    return count * Math.log(factor) - (count + size) * widened
  })
}

/** So large shares of minutes above a limit are looked for, against at most `ABOVE_TOLERATED`. */
const ABOVE = [0.2, 0.5, 0.9] as const
/** A 95th percentile below the limit is at most this share of minutes above it. */
const ABOVE_TOLERATED = 0.05

/**
 * The log-likelihood ratios of one block's share of minutes above a limit, 0..1. A block counts as one observation, since
 * its minutes resemble each other: the mean of the minutes' ratios, which by Jensen's inequality stays a fair bet.
 */
export function aboveStep(share: number): Step {
  return ABOVE.map(
    (wanted) =>
      share * Math.log(wanted / ABOVE_TOLERATED) +
      (1 - share) * Math.log((1 - wanted) / (1 - ABOVE_TOLERATED)),
  )
}
