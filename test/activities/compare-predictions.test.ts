import { afterEach, beforeEach, expect, test } from 'vitest'
import { comparePredictions } from '../../src/activities/compare-predictions.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { calibrationsOf, isMiss } from '../../src/domain/calibration.ts'
import { replicaId, StampId } from '../../src/domain/ids.ts'
import { batchesOf } from '../../src/domain/plan.ts'
import type { MoveRecord } from '../../src/domain/run.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { createTwin, type Twin } from '../../src/twin/twin.ts'
import { acmePlan } from '../support/answered-run.ts'
import { DATA_ENDS_MS, REGION, smallRegion } from '../support/small-region.ts'

const HOUR_MS = 3_600_000
const MOVED_MS = DATA_ENDS_MS + HOUR_MS
const plan = acmePlan()

let records: SqliteRecords
let twin: Twin
let ports: Ports
const clock = { ms: DATA_ENDS_MS, nowMs: () => clock.ms }
beforeEach(() => {
  clock.ms = DATA_ENDS_MS
  records = new SqliteRecords(':memory:')
  twin = createTwin({ files: smallRegion(), database: ':memory:', clock, seed: 1 })
  const { catalog, metrics, traffic, capacity, interlocks } = twin
  ports = { catalog, metrics, traffic, capacity, interlocks, records, clock }
})
afterEach(() => {
  records.close()
  twin.close()
})

const predictions = async () => (await records.list('predictions', { limit: 100 })).map(({ value }) => value)

/** A run that has ended so, with all moves of its plan on record but the last `missing`. */
async function ended(
  kind: 'completed' | 'aborted',
  options: { missing?: number; undone?: boolean } = {},
): Promise<void> {
  await records.create('plans', plan.id, plan)
  const facts = { planId: plan.id, digest: plan.digest, region: REGION, startedBy: 'ada', waiting: null }
  const status = kind === 'completed' ? { kind, atMs: MOVED_MS } : { kind, atMs: MOVED_MS, reason: 'enough' }
  await records.create('runs', plan.id, {
    ...facts,
    startedAtMs: DATA_ENDS_MS,
    updatedAtMs: MOVED_MS,
    status,
  })
  const moves = batchesOf(plan).flatMap(({ gate, moves: own }) => own.map((move) => ({ gate, ...move })))
  for (const { gate, registry, from, to } of moves.slice(0, moves.length - (options.missing ?? 0))) {
    const record: MoveRecord = {
      planId: plan.id,
      replica: replicaId(registry, REGION),
      gate,
      from,
      to: StampId.parse(to),
      direction: options.undone ? 'reverse' : 'forward',
      key: registry,
      steps: [],
      outcome: { kind: 'done', atMs: MOVED_MS },
    }
    await records.create('moves', `${plan.id}/${registry}`, record)
  }
}

async function compareAt(ms: number) {
  clock.ms = ms
  await comparePredictions(ports, REGION)
  return predictions()
}

test('a prediction is compared once a whole day after the last move is over, and then once', async () => {
  await ended('completed')
  expect(await compareAt(MOVED_MS + 25 * HOUR_MS - 1)).toEqual([])
  const found = await compareAt(MOVED_MS + 25 * HOUR_MS)
  expect(found.map(({ stamp, pool }) => `${stamp} ${pool}`).toSorted()).toEqual(
    plan.pools.map(({ stamp, pool }) => `${stamp} ${pool}`).toSorted(),
  )
  for (const { actual, comparedAtMs } of found) {
    expect(actual).not.toBeNull()
    expect(comparedAtMs).toBe(MOVED_MS + 25 * HOUR_MS)
  }
  expect(await compareAt(MOVED_MS + 80 * HOUR_MS)).toEqual(found)
})

test.each([
  [{ missing: 1 }, `${plan.moves.length - 1} of ${plan.moves.length} moves were made`],
  [{ undone: true }, `${plan.moves.length} moves were undone`],
])(
  'where not all was moved as planned (%j) there is no truth to compare with, and it is said why',
  async (how, words) => {
    await ended('completed', how)
    const found = await compareAt(MOVED_MS + 30 * HOUR_MS)
    expect(found.length).toBe(plan.pools.length)
    for (const prediction of found)
      expect([prediction.actual, prediction.words]).toEqual([
        null,
        expect.stringContaining(`not compared: ${words}`),
      ])
  },
)

test('a run that was aborted is not compared', async () => {
  await ended('aborted')
  expect(await compareAt(MOVED_MS + 30 * HOUR_MS)).toEqual([])
})

test('a batch that went home since its destination turned hot is a miss, however wide the band was', async () => {
  await ended('aborted', { undone: true })
  const [pool] = plan.pools.filter(({ stamp }) => stamp === 's-c')
  const gate = batchesOf(plan)[0]?.gate
  if (!pool || !gate) throw new Error('the plan has no destination')
  const within = pool.predicted.hotNodeP95
  const figures = { before: 30, now: within, controls: 0, evidence: 10, threshold: 9, minutes: 60 }
  const finding = { ...figures, kind: 'worse', voidMinutes: 0, words: 'it is hot' } as const
  const evaluation = { gate, atMs: MOVED_MS, verdict: 'worse', words: 'it is hot' } as const
  await records.create('evaluations', `${plan.id}/${gate}/1`, {
    ...evaluation,
    findings: [
      { ...finding, subject: `${pool.stamp} ${pool.pool}`, measure: 'hot node' },
      // What only the moved registries showed tells nothing of a pool.
      { ...finding, subject: `s-a ${pool.pool}`, measure: 'errors' },
    ],
  })
  const [found, ...more] = await compareAt(MOVED_MS + HOUR_MS)
  expect(more).toEqual([])
  expect(found).toMatchObject({ stamp: 's-c', actual: within, reversed: true })
  expect(found?.words).toContain(`${gate} went home for it`)
  expect(found && isMiss(found)).toBe(true)
  expect(calibrationsOf(found ? [found] : [])[0]).toMatchObject({ inBand: 0, missesInARow: 1 })
})

test('a pool that fell silent has no truth, which is never taken for none', async () => {
  await ended('completed')
  const silent = {
    ...ports,
    metrics: {
      ...ports.metrics,
      cpu: async () => ({
        nodes: [],
        timesMs: new Float64Array(0),
        nodeAt: new Uint32Array(0),
        cpuPercent: new Float64Array(0),
        cpuPercentMax: null,
      }),
    },
  }
  clock.ms = MOVED_MS + 30 * HOUR_MS
  await comparePredictions(silent, REGION)
  for (const { actual, words } of await predictions())
    expect([actual, words]).toEqual([null, expect.stringContaining('too few bins')])
})
