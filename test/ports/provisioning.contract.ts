import { describe, expect, it } from 'vitest'
import type { ReplicaId, StampId } from '../../src/domain/ids.ts'
import type { Capacity } from '../../src/ports/capacity.ts'
import type { Catalog } from '../../src/ports/catalog.ts'
import { type NewStamp, type Provisioning, StampNotReady } from '../../src/ports/provisioning.ts'

export interface ProvisioningUnderTest {
  readonly provisioning: Provisioning
  readonly catalog: Catalog
  readonly capacity: Capacity
  /** A stamp that is not there, and can be made. */
  readonly wanted: NewStamp
  /** A stamp that is there and that nobody made by this port. */
  readonly known: StampId
  readonly replica: ReplicaId
  readonly pass: (durationMs: number) => Promise<void>
  /** How long making, or removing, may take. */
  readonly withinMs: number
}

/** What every implementation of `Provisioning` must do; `open` gives one on which nothing was done yet. */
export function provisioningContract(name: string, open: () => Promise<ProvisioningUnderTest>): void {
  describe(`${name} keeps the provisioning contract`, () => {
    it('what was never made is absent, and its removal finds nothing', async () => {
      const { provisioning, wanted } = await open()
      expect(await provisioning.state(wanted.stamp)).toEqual({ kind: 'absent' })
      expect(await provisioning.remove(wanted)).toBe('absent')
    })

    it('a stamp is made once: a repeat goes on, another key and a name that is there are refused', async () => {
      const { provisioning, wanted, known } = await open()
      expect(await provisioning.create(wanted)).toBe('begun')
      expect(await provisioning.create(wanted)).toBe('begunBefore')
      expect(await provisioning.create({ ...wanted, key: 'another' })).toBe('taken')
      expect(await provisioning.create({ ...wanted, stamp: known })).toBe('taken')
    })

    it('it gets its nodes in time, and takes no replicas before it is activated', async () => {
      const under = await open()
      const { provisioning, wanted, capacity, pass, withinMs } = under
      await provisioning.create(wanted)
      await expect(provisioning.activate(wanted)).rejects.toThrow(StampNotReady)
      await pass(withinMs)
      expect(await provisioning.state(wanted.stamp)).toMatchObject({ kind: 'ready', key: wanted.key })
      const pools = await capacity.pools(wanted.stamp)
      expect(pools.map(({ role, readyNodes }) => [role, readyNodes])).toEqual(
        wanted.pools.map(({ role, nodes }) => [role, nodes]),
      )
      expect((await stampOf(under))?.state).not.toBe('active')

      await expect(provisioning.activate({ ...wanted, key: 'another' })).rejects.toThrow(StampNotReady)
      await provisioning.activate(wanted)
      await provisioning.activate(wanted)
      expect(await stampOf(under)).toMatchObject({ state: 'active', kind: 'isolated' })
    })

    it('what was made is removed however far it got, by whoever made it, and can be made anew', async () => {
      const under = await open()
      const { provisioning, wanted, capacity, pass, withinMs } = under
      await provisioning.create(wanted)
      expect(await provisioning.remove({ ...wanted, key: 'another' })).toBe('notOurs')
      expect(await provisioning.remove(wanted)).toBe('removing')
      expect(['removing', 'absent']).toContain(await provisioning.remove(wanted))
      await pass(withinMs)
      expect(await provisioning.state(wanted.stamp)).toEqual({ kind: 'absent' })
      expect([await stampOf(under), await capacity.pools(wanted.stamp)]).toEqual([undefined, []])
      expect(await provisioning.create({ ...wanted, key: 'anew' })).toBe('begun')
    })

    it('a stamp that replicas are bound to is not removed', async () => {
      const { provisioning, wanted, catalog, replica, pass, withinMs } = await open()
      await provisioning.create(wanted)
      await pass(withinMs)
      await provisioning.activate(wanted)
      const expectedEpoch = (await catalog.binding(replica))?.epoch ?? 0
      await catalog.rebind({ replica, to: wanted.stamp, expectedEpoch, moveKey: 'k1' })
      expect(await provisioning.remove(wanted)).toBe('inUse')
      expect(await provisioning.state(wanted.stamp)).toMatchObject({ kind: 'active' })
    })
  })
}

async function stampOf({ catalog, wanted }: ProvisioningUnderTest) {
  const region = (await catalog.fleet()).regions.find(({ name }) => name === wanted.region)
  return region?.stamps.find(({ id }) => id === wanted.stamp)
}
