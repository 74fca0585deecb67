import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SparseLoads } from '../../src/domain/sparse-loads.ts'

const BINS = 24
const anyBins = fc.array(fc.boolean(), { minLength: BINS, maxLength: BINS })
const anyLoads = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,3}$/),
  fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 1.5, 7), { minLength: BINS, maxLength: BINS }),
)

/** Loads as attribution makes them: values in known bins, NaN in all others. */
function loadsOf(drawn: Readonly<Record<string, readonly number[]>>, isKnown: readonly boolean[]) {
  return new Map(
    Object.entries(drawn).map(([registry, values]) => [
      registry,
      Float64Array.from(values, (value, bin) => (isKnown[bin] ? value : Number.NaN)),
    ]),
  )
}

test('loads of which few values are kept are to whoever asks as if they were kept whole', () => {
  let few = 0
  fc.assert(
    fc.property(anyLoads, anyBins, (drawn, isKnown) => {
      const whole = loadsOf(drawn, isKnown)
      const known = Uint32Array.from(isKnown.flatMap((known, bin) => (known ? [bin] : [])))
      const kept = new SparseLoads(whole, known, BINS)
      expect([...kept]).toEqual([...whole])
      expect([...kept.keys()]).toEqual([...whole.keys()])
      expect([...kept.values()]).toEqual([...whole.values()])
      const visited: unknown[] = []
      kept.forEach((load, registry) => {
        visited.push([registry, load])
      })
      expect(visited).toEqual([...whole])
      expect(kept.size).toBe(whole.size)
      for (const [registry, load] of whole) {
        expect(kept.has(registry)).toBe(true)
        expect(kept.get(registry)).toEqual(load)
        if (kept.get(registry) !== load) few += 1
      }
      expect(kept.get('nobody')).toBeUndefined()
    }),
  )
  expect(few).toBeGreaterThan(50)
})
