import type { ReadinessView } from '../messages/needs-api.ts'
import type { Ports } from '../ports/ports.ts'
import { latestScan } from './fleet-view.ts'

/** Of each region, by its latest scan, which signals can't be judged by. */
export async function readinessView(ports: Ports): Promise<ReadinessView> {
  const regions = (await ports.catalog.fleet()).regions.map(async ({ name: region }) => {
    const scan = await latestScan(ports, region)
    return { region, scannedAtMs: scan?.atMs ?? null, missing: scan?.readiness ?? [] }
  })
  return { regions: await Promise.all(regions) }
}
