import type { z } from 'zod'
import { type PolicyFile, policyFor } from '../domain/policy.ts'
import { lookBackHours } from '../domain/pool-series.ts'
import { scanRegion } from '../domain/scan-region.ts'
import type { ReportDue, ScanOnce } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import { reportDueMs } from '../queries/report-view.ts'
import { loadLook, regionTelemetry } from '../queries/telemetry.ts'
import { comparePredictions } from './compare-predictions.ts'
import { keepIncidents } from './keep-incidents.ts'
import { RecordMissing } from './record-faults.ts'

const LATEST_MS = 9_999_999_999_999

/** Scan ids sort newest first. */
export function scanId(region: string, atMs: number): string {
  return `${region}/${LATEST_MS - atMs}`
}

export const createScanOnce =
  (ports: Ports, policies: PolicyFile) =>
  async ({ region }: z.infer<typeof ScanOnce.input>): Promise<z.infer<typeof ScanOnce.output>> => {
    const policy = policyFor(region, policies)
    const data = await regionTelemetry(ports, region, lookBackHours(policy))
    const scan = scanRegion(data, policy, await loadLook(ports, region, data.nowMs))
    const id = scanId(region, scan.atMs)
    await ports.records.create('scans', id, scan)
    await comparePredictions(ports, region)
    await keepIncidents(ports, { scan, data, policy })
    return { scanId: id, needsAction: scan.needsAction.length }
  }

export const createReportDue =
  (ports: Ports) =>
  async ({ planId, digest }: z.infer<typeof ReportDue.input>): Promise<z.infer<typeof ReportDue.output>> => {
    const plan = (await ports.records.read('plans', planId))?.value
    const run = (await ports.records.read('runs', planId))?.value
    if (plan?.digest !== digest || !run) throw new RecordMissing(`plan ${planId} or its run is not on record`)
    return { atMs: await reportDueMs(ports, plan, run) }
  }
