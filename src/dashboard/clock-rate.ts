/** One look at the host's clock, and this machine's at that moment. Epoch ms. */
export interface ClockSample {
  readonly hostMs: number
  readonly hereMs: number
}

/** Few, since the clock runs as usual while a person is asked and fast again after the answer. */
const SAMPLES_MAX = 3
const RATE_FROM = 1.5

/** Adds a look; keeps the latest few. A clock that went back starts anew. */
export function withSample(samples: readonly ClockSample[], sample: ClockSample): readonly ClockSample[] {
  const last = samples.at(-1)
  if (last && (sample.hostMs < last.hostMs || sample.hereMs < last.hereMs)) return [sample]
  return [...samples, sample].slice(-SAMPLES_MAX)
}

/** How many times faster than here the host's clock ran lately; null where it runs as usual or nobody knows. */
export function clockRate(samples: readonly ClockSample[]): number | null {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.hereMs - first.hereMs < 500) return null
  const rate = (last.hostMs - first.hostMs) / (last.hereMs - first.hereMs)
  return rate >= RATE_FROM ? rate : null
}

/** `60x`, `3,600x`: two digits are as much as is known. */
export function rateWords(rate: number): string {
  return `${Number(rate.toPrecision(2)).toLocaleString('en-GB')}×`
}
