import { daySummaryOf } from '../domain/day-summary.ts'
import { hasEnded } from '../domain/run.ts'
import type { Notifications } from '../ports/notifications.ts'
import type { Ports } from '../ports/ports.ts'
import { latestIncidents } from '../queries/incidents.ts'
import { readinessView } from '../queries/readiness.ts'
import { runsUnderWay } from '../queries/runs.ts'
import { waitingList } from '../queries/waiting-list.ts'

const DAY_MS = 86_400_000

/** Tells operators once a day how everything stands. One that can't be told is not made up for: all of it is in `restamp waiting`. */
export const createTellDay = (ports: Ports, notifications: Notifications) => async (): Promise<void> => {
  const { regions } = await readinessView(ports)
  const incidents = await Promise.all(regions.map(({ region }) => latestIncidents(ports, region)))
  const runs = await runsUnderWay(ports, DAY_MS)
  await notifications.tell(
    daySummaryOf({
      nowMs: ports.clock.nowMs(),
      waits: (await waitingList(ports)).waits,
      runs: runs.map(({ value: { planId, status } }) => ({
        ...{ planId, status: status.kind, hasEnded: hasEnded(status) },
      })),
      incidents: incidents.flat().map(({ value }) => value),
      missing: regions.flatMap(({ region, scannedAtMs, missing }) =>
        scannedAtMs === null ? [`${region} was never scanned`] : missing.map(({ words }) => words),
      ),
    }),
  )
}
