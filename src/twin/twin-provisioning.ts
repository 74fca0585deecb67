import type { Fleet } from '../domain/fleet.ts'
import { type Provisioning, StampNotReady } from '../ports/provisioning.ts'
import { madePool, stateOf } from './made-stamps.ts'
import type { Region } from './region.ts'

/** Makes and removes stamps of the simulated region: each takes its time, and may fail where a fault says so. */
export function twinProvisioning({
  fleet,
  region,
}: {
  readonly fleet: Fleet
  readonly region: Region
}): Provisioning {
  const state = async (stamp: string) => stateOf(region.made(stamp), region.nowMs())
  return {
    async create(wanted) {
      const there = await state(wanted.stamp)
      if (there.kind !== 'absent') return there.key === wanted.key ? 'begunBefore' : 'taken'
      const known = fleet.regions.flatMap(({ stamps }) => stamps)
      if (known.some(({ id }) => id === wanted.stamp)) return 'taken'
      for (const { role, like } of wanted.pools)
        if (!madePool(fleet, wanted, role))
          throw new Error(`${like} has no pool ${role} to build one like; nothing was made`)
      region.do({ kind: 'provision', wanted: { ...wanted, pools: [...wanted.pools] } })
      return 'begun'
    },
    state,
    async activate({ stamp, key }) {
      const there = await state(stamp)
      if (there.kind === 'absent' || there.key !== key || !['ready', 'active'].includes(there.kind))
        throw new StampNotReady(`${stamp} is ${there.kind} and can't take replicas; wait until it is ready`)
      if (there.kind === 'ready') region.do({ kind: 'activate', stamp })
    },
    async remove({ stamp, key }) {
      const there = await state(stamp)
      if (there.kind === 'absent') return 'absent'
      if (there.key !== key) return 'notOurs'
      if (region.bindings().some(({ homeStamp }) => homeStamp === stamp)) return 'inUse'
      if (there.kind !== 'removing') region.do({ kind: 'unprovision', stamp })
      return 'removing'
    },
  }
}
