import { type Reading, readingsNow, readingsOf } from '../domain/readings.ts'
import { hasEnded } from '../domain/run.ts'
import { FIGURE_DAYS } from '../messages/figures-api.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'
import { predictionsOf } from './calibrations.ts'
import { figuresOf, toldSince } from './figures.ts'
import { latestScan } from './fleet-view.ts'
import { latestIncidents } from './incidents.ts'

const DAY_MS = 86_400_000

type From = Pick<Ports, 'records' | 'clock' | 'catalog'>

/** What each region is like now. */
export async function measureNow(ports: From): Promise<Reading[]> {
  const nowMs = ports.clock.nowMs()
  const runs = (await everyValue(ports.records, 'runs')).filter(({ status }) => !hasEnded(status))
  const regions = (await ports.catalog.fleet()).regions.map(async ({ name: region }) =>
    readingsNow({
      ...{ region, nowMs },
      runs: runs.filter((run) => run.region === region),
      scan: await latestScan(ports, region),
      incidents: (await latestIncidents(ports, region))
        .map(({ value }) => value)
        .filter(({ resolved }) => resolved === null),
      predictions: (await predictionsOf(ports, region)).map(({ value }) => value),
    }),
  )
  return (await Promise.all(regions)).flat()
}

/** How the plans of each region did over the days that figures are told for. */
export async function measureFigures(ports: From): Promise<Reading[]> {
  const sinceMs = ports.clock.nowMs() - FIGURE_DAYS * DAY_MS
  const names = (await ports.catalog.fleet()).regions.map(({ name }) => name)
  const regions = (await toldSince(ports, names, sinceMs)).map(async (told) =>
    readingsOf(told.region, told, await figuresOf(ports, told, sinceMs)),
  )
  return (await Promise.all(regions)).flat()
}
