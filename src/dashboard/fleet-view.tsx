import { useEffect, useState } from 'preact/hooks'
import type { PoolScan } from '../domain/scan.ts'
import type { FleetView as Fleet, PlanList } from '../messages/api.ts'
import { poolToShow, type RegionView } from './actions.ts'
import type { Answer } from './client.ts'
import { StripKey } from './figure-strip.tsx'
import { instant } from './format.ts'
import { HeatMap } from './heat-map.tsx'
import { KillSwitches } from './kill-switches.tsx'
import { may } from './may.ts'
import { MissingSignals } from './missing-signals.tsx'
import { NeedsAction } from './needs-action.tsx'
import { ConnectionNotice, Loading, Refusal } from './notice.tsx'
import { PlansUnderWay } from './plans-under-way.tsx'
import { usePolled } from './polled.ts'
import { PoolPanel } from './pool-panel.tsx'
import { PoolTable } from './pool-table.tsx'
import { useSession } from './session-context.ts'
import { isUnderway } from './words.ts'

const FLEET_EVERY_MS = 4_000

/** What is hot, what dominates, what needs someone; and one pool's minutes beside it. */
export function FleetView({ stamp, pool }: { stamp: string | null; pool: string | null }) {
  const { client } = useSession()
  const fleet = usePolled<Fleet>('fleet', () => client.get('/fleet'), FLEET_EVERY_MS)
  const plans = usePolled<PlanList>('plans', () => client.get('/plans'), FLEET_EVERY_MS)
  useEffect(() => {
    document.title = 'Fleet · Restamp'
  }, [])
  if (!fleet.data) return <Loading what="the fleet" polled={fleet} />
  const regions = fleet.data.regions
  const shown = stamp && pool ? { stamp, pool } : poolToShow(regions)
  return (
    <>
      <ConnectionNotice polled={fleet} />
      {fleet.refused && <Refusal problem={fleet.refused} />}
      <h1 class="visually-hidden">Fleet</h1>
      <div class="fleet-now">
        <NeedsAction regions={regions} plans={plans.data?.plans ?? []} />
        <PlansUnderWay plans={plans.data?.plans} />
      </div>
      <KillSwitches
        regions={regions.map(({ name }) => name)}
        underWay={underWayIn(plans.data?.plans ?? [])}
      />
      <div class="fleet-body">
        <div class="fleet-regions">
          {regions.map((region) => (
            <section key={region.name} aria-labelledby={`region-${region.name}`}>
              <RegionHead region={region} onScanned={fleet.refresh} />
              <HeatMap region={region} plans={plans.data?.plans ?? []} shown={shown} />
              <PoolTable region={region} shown={shown} />
              <MissingSignals region={region} />
            </section>
          ))}
          {regions.length === 0 && (
            <p>The fleet has no region. Check the fleet file that this host was started on.</p>
          )}
        </div>
        {shown && <PoolPanel stamp={shown.stamp} pool={shown.pool} scan={scanOf(regions, shown)} />}
      </div>
    </>
  )
}

function underWayIn(plans: PlanList['plans']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { region, status } of plans)
    if (isUnderway(status)) counts.set(region, (counts.get(region) ?? 0) + 1)
  return counts
}

function scanOf(regions: readonly RegionView[], shown: { stamp: string; pool: string }): PoolScan | null {
  const stamps = regions.flatMap((region) => region.stamps)
  const stamp = stamps.find(({ id }) => id === shown.stamp)
  return stamp?.pools.find(({ role }) => role === shown.pool)?.scan ?? null
}

function RegionHead({ region, onScanned }: { region: RegionView; onScanned: () => void }) {
  const { principal } = useSession()
  return (
    <div class="region-head">
      <h2 id={`region-${region.name}`}>{region.name}</h2>
      <p class="muted">
        {region.scannedAtMs === null ? 'Never scanned' : `Scanned ${instant(region.scannedAtMs)}`}
      </p>
      <StripKey hotPercent={region.hotPercent} />
      {may(principal, 'scan') && <ScanButton region={region} onScanned={onScanned} />}
    </div>
  )
}

interface AskedScan {
  readonly beforeMs: number | null
  readonly answer: Answer<unknown> | null
}

/** Asks for a scan; busy until the server has answered and a newer scan has come in. */
function ScanButton({ region, onScanned }: { region: RegionView; onScanned: () => void }) {
  const { client } = useSession()
  const [asked, setAsked] = useState<AskedScan | null>(null)
  const answer = asked?.answer ?? null
  const waits = asked !== null && asked.beforeMs === region.scannedAtMs
  const busy = waits && (answer === null || answer.kind === 'ok')
  const scanNow = async () => {
    const beforeMs = region.scannedAtMs
    setAsked({ beforeMs, answer: null })
    setAsked({ beforeMs, answer: await client.post('/scans', { region: region.name }) })
    onScanned()
  }
  return (
    <>
      <button type="button" class="quiet" disabled={busy} onClick={scanNow}>
        {busy ? 'Scanning…' : 'Scan now'}
      </button>
      {answer?.kind === 'refused' && <Refusal problem={answer.problem} />}
      {answer?.kind === 'lost' && <p role="alert">No answer: {answer.words}</p>}
    </>
  )
}
