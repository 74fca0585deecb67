import { capacityContract } from '../ports/capacity.contract.ts'
import { catalogContract } from '../ports/catalog.contract.ts'
import { interlocksContract } from '../ports/interlocks.contract.ts'
import { metricsContract } from '../ports/metrics.contract.ts'
import { trafficContract } from '../ports/traffic.contract.ts'
import { aTwin, busy, DAY_MS, empty, MINUTE_MS, moveTo, STARTS_MS, shared } from './a-twin.ts'

catalogContract('Twin', async () => ({
  catalog: aTwin().twin.catalog,
  replica: busy,
  home: shared,
  other: empty,
}))

trafficContract('Twin', async () => {
  const { twin, clock } = aTwin()
  const pass = async (durationMs: number) => {
    clock.ms += durationMs
  }
  const places = { replica: busy, home: shared, other: empty }
  return { traffic: twin.traffic, ...places, pass, warmWithinMs: 5 * MINUTE_MS }
})

interlocksContract('Twin', async (known) => {
  const { twin } = aTwin()
  for (const interlock of known) twin.inject({ kind: 'interlock', interlock })
  return twin.interlocks
})

capacityContract('Twin', async () => {
  const { twin, clock } = aTwin()
  const pass = async (durationMs: number) => {
    clock.ms += durationMs
  }
  return { capacity: twin.capacity, stamp: empty, role: 'registry', pass, readyWithinMs: 5 * MINUTE_MS }
})

const place = { region: 'north', stamp: shared, role: 'registry' }

metricsContract('Twin before its start', async () => {
  const fromMs = STARTS_MS - DAY_MS / 2
  return { metrics: aTwin().twin.metrics, ...place, fromMs, toMs: fromMs + 60 * MINUTE_MS }
})

metricsContract('Twin after a move', async () => {
  const { twin, clock } = aTwin()
  clock.ms += 20 * MINUTE_MS
  await moveTo(twin, busy, empty, 'k1')
  clock.ms += 3 * DAY_MS
  const fromMs = STARTS_MS + 2 * MINUTE_MS
  return { metrics: twin.metrics, ...place, fromMs, toMs: fromMs + 60 * MINUTE_MS }
})
