import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aboveStep, countStep, followEvidence, type Step } from '../../src/domain/sequential-test.ts'
import { gamma, poisson, seeded } from './seeded-counts.ts'

const BLOCKS = 576
const ALPHA = 0.01
const WINDOWS = 1000

/** Probabilities of the negative binomial with a mean and a dispersion, from 0 up, until they add up to all but nothing. */
function probabilities(mean: number, dispersion: number): number[] {
  const size = 1 / dispersion
  const found: number[] = []
  let logOne = size * Math.log(size / (size + mean))
  for (let count = 0, sum = 0; sum < 1 - 1e-12 && count < 20_000; count += 1) {
    found.push(Math.exp(logOne))
    sum += Math.exp(logOne)
    logOne += Math.log((count + size) / (count + 1)) + Math.log(mean / (size + mean))
  }
  return found
}

test('a block wins nothing on average while the count stays within what is tolerated', () => {
  const any = fc.record({
    expected: fc.double({ min: 0.1, max: 20, noNaN: true }),
    dispersion: fc.double({ min: 0.02, max: 1, noNaN: true }),
    tolerated: fc.double({ min: 1, max: 2, noNaN: true }),
    part: fc.double({ min: 0.1, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(any, ({ expected, dispersion, tolerated, part }) => {
      const wins = [0, 0, 0, 0]
      for (const [count, chance] of probabilities(part * tolerated * expected, dispersion).entries()) {
        const step = countStep({ count, expected }, { tolerated, dispersion }) ?? []
        for (const [one, ratio] of step.entries()) wins[one] = (wins[one] ?? 0) + chance * Math.exp(ratio)
      }
      for (const win of wins) expect(win).toBeLessThan(1 + 1e-6)
    }),
    { numRuns: 50 },
  )
})

test('a share of minutes above a limit wins nothing on average while it is at most 5 %', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.05, noNaN: true }), (share) => {
      const [never = [], always = []] = [aboveStep(0) ?? [], aboveStep(1) ?? []]
      for (const [one, ratio] of always.entries()) {
        expect(share * Math.exp(ratio) + (1 - share) * Math.exp(never[one] ?? 0)).toBeLessThan(1 + 1e-9)
      }
    }),
  )
})

test('more errors are never less evidence', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 40 })
  const follow = (some: readonly number[]) =>
    followEvidence(
      some.map((count) => countStep({ count, expected: 5 }, { tolerated: 1.25, dispersion: 0.1 })),
      1e-300,
    ).greatest
  fc.assert(
    fc.property(counts, fc.nat(), (some, at) => {
      const more = some.map((count, one) => (one === at % some.length ? count + 3 : count))
      expect(follow(more)).toBeGreaterThanOrEqual(follow(some))
    }),
  )
})

test('blocks without evidence change nothing, wherever they are', () => {
  const step = fc.double({ min: -1, max: 1, noNaN: true }).map((ratio): Step => [ratio])
  const steps = fc.array(fc.option(step), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (some) => {
      const present = some.filter((one) => one !== null)
      expect(followEvidence(some, ALPHA).greatest).toBe(followEvidence(present, ALPHA).greatest)
    }),
  )
})

test('blocks that say nothing either way are no evidence, however many there are', () => {
  const { greatest } = followEvidence(
    Array.from({ length: 2 * BLOCKS }, (): Step => [0, 0]),
    ALPHA,
  )
  expect(greatest).toBeCloseTo(0, 9)
})

const NULLS = [
  { name: 'chance alone', shape: null, spread: { tolerated: 1, dispersion: 0 } },
  { name: 'bursts', shape: 5, spread: { tolerated: 1, dispersion: 0.2 } },
  { name: 'all of the tolerated drift', shape: 5, spread: { tolerated: 1.25, dispersion: 0.2 } },
]
test.each(NULLS)('with $name, looking 576 times alarms in at most 1 % of windows', ({ shape, spread }) => {
  const draw = seeded(7)
  let alarms = 0
  for (let window = 0; window < WINDOWS; window += 1) {
    const steps = Array.from({ length: BLOCKS }, () => {
      const mean = 8 * spread.tolerated * (shape ? gamma(shape, draw) : 1)
      return countStep({ count: poisson(mean, draw), expected: 8 }, spread)
    })
    if (followEvidence(steps, ALPHA).alarmAt !== null) alarms += 1
  }
  expect(alarms).toBeLessThanOrEqual(ALPHA * WINDOWS)
})

test('a doubling is found though it begins a day after the move', () => {
  const draw = seeded(3)
  const steps = Array.from({ length: BLOCKS }, (_, block) =>
    countStep(
      { count: poisson(block < 288 ? 40 : 80, draw), expected: 40 },
      { tolerated: 1.25, dispersion: 0.02 },
    ),
  )
  const { alarmAt } = followEvidence(steps, ALPHA)
  expect(alarmAt).toBeGreaterThanOrEqual(288)
  expect(alarmAt).toBeLessThan(288 + 6)
})

test('evidence beyond all measure is an alarm, and a number', () => {
  const step = countStep({ count: 1e6, expected: 1 }, { tolerated: 1, dispersion: 0 })
  const seen = followEvidence([step], 0.001)
  expect(seen.alarmAt).toBe(0)
  expect(Number.isFinite(seen.greatest)).toBe(true)
})
