import { describe, expect, it } from 'vitest'
import { type ReplicaId, replicaId, StampId } from '../../src/domain/ids.ts'
import type { Catalog } from '../../src/ports/catalog.ts'

export interface CatalogUnderTest {
  readonly catalog: Catalog
  /** A replica at home on `home`, never re-bound, in a region that has the stamp `other` too. */
  readonly replica: ReplicaId
  readonly home: StampId
  readonly other: StampId
}

/** What every implementation of `Catalog` must do; `open` gives one on which nothing was done yet. */
export function catalogContract(name: string, open: () => Promise<CatalogUnderTest>): void {
  describe(`${name} keeps the catalog contract`, () => {
    it('the fleet names each replica at its home', async () => {
      const { catalog, replica, home } = await open()
      const fleet = await catalog.fleet()

      expect(homeIn(fleet, replica)).toBe(home)
      expect((await catalog.binding(replica))?.homeStamp).toBe(home)
    })

    it('all bindings name each replica of the fleet once, as asked for one by one', async () => {
      const { catalog, replica, other } = await open()
      await catalog.rebind({ replica, to: other, expectedEpoch: 1, moveKey: 'k1' })
      const all = await catalog.bindings()
      const { registries } = await catalog.fleet()

      expect(all).toHaveLength(registries.reduce((sum, { replicas }) => sum + replicas.length, 0))
      expect(new Set(all.map((one) => one.replica)).size).toBe(all.length)
      for (const binding of all) expect(await catalog.binding(binding.replica)).toEqual(binding)
    })

    it('a re-bind at the expected epoch binds, and binding and fleet show it', async () => {
      const { catalog, replica, other } = await open()
      const before = await catalog.binding(replica)
      const outcome = await catalog.rebind({
        replica,
        to: other,
        expectedEpoch: before?.epoch ?? 0,
        moveKey: 'k1',
      })

      expect(outcome.kind).toBe('bound')
      expect(outcome.binding.epoch).toBeGreaterThan(before?.epoch ?? 0)
      expect(await catalog.binding(replica)).toEqual(outcome.binding)
      expect(outcome.binding).toMatchObject({ replica, homeStamp: other, lastMoveKey: 'k1' })
      expect(homeIn(await catalog.fleet(), replica)).toBe(other)
    })

    it('a repeat by the same key is recognised and changes nothing', async () => {
      const { catalog, replica, other } = await open()
      const before = await catalog.binding(replica)
      const move = { replica, to: other, expectedEpoch: before?.epoch ?? 0, moveKey: 'k1' }
      const first = await catalog.rebind(move)
      const second = await catalog.rebind(move)

      expect(second).toEqual({ kind: 'alreadyBound', binding: first.binding })
      expect(await catalog.binding(replica)).toEqual(first.binding)
    })

    it('a writer with an old epoch is told that it is stale, and changes nothing', async () => {
      const { catalog, replica, home, other } = await open()
      const epoch = (await catalog.binding(replica))?.epoch ?? 0
      const first = await catalog.rebind({ replica, to: other, expectedEpoch: epoch, moveKey: 'k1' })
      const late = await catalog.rebind({ replica, to: home, expectedEpoch: epoch, moveKey: 'k2' })

      expect(late).toEqual({ kind: 'stale', binding: first.binding })
      expect((await catalog.binding(replica))?.homeStamp).toBe(other)
    })

    it('a replica is moved back with the epoch that the move left', async () => {
      const { catalog, replica, home, other } = await open()
      const epoch = (await catalog.binding(replica))?.epoch ?? 0
      const there = await catalog.rebind({ replica, to: other, expectedEpoch: epoch, moveKey: 'k1' })
      const back = await catalog.rebind({
        replica,
        to: home,
        expectedEpoch: there.binding.epoch,
        moveKey: 'k2',
      })

      expect(back.kind).toBe('bound')
      expect((await catalog.binding(replica))?.homeStamp).toBe(home)
    })

    it('an unknown replica has no binding and can not be re-bound', async () => {
      const { catalog, other } = await open()
      const replica = replicaId('no-such-registry', 'nowhere')

      expect(await catalog.binding(replica)).toBeUndefined()
      await expect(
        catalog.rebind({ replica, to: other, expectedEpoch: 1, moveKey: 'k1' }),
      ).rejects.toMatchObject({ name: 'ReplicaUnknown' })
    })

    it('a re-bind to an unknown stamp is refused and changes nothing', async () => {
      const { catalog, replica, home } = await open()
      const epoch = (await catalog.binding(replica))?.epoch ?? 0

      await expect(
        catalog.rebind({ replica, to: StampId.parse('no-such-stamp'), expectedEpoch: epoch, moveKey: 'k1' }),
      ).rejects.toMatchObject({ name: 'StampUnknown' })
      expect(await catalog.binding(replica)).toMatchObject({ homeStamp: home, epoch })
    })
  })
}

function homeIn(fleet: Awaited<ReturnType<Catalog['fleet']>>, replica: ReplicaId): string | undefined {
  return fleet.registries
    .flatMap((registry) =>
      registry.replicas.map((one) => ({ id: replicaId(registry.name, one.region), home: one.homeStamp })),
    )
    .find(({ id }) => id === replica)?.home
}
