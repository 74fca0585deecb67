import { describe, expect, it } from 'vitest'
import type { Anchors } from '../../src/ports/anchors.ts'

const anchor = (number: number, letter = 'a', chain = 'plan-1') => ({
  chain,
  number,
  hash: letter.repeat(64),
  atMs: number * 10,
})

/** What every implementation of `Anchors` must do; `open` gives an empty one. */
export function anchorsContract(name: string, open: () => Promise<Anchors>): void {
  describe(`${name} keeps the anchors contract`, () => {
    it('what was kept is listed by number, for its own chain alone', async () => {
      const anchors = await open()
      for (const each of [anchor(10), anchor(2), anchor(1, 'b', 'plan-2')])
        expect(await anchors.keep(each)).toBe('kept')

      expect(await anchors.list('plan-1')).toEqual([anchor(2), anchor(10)])
      expect(await anchors.list('plan-3')).toEqual([])
    })

    it('the same head again changes nothing', async () => {
      const anchors = await open()
      await anchors.keep(anchor(2))

      expect(await anchors.keep({ ...anchor(2), atMs: 99 })).toBe('keptBefore')
      expect(await anchors.list('plan-1')).toEqual([anchor(2)])
    })

    it('another head under the same number is a conflict and changes nothing', async () => {
      const anchors = await open()
      await anchors.keep(anchor(2))

      expect(await anchors.keep(anchor(2, 'c'))).toBe('conflict')
      expect(await anchors.list('plan-1')).toEqual([anchor(2)])
    })
  })
}
