import { useEffect, useState } from 'preact/hooks'
import type { FleetView } from '../messages/api.ts'
import type { StampView } from '../messages/stamp-api.ts'
import { Contributors } from './contributors.tsx'
import { may } from './may.ts'
import { Loading } from './notice.tsx'
import { usePolled } from './polled.ts'
import { PoolPanel } from './pool-panel.tsx'
import { fleetHref } from './route.ts'
import { useSession } from './session-context.ts'
import { WhatIf } from './what-if.tsx'

const STAMP_EVERY_MS = 60_000
const FLEET_EVERY_MS = 10_000

/** One stamp: the minutes of each pool, who causes them, and what would be if somebody lived elsewhere. */
export function StampPage({ id }: { id: string }) {
  const { client, principal } = useSession()
  const path = `/stamps/${encodeURIComponent(id)}`
  const stamp = usePolled<StampView>(`stamp ${id}`, () => client.get(path), STAMP_EVERY_MS)
  const fleet = usePolled<FleetView>('fleet', () => client.get('/fleet'), FLEET_EVERY_MS)
  const [role, setRole] = useState<string | null>(null)
  useEffect(() => {
    document.title = `${id} · Restamp`
  }, [id])
  if (!stamp.data) return <Loading what={id} polled={stamp} />
  const { region, pools, replicas, others } = stamp.data
  const scans = (fleet.data?.regions ?? [])
    .flatMap(({ stamps }) => stamps)
    .find((one) => one.id === id)?.pools
  const roles = scans?.map((pool) => pool.role) ?? pools.map(({ pool }) => pool)
  const shown = role ?? roles[0]
  return (
    <>
      <div class="plan-head">
        <h1>
          {id} <span class="muted">in {region}</span>
        </h1>
        <a class="button" href={fleetHref()}>
          Fleet
        </a>
      </div>
      {roles.length > 1 && (
        <fieldset class="choices">
          <legend class="visually-hidden">Which pool</legend>
          {roles.map((one) => (
            <label key={one}>
              <input type="radio" name="pool" checked={one === shown} onChange={() => setRole(one)} />
              <span>{one}</span>
            </label>
          ))}
        </fieldset>
      )}
      <div class="plan-columns">
        {shown && (
          <PoolPanel
            stamp={id}
            pool={shown}
            scan={scans?.find((pool) => pool.role === shown)?.scan ?? null}
          />
        )}
        <Contributors split={pools.find(({ pool }) => pool === shown)} replicas={replicas} />
      </div>
      {may(principal, 'plan') && <WhatIf region={region} replicas={replicas} others={others} />}
    </>
  )
}
