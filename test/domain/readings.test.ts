import { describe, expect, test } from 'vitest'
import { StampId } from '../../src/domain/ids.ts'
import { METRICS, type Reading, type RegionNow, readingsNow, readingsOf } from '../../src/domain/readings.ts'
import { runFigures } from '../../src/domain/run-figures.ts'
import type { Scan } from '../../src/domain/scan.ts'
import { aMove, aRun, EVERY_STATUS, PLAN_ID } from './a-run.ts'

const MINUTE_MS = 60_000
const REGION = 'weu'

function now(given: Partial<RegionNow> = {}): RegionNow {
  return {
    ...{ region: REGION, nowMs: 100 * MINUTE_MS, runs: [], scan: undefined, incidents: [], predictions: [] },
    ...given,
  }
}

const of = (readings: readonly Reading[], metric: string) =>
  readings.filter((reading) => reading.metric === metric).map(({ value, at }) => [value, at])

describe('a region now', () => {
  test('has no reading of what is not known: a region that nobody has looked at has no age', () => {
    expect(readingsNow(now())).toEqual([
      { metric: 'restamp.prediction.stopped_pools', value: 0, at: { region: REGION } },
    ])
  })

  test('tells the longest wait for an answer of each phase', () => {
    const waits = [10, 70].map((minute) =>
      aRun({ ...EVERY_STATUS.awaitingApproval, gate: `tail-${minute}`, sinceMs: minute * MINUTE_MS }),
    )
    const readings = readingsNow(now({ runs: [...waits, aRun(EVERY_STATUS.moving)] }))
    expect(of(readings, 'restamp.gate.waiting')).toEqual([[90, { region: REGION, phase: 'tail' }]])
    expect(of(readings, 'restamp.runs')).toEqual([
      [2, { region: REGION, status: 'awaitingApproval' }],
      [1, { region: REGION, status: 'moving' }],
    ])
  })

  test('tells what the last look could not judge by, and how old it is', () => {
    const [heard, silent] = [StampId.parse('weu-a'), StampId.parse('weu-b')]
    const pools = [heard, silent, silent].map((stamp) => ({ stamp, pool: 'registry' }))
    const missing = { stamp: silent, pool: null, sinceMs: null, readyMs: null, words: '' }
    const scan = {
      ...{ region: REGION, atMs: 40 * MINUTE_MS, needsAction: [], heard: [heard] },
      ...{ pools, readiness: [{ ...missing, signal: 'node CPU' }] },
    }
    // Of a pool's scan only its place counts here.
    const readings = readingsNow(now({ scan: scan as unknown as Scan }))
    expect(of(readings, 'restamp.scan.age')).toEqual([[60, { region: REGION }]])
    expect(of(readings, 'restamp.signal.missing')).toEqual([[1, { region: REGION, signal: 'node CPU' }]])
    expect(of(readings, 'restamp.signal.silent_stamps')).toEqual([[1, { region: REGION }]])
  })
})

test('plans that did nothing yet have no share, no error and no minutes', () => {
  const told = { plans: [{ verdict: 'none' as const }], runs: [] }
  const readings = readingsOf(REGION, told, runFigures({ plans: 1, runs: [], predictions: [] }))
  expect(readings).toEqual([{ metric: 'restamp.plans', value: 1, at: { region: REGION, verdict: 'none' } }])
})

test('moves are told by phase and how they stand', () => {
  const moves = [aMove('r1', [], { gate: 'tail-1', outcome: { kind: 'done', atMs: 1 } })]
  const run = { plan: { id: PLAN_ID }, moves, looks: [], facts: [] }
  const figures = runFigures({ plans: 1, runs: [], predictions: [] })
  const readings = readingsOf(REGION, { plans: [], runs: [run] }, figures)
  expect(of(readings, 'restamp.moves')).toContainEqual([
    1,
    { region: REGION, phase: 'tail', outcome: 'done' },
  ])
})

test('every metric says what it is and in which unit, and none is told by what there may be thousands of', () => {
  const bounded = ['region', 'phase', 'verdict', 'outcome', 'status', 'rule', 'signal']
  for (const [name, { unit, about, by }] of Object.entries(METRICS)) {
    expect(name).toMatch(/^restamp(\.[a-z_]+)+$/)
    expect([unit, about]).toEqual([
      expect.stringMatching(/^(1|min|\{[a-z]+\})$/),
      expect.stringMatching(/.{10}/),
    ])
    expect(by.filter((attribute) => !bounded.includes(attribute))).toEqual([])
  }
})
