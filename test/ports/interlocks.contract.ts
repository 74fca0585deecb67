import { describe, expect, it } from 'vitest'
import type { Interlock } from '../../src/domain/interlocks.ts'
import type { Interlocks } from '../../src/ports/interlocks.ts'

const ROLLOUT: Interlock = {
  ...{ kind: 'rollout', region: 'north', words: 'platform 1.2', fromMs: 1000, untilMs: 2000 },
}
const FOR_GOOD: Interlock = { kind: 'incident', region: 'north', words: 'disk', fromMs: 1500, untilMs: null }

/** What every implementation of `Interlocks` must do; `open` gives one that knows these interlocks. */
export function interlocksContract(
  name: string,
  open: (known: readonly Interlock[]) => Promise<Interlocks>,
): void {
  describe(`${name} keeps the interlocks contract`, () => {
    const between = async (fromMs: number, toMs: number, region = 'north') =>
      (await (await open([ROLLOUT, FOR_GOOD])).between({ region, fromMs, toMs })).map(({ kind }) => kind)

    it('what was in force at any moment of a span is told whole', async () => {
      const all = await (await open([ROLLOUT])).between({ region: 'north', fromMs: 1999, toMs: 5000 })

      expect(all).toEqual([ROLLOUT])
    })

    it('what ended before a span, or began after it, is not told', async () => {
      expect(await between(2000, 3000)).toEqual(['incident'])
      expect(await between(0, 999)).toEqual([])
    })

    it('what has no end goes on, and what begins at the end of a span counts', async () => {
      expect(await between(9_000_000, 9_000_001)).toEqual(['incident'])
      expect(await between(0, 1000)).toEqual(['rollout'])
    })

    it('another region has none of it', async () => {
      expect(await between(1000, 2000, 'south')).toEqual([])
    })
  })
}
