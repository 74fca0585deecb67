import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { StampId } from '../../src/domain/ids.ts'
import { capacityContract } from '../ports/capacity.contract.ts'
import { catalogContract } from '../ports/catalog.contract.ts'
import { interlocksContract } from '../ports/interlocks.contract.ts'
import { metricsContract } from '../ports/metrics.contract.ts'
import { provisioningContract } from '../ports/provisioning.contract.ts'
import { trafficContract } from '../ports/traffic.contract.ts'
import { aTwin, busy, DAY_MS, empty, HandClock, MINUTE_MS, moveTo, STARTS_MS, shared } from './a-twin.ts'

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
  return { traffic: twin.traffic, ...places, pass, warmWithinMs: 5 * MINUTE_MS, readyWithinMs: 0 }
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

provisioningContract('Twin', async () => {
  const { twin, clock } = aTwin()
  const { provisioning, catalog, capacity } = twin
  const stamp = StampId.parse('made')
  const pools = [{ role: 'registry', nodes: 3, like: shared }]
  return {
    ...{ provisioning, catalog, capacity, replica: busy, known: shared },
    wanted: { region: 'north', stamp, customer: 'contoso', pools, key: 'plan/made/001' },
    pass: async (durationMs) => {
      clock.ms += durationMs
    },
    withinMs: 20 * MINUTE_MS,
  }
})

test('a stamp that is made outlives a restart, serves who is moved there, and has no telemetry from before it was there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'restamp-twin-'))
  const database = join(folder, 'twin.db')
  const clock = new HandClock()
  const first = aTwin({ database, clock }).twin
  const stamp = StampId.parse('made')
  const wanted = {
    ...{ region: 'north', stamp, customer: 'contoso', key: 'k' },
    pools: [{ role: 'registry', nodes: 3, like: shared }],
  }
  await first.provisioning.create(wanted)
  clock.ms += 20 * MINUTE_MS
  await first.provisioning.activate(wanted)
  await moveTo(first, busy, stamp, 'k1')
  first.close()

  const { twin } = aTwin({ database, clock })
  clock.ms += DAY_MS
  expect((await twin.traffic.pull(busy, stamp)).ok).toBe(true)
  const asked = { stamp, role: 'registry', fromMs: STARTS_MS - DAY_MS, toMs: clock.ms }
  const { timesMs, cpuPercent } = await twin.metrics.cpu(asked)
  expect(timesMs[0]).toBe(STARTS_MS + 15 * MINUTE_MS)
  expect(cpuPercent[0]).toBeLessThan(5)
  expect(cpuPercent.at(-1)).toBeGreaterThan(10)
  twin.close()
  rmSync(folder, { recursive: true, force: true })
})
