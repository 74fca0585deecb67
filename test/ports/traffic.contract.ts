import { describe, expect, it } from 'vitest'
import { partsOf, type ReplicaId, replicaId, type StampId } from '../../src/domain/ids.ts'
import { STRAGGLERS_MAX, type Traffic } from '../../src/ports/traffic.ts'

export interface TrafficUnderTest {
  readonly traffic: Traffic
  /** A replica with traffic, routed to `home`; `other` is a stamp of its region to which nothing leads. */
  readonly replica: ReplicaId
  readonly home: StampId
  readonly other: StampId
  /** Lets so much time pass. */
  readonly pass: (durationMs: number) => Promise<void>
  /** How long a cache may take until it is warm; null where nobody can tell. */
  readonly warmWithinMs: number | null
  /** How long clients may take until they go by a route that was prepared; 0 where nothing can be hastened. */
  readonly readyWithinMs: number
}

/** What every implementation of `Traffic` must do; `open` gives one on which nothing was done yet. */
export function trafficContract(name: string, open: () => Promise<TrafficUnderTest>): void {
  describe(`${name} keeps the traffic contract`, () => {
    it('a route that was set is read back, with a time to live', async () => {
      const { traffic, replica, home, other } = await open()
      expect((await traffic.route(replica))?.stamp).toBe(home)

      await traffic.setRoute({ replica, to: other, moveKey: 'k1', epoch: 2 })
      const route = await traffic.route(replica)
      expect(route?.stamp).toBe(other)
      expect(route?.ttlSeconds).toBeGreaterThan(0)
    })

    it('setting a route again changes nothing', async () => {
      const { traffic, replica, other } = await open()
      await traffic.setRoute({ replica, to: other, moveKey: 'k1', epoch: 2 })
      const residue = await traffic.residue(replica, other)
      await traffic.setRoute({ replica, to: other, moveKey: 'k1', epoch: 2 })

      expect((await traffic.route(replica))?.stamp).toBe(other)
      expect(await traffic.residue(replica, other)).toEqual(residue)
    })

    it('a route that follows an older binding than the last one changes nothing and says so', async () => {
      const { traffic, replica, home, other } = await open()
      await traffic.setRoute({ replica, to: other, moveKey: 'k1', epoch: 2 })
      expect(await traffic.setRoute({ replica, to: home, moveKey: 'k2', epoch: 3 })).toBe('routed')

      expect(await traffic.setRoute({ replica, to: other, moveKey: 'k1', epoch: 2 })).toBe('stale')
      expect((await traffic.route(replica))?.stamp).toBe(home)
    })

    it('a route that is prepared leads where it led, with the TTL that it had, and is ready in time', async () => {
      const { traffic, replica, other, pass, readyWithinMs } = await open()
      const before = await traffic.route(replica)
      const change = { replica, to: other, moveKey: 'k1' }
      const { readyInMs } = await traffic.prepareRoute(change)
      expect(readyInMs).toBeLessThanOrEqual(readyWithinMs)
      expect(await traffic.route(replica)).toEqual(before)

      await pass(readyInMs / 2)
      expect((await traffic.prepareRoute(change)).readyInMs).toBeLessThanOrEqual(readyInMs / 2)
      await pass(readyInMs / 2)
      expect(await traffic.prepareRoute(change)).toEqual({ readyInMs: 0 })
      expect(await traffic.route(replica)).toEqual(before)
    })

    it('a route that is settled, changed or not, has the TTL that it had, and is prepared for nothing', async () => {
      const { traffic, replica, home, other } = await open()
      const before = await traffic.route(replica)
      const settled = async () =>
        (await traffic.routes(partsOf(replica).region)).find((route) => route.replica === replica)
      await traffic.prepareRoute({ replica, to: other, moveKey: 'k1' })
      await traffic.settleRoute(replica)
      expect(await traffic.route(replica)).toEqual(before)
      expect(await settled()).toEqual({ replica, stamp: home })

      await traffic.prepareRoute({ replica, to: other, moveKey: 'k2' })
      await traffic.setRoute({ replica, to: other, moveKey: 'k2', epoch: 2 })
      expect(await traffic.route(replica)).toEqual({ ...before, stamp: other })
      await traffic.settleRoute(replica)
      await traffic.settleRoute(replica)
      expect(await traffic.route(replica)).toEqual({ ...before, stamp: other })
      expect(await settled()).toEqual({ replica, stamp: other })
    })

    it('the routes of a region are those of its replicas, and an unknown region has none', async () => {
      const { traffic, replica, other } = await open()
      await traffic.setRoute({ replica, to: other, moveKey: 'k1', epoch: 2 })
      const routes = await traffic.routes(partsOf(replica).region)

      expect(routes).toContainEqual({ replica, stamp: other })
      expect(new Set(routes.map((route) => route.replica)).size).toBe(routes.length)
      for (const route of routes)
        expect(await traffic.route(route.replica)).toMatchObject({ stamp: route.stamp })
      expect(await traffic.routes('nowhere')).toEqual([])
    })

    it('a stamp that never served a replica has nothing left of it', async () => {
      const { traffic, replica, other } = await open()

      expect(await traffic.residue(replica, other)).toMatchObject({
        lastRequestAtMs: null,
        inFlight: 0,
        openUploads: 0,
        stragglers: [],
      })
    })

    it('a stamp that serves a replica had a request of it', async () => {
      const { traffic, replica, home } = await open()

      expect((await traffic.residue(replica, home)).lastRequestAtMs).toBeGreaterThan(0)
    })

    it('a cache that is warmed gets warm and keeps what it has when asked again, or nobody can tell', async () => {
      const { traffic, replica, home, other, pass, warmWithinMs } = await open()
      const share = async (stamp: StampId) => (await traffic.warm(replica, stamp)).share
      if (warmWithinMs === null) {
        expect([await share(home), await share(other)]).toEqual([null, null])
        return
      }
      expect(await share(home)).toBe(1)
      const before = (await share(other)) ?? Number.NaN
      expect(before).toBeLessThan(1)
      await pass(warmWithinMs / 2)
      expect(await share(other)).toBeGreaterThanOrEqual(before)
      await pass(warmWithinMs / 2)
      expect(await share(other)).toBe(1)
    })

    it('an unknown replica has no cache that could be warmed, and nothing to prepare', async () => {
      const { traffic, other } = await open()
      const change = { replica: replicaId('no-such-registry', 'nowhere'), to: other, moveKey: 'k1' }
      await expect(traffic.prepareRoute(change)).rejects.toThrow('no-such-registry')
      await expect(traffic.warm(replicaId('no-such-registry', 'nowhere'), other)).rejects.toThrow(
        'no-such-registry',
      )
    })

    it('who has something open somewhere is named, each once, and of many some', async () => {
      const { traffic, replica, home } = await open()
      const { stragglers, inFlight, openUploads } = await traffic.residue(replica, home)
      const ids = stragglers.map(({ kind, id }) => `${kind} ${id}`)

      expect(inFlight + openUploads).toBeGreaterThan(0)
      expect(ids.length).toBeGreaterThan(0)
      expect(ids.length).toBeLessThanOrEqual(STRAGGLERS_MAX)
      expect(new Set(ids).size).toBe(ids.length)
      expect(stragglers.every(({ id }) => id.length > 0)).toBe(true)
      expect(stragglers.filter(({ kind }) => kind === 'upload').length).toBeLessThanOrEqual(openUploads)
    })

    it('a synthetic pull works where the replica is served, and not where it is not', async () => {
      const { traffic, replica, home, other } = await open()

      expect(await traffic.pull(replica, home)).toMatchObject({ ok: true })
      expect(await traffic.pull(replica, other)).toMatchObject({ ok: false })
    })

    it('an unknown replica has no route and can not get one', async () => {
      const { traffic, other } = await open()
      const replica = replicaId('no-such-registry', 'nowhere')

      expect(await traffic.route(replica)).toBeUndefined()
      await expect(traffic.setRoute({ replica, to: other, moveKey: 'k1', epoch: 2 })).rejects.toThrow(replica)
    })
  })
}
