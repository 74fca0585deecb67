import { describe, expect, it } from 'vitest'
import type { Controls } from '../../src/domain/controls.ts'
import { PlanId } from '../../src/domain/ids.ts'
import type { Records } from '../../src/ports/records.ts'

function controls(plan: string, reason: string | null = null): Controls {
  const hold = reason === null ? null : { by: 'olga', reason, atMs: 1 }
  return { planId: PlanId.parse(plan), hold, rollback: null, abort: null }
}

/** What every implementation of `Records` must do; `open` gives an empty one. */
export function recordsContract(name: string, open: () => Promise<Records>): void {
  describe(`${name} keeps the records contract`, () => {
    it('what was created is read back', async () => {
      const records = await open()

      expect(await records.create('controls', 'plan-1', controls('plan-1'))).toBe('created')
      expect(await records.read('controls', 'plan-1')).toMatchObject({
        id: 'plan-1',
        value: controls('plan-1'),
      })
    })

    it('an id that was never created is undefined', async () => {
      expect(await (await open()).read('controls', 'plan-1')).toBeUndefined()
    })

    it('a second create of one id changes nothing and says so', async () => {
      const records = await open()
      await records.create('controls', 'plan-1', controls('plan-1', 'first'))

      expect(await records.create('controls', 'plan-1', controls('plan-1', 'second'))).toBe('exists')
      expect((await records.read('controls', 'plan-1'))?.value.hold?.reason).toBe('first')
    })

    it('one id in two collections is two records', async () => {
      const records = await open()
      await records.create('controls', 'plan-1', controls('plan-1'))

      expect(await records.read('runs', 'plan-1')).toBeUndefined()
    })

    it('each replace changes the etag, and a stale etag changes nothing', async () => {
      const records = await open()
      await records.create('controls', 'plan-1', controls('plan-1'))
      const first = await records.read('controls', 'plan-1')

      expect(await records.replace('controls', 'plan-1', controls('plan-1', 'mine'), first?.etag ?? '')).toBe(
        'replaced',
      )
      const second = await records.read('controls', 'plan-1')
      expect(second?.etag).not.toBe(first?.etag)
      expect(
        await records.replace('controls', 'plan-1', controls('plan-1', 'theirs'), first?.etag ?? ''),
      ).toBe('stale')
      expect((await records.read('controls', 'plan-1'))?.value.hold?.reason).toBe('mine')
    })

    it('a replace of what is not there is stale', async () => {
      expect(await (await open()).replace('controls', 'plan-1', controls('plan-1'), '1')).toBe('stale')
    })

    it('a list is ordered by id, keeps to its prefix, continues behind an id and ends at its limit', async () => {
      const records = await open()
      for (const id of ['plan-1/b', 'plan-10/a', 'plan-1/c', 'plan-1/a', 'plan-1/ä', 'other'])
        await records.create('controls', id, controls('plan-1'))
      const ids = async (query: Parameters<Records['list']>[1]) =>
        (await records.list('controls', query)).map((stored) => stored.id)

      expect(await ids({ prefix: 'plan-1/', limit: 10 })).toEqual([
        'plan-1/a',
        'plan-1/b',
        'plan-1/c',
        'plan-1/ä',
      ])
      expect(await ids({ prefix: 'plan-1/', limit: 2 })).toEqual(['plan-1/a', 'plan-1/b'])
      expect(await ids({ prefix: 'plan-1/', after: 'plan-1/b', limit: 1 })).toEqual(['plan-1/c'])
      expect(await ids({ limit: 100 })).toHaveLength(6)
      expect(await ids({ prefix: 'none', limit: 100 })).toEqual([])
    })

    it('a value that its schema refuses is not written', async () => {
      const records = await open()
      const broken = JSON.parse('{"planId":"plan-1"}')

      await expect(records.create('controls', 'plan-1', broken)).rejects.toThrow()
      expect(await records.read('controls', 'plan-1')).toBeUndefined()
    })
  })
}
