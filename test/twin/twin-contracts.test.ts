import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SqliteAnchors } from '../../src/adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { StampId } from '../../src/domain/ids.ts'
import { lateParts } from '../../src/ports/late-ports.ts'
import { anchorsContract } from '../ports/anchors.contract.ts'
import { capacityContract } from '../ports/capacity.contract.ts'
import { catalogContract } from '../ports/catalog.contract.ts'
import { interlocksContract } from '../ports/interlocks.contract.ts'
import { metricsContract } from '../ports/metrics.contract.ts'
import { provisioningContract } from '../ports/provisioning.contract.ts'
import { recordsContract } from '../ports/records.contract.ts'
import { trafficContract } from '../ports/traffic.contract.ts'
import { aTwin, busy, DAY_MS, empty, HandClock, MINUTE_MS, moveTo, STARTS_MS, shared } from './a-twin.ts'

/** As an app has it whose ports are opened when first asked something. */
function openedLate() {
  const opened = aTwin()
  const { twin } = opened
  const records = new SqliteRecords(':memory:')
  const anchors = new SqliteAnchors(':memory:')
  const checks = { run: async () => [] }
  const parts = { ports: { ...twin, records }, provisioning: twin.provisioning, anchors, checks }
  const { ports, provisioning, anchors: kept } = lateParts(async () => parts, twin.metrics)
  return { ...opened, twin: { ...twin, ...ports, provisioning }, kept }
}

const place = { region: 'north', stamp: shared, role: 'registry' }
const places = { replica: busy, home: shared, other: empty }

for (const [name, open] of [
  ['Twin', aTwin],
  ['LateParts', openedLate],
] as const) {
  catalogContract(name, async () => ({ catalog: open().twin.catalog, ...places }))

  trafficContract(name, async () => {
    const { twin, clock } = open()
    const pass = async (durationMs: number) => {
      clock.ms += durationMs
    }
    return { traffic: twin.traffic, ...places, pass, warmWithinMs: 5 * MINUTE_MS, readyWithinMs: 0 }
  })

  interlocksContract(name, async (known) => {
    const { twin } = open()
    for (const interlock of known) twin.inject({ kind: 'interlock', interlock })
    return twin.interlocks
  })

  capacityContract(name, async () => {
    const { twin, clock } = open()
    const pass = async (durationMs: number) => {
      clock.ms += durationMs
    }
    return { capacity: twin.capacity, stamp: empty, role: 'registry', pass, readyWithinMs: 5 * MINUTE_MS }
  })

  metricsContract(`${name} before its start`, async () => {
    const fromMs = STARTS_MS - DAY_MS / 2
    return { metrics: open().twin.metrics, ...place, fromMs, toMs: fromMs + 60 * MINUTE_MS }
  })

  metricsContract(`${name} after a move`, async () => {
    const { twin, clock } = open()
    clock.ms += 20 * MINUTE_MS
    await moveTo(twin, busy, empty, 'k1')
    clock.ms += 3 * DAY_MS
    const fromMs = STARTS_MS + 2 * MINUTE_MS
    return { metrics: twin.metrics, ...place, fromMs, toMs: fromMs + 60 * MINUTE_MS }
  })

  provisioningContract(name, async () => {
    const { twin, clock } = open()
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
}

recordsContract('LateParts', async () => openedLate().twin.records)
anchorsContract('LateParts', async () => openedLate().kept)

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
