import { daySummaryOf } from '../domain/day-summary.ts'
import { hasEnded } from '../domain/run.ts'
import type { Notifications } from '../ports/notifications.ts'
import type { Ports } from '../ports/ports.ts'
import { latestScan } from '../queries/fleet-view.ts'
import { latestIncidents } from '../queries/incidents.ts'
import { runsUnderWay } from '../queries/runs.ts'
import { waitingList } from '../queries/waiting-list.ts'

const DAY_MS = 86_400_000

/** Tells operators once a day how everything stands. One that can't be told is not made up for: all of it is in `restamp waiting`. */
export const createTellDay = (ports: Ports, notifications: Notifications) => async (): Promise<void> => {
  const regions = (await ports.catalog.fleet()).regions.map(({ name }) => name)
  const scans = await Promise.all(
    regions.map(async (region) => ({ region, scan: await latestScan(ports, region) })),
  )
  const incidents = await Promise.all(regions.map((region) => latestIncidents(ports, region)))
  const runs = await runsUnderWay(ports, DAY_MS)
  await notifications.tell(
    daySummaryOf({
      nowMs: ports.clock.nowMs(),
      waits: (await waitingList(ports)).waits,
      runs: runs.map(({ value: { planId, status } }) => ({
        ...{ planId, status: status.kind, hasEnded: hasEnded(status) },
      })),
      incidents: incidents.flat().map(({ value }) => value),
      missing: scans.flatMap(({ region, scan }) =>
        scan ? (scan.readiness ?? []).map(({ words }) => words) : [`${region} was never scanned`],
      ),
    }),
  )
}
