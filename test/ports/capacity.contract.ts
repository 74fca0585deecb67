import { describe, expect, it } from 'vitest'
import { StampId } from '../../src/domain/ids.ts'
import type { Capacity } from '../../src/ports/capacity.ts'

export interface CapacityUnderTest {
  readonly capacity: Capacity
  /** A stamp with a pool of this role whose nodes are all ready and fewer than its maximum. */
  readonly stamp: StampId
  readonly role: string
  /** Lets so much time pass. */
  readonly pass: (durationMs: number) => Promise<void>
  /** How long a new node may take until it serves. */
  readonly readyWithinMs: number
}

/** What every implementation of `Capacity` must do; `open` gives one on which nothing was done yet. */
export function capacityContract(name: string, open: () => Promise<CapacityUnderTest>): void {
  describe(`${name} keeps the capacity contract`, () => {
    it('a pool has no more ready nodes than nodes, and both lie between minimum and maximum', async () => {
      const { capacity, stamp, role } = await open()
      const pool = await poolOf(capacity, stamp, role)

      expect(pool.readyNodes).toBeLessThanOrEqual(pool.nodes)
      expect(pool.nodes).toBeGreaterThanOrEqual(pool.minNodes)
      expect(pool.nodes).toBeLessThanOrEqual(pool.maxNodes)
    })

    it('a minimum that was set is read back, and nodes above the old count become ready in time', async () => {
      const { capacity, stamp, role, pass, readyWithinMs } = await open()
      const before = await poolOf(capacity, stamp, role)
      const minNodes = before.nodes + 1
      await capacity.setMinimum({ stamp, role, minNodes })

      expect((await poolOf(capacity, stamp, role)).minNodes).toBe(minNodes)
      await pass(readyWithinMs)
      const after = await poolOf(capacity, stamp, role)
      expect(after.readyNodes).toBeGreaterThanOrEqual(minNodes)
    })

    it('setting the same minimum again changes nothing', async () => {
      const { capacity, stamp, role } = await open()
      const { minNodes } = await poolOf(capacity, stamp, role)
      const before = await capacity.pools(stamp)
      await capacity.setMinimum({ stamp, role, minNodes })

      expect(await capacity.pools(stamp)).toEqual(before)
    })

    it('a minimum above the maximum is refused and changes nothing', async () => {
      const { capacity, stamp, role } = await open()
      const before = await capacity.pools(stamp)
      const { maxNodes } = await poolOf(capacity, stamp, role)

      await expect(capacity.setMinimum({ stamp, role, minNodes: maxNodes + 1 })).rejects.toThrow(
        String(maxNodes),
      )
      expect(await capacity.pools(stamp)).toEqual(before)
    })

    it('a change by key is made once, and its repeat is recognised', async () => {
      const { capacity, stamp, role } = await open()
      const { epoch, nodes } = await poolOf(capacity, stamp, role)
      const change = { stamp, role, minNodes: nodes - 1, expectedEpoch: epoch, changeKey: 'k1' }

      expect(await capacity.changeMinimum(change)).toEqual({ kind: 'changed' })
      expect(await capacity.changeMinimum(change)).toEqual({ kind: 'alreadyChanged' })
      const after = await poolOf(capacity, stamp, role)
      expect(after).toMatchObject({ minNodes: nodes - 1, lastChangeKey: 'k1' })
      expect(after.epoch).toBeGreaterThan(epoch)
    })

    it('a change against an old epoch changes nothing, also where the number has come back', async () => {
      const { capacity, stamp, role } = await open()
      const { epoch, minNodes } = await poolOf(capacity, stamp, role)
      const late = { stamp, role, minNodes: minNodes - 1, expectedEpoch: epoch, changeKey: 'late' }
      const same = { stamp, role, minNodes, expectedEpoch: epoch, changeKey: 'same number' }
      expect(await capacity.changeMinimum(same)).toEqual({ kind: 'changed' })

      expect(await capacity.changeMinimum(late)).toEqual({ kind: 'stale' })
      expect(await poolOf(capacity, stamp, role)).toMatchObject({ minNodes, lastChangeKey: 'same number' })
    })

    it('a minimum that is set without a key is a change by somebody else', async () => {
      const { capacity, stamp, role } = await open()
      const { epoch, nodes } = await poolOf(capacity, stamp, role)
      await capacity.setMinimum({ stamp, role, minNodes: nodes + 1 })

      const after = await poolOf(capacity, stamp, role)
      expect(after).toMatchObject({ lastChangeKey: null })
      expect(after.epoch).toBeGreaterThan(epoch)
    })

    it('an unknown stamp has no pools and takes no minimum', async () => {
      const { capacity, role } = await open()
      const stamp = StampId.parse('no-such-stamp')

      expect(await capacity.pools(stamp)).toEqual([])
      await expect(capacity.setMinimum({ stamp, role, minNodes: 1 })).rejects.toThrow(stamp)
    })
  })
}

async function poolOf(capacity: Capacity, stamp: StampId, role: string) {
  const pool = (await capacity.pools(stamp)).find((one) => one.role === role)
  if (!pool) throw new Error(`${stamp} was opened without a pool ${role}`)
  return pool
}
