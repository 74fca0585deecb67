import { describe, expect, test } from 'vitest'
import { statusFacts } from '../../src/audit/run-facts.ts'
import type { AuditFact } from '../../src/domain/audit.ts'
import { AUTONOMY_AUTHOR } from '../../src/domain/autonomy.ts'
import type { Prediction } from '../../src/domain/calibration.ts'
import { PlanId, StampId } from '../../src/domain/ids.ts'
import {
  BEFORE_FIRST_ACT_MS,
  gateWaits,
  operatorTime,
  SITTING_GAP_MS,
} from '../../src/domain/operator-time.ts'
import type { MoveRecord } from '../../src/domain/run.ts'
import { countMoves, type RunTold, runFigures } from '../../src/domain/run-figures.ts'
import { tenantErrors } from '../../src/domain/served-errors.ts'
import { aMove, aRun, EVERY_STATUS, PLAN_ID } from './a-run.ts'
import { aFact } from './an-audit.ts'

const MINUTE_MS = 60_000
const at = { atMs: 1, detail: '' }
const REBOUND = [{ ...at, step: 'rebind', kind: 'done' }] as const
const done = { kind: 'done', atMs: 2 } as const

function move(name: string, number: number, given: Partial<MoveRecord> = {}): MoveRecord {
  return aMove(name, [...REBOUND], { key: `${PLAN_ID}/${name}/00${number}`, outcome: done, ...given })
}

function told(given: Partial<RunTold> = {}): RunTold {
  return { plan: { id: PLAN_ID }, moves: [], looks: [], facts: [], ...given }
}

function prediction(actual: number | null): Prediction {
  return {
    planId: PlanId.parse('plan-1a2b3c4d'),
    region: 'weu',
    stamp: StampId.parse('weu-a'),
    pool: 'registry',
    madeAtMs: 1,
    predicted: { hotNodeP95: 50, low: 45, high: 55 },
    comparedAtMs: 2,
    actual,
    words: '',
  }
}

describe('what is not known', () => {
  test('is null in every figure of no plans, never zero', () => {
    expect(runFigures({ plans: 0, runs: [], predictions: [] })).toEqual({
      plans: 0,
      runs: 0,
      moves: { done: 0, failed: 0, reversed: 0, underWay: 0 },
      reversedShare: null,
      prediction: { compared: 0, error: null, bias: null, inBand: null },
      tenantErrors: { perThousandMoves: null, seen: null, expected: null, moves: 0, uncounted: 0 },
      operator: { minutesPerPlan: null, plans: 0, acts: 0, sittings: 0 },
      gates: { answered: 0, meanMinutes: null, longestMinutes: null },
    })
  })

  test('stays so for a run whose errors nobody counted, whose audit is gone and whose prediction was not compared', () => {
    const figures = runFigures({
      plans: 1,
      runs: [told({ moves: [move('r1', 1)] })],
      predictions: [prediction(null)],
    })
    expect(figures.tenantErrors).toMatchObject({ perThousandMoves: null, uncounted: 1 })
    expect(figures.operator).toMatchObject({ minutesPerPlan: null, plans: 0 })
    expect(figures.prediction).toEqual({ compared: 0, error: null, bias: null, inBand: null })
    expect(figures.reversedShare).toBe(0)
  })
})

describe('moves', () => {
  test('are done, failed, reversed or under way, each once', () => {
    const moves = [
      move('r1', 1),
      move('r2', 1),
      move('r2', 2, { direction: 'reverse' }),
      move('r3', 1, { steps: [], outcome: { kind: 'failed', atMs: 2, reason: 'no room' } }),
      move('r4', 1, { outcome: null }),
    ]
    expect(countMoves(moves)).toEqual({ done: 1, failed: 1, reversed: 1, underWay: 1 })
  })

  test('the share of those reversed is of those that had landed', () => {
    const moves = [
      move('r1', 1),
      move('r2', 1),
      move('r2', 2, { direction: 'reverse' }),
      move('r3', 1, { steps: [], outcome: { kind: 'failed', atMs: 2, reason: 'no room' } }),
    ]
    expect(runFigures({ plans: 1, runs: [told({ moves })], predictions: [] }).reversedShare).toBe(0.5)
  })

  test('one that was reversed and made again counts as both', () => {
    const moves = [move('r1', 1), move('r1', 2, { direction: 'reverse' }), move('r1', 3)]
    expect(countMoves(moves)).toMatchObject({ done: 1, reversed: 1 })
  })
})

test('prediction error is the mean of what was off, bias its mean with sign', () => {
  const predictions = [prediction(54), prediction(48), prediction(null), prediction(62)]
  const figures = runFigures({ plans: 1, runs: [], predictions })
  expect(figures.prediction).toEqual({ compared: 3, error: 6, bias: 14 / 3, inBand: 2 / 3 })
})

describe('tenant errors', () => {
  const served = { fromMs: 10, toMs: 20, moves: 2, requests: 1000, errors: 5, expected: 1 }

  test('are those beyond what was expected, for each 1,000 moves', () => {
    expect(tenantErrors([{ batch: 'p/tail-1', served }], 3)).toEqual({
      ...{ perThousandMoves: 2000, seen: 5, expected: 1, moves: 2, uncounted: 1 },
    })
  })

  test('of a batch only the latest look counts, and a batch made again is another one', () => {
    const looks = [
      { batch: 'p/tail-1', served: { ...served, toMs: 40, errors: 9 } },
      { batch: 'p/tail-1', served },
      { batch: 'p/tail-1', served: { ...served, fromMs: 50, toMs: 60, errors: 1 } },
    ]
    expect(tenantErrors(looks, 4)).toMatchObject({ seen: 10, expected: 2, moves: 4, perThousandMoves: 2000 })
  })

  test('are below zero where there were fewer than in the past', () => {
    const looks = [{ batch: 'p/tail-1', served: { ...served, errors: 0 } }]
    expect(tenantErrors(looks, 2).perThousandMoves).toBe(-500)
  })
})

describe('operator minutes', () => {
  const act = (key: string, minute: number, given: Partial<AuditFact> = {}) =>
    aFact(key, { kind: 'control', who: 'kim', atMs: minute * MINUTE_MS, ...given })
  const lead = BEFORE_FIRST_ACT_MS / MINUTE_MS
  const gap = SITTING_GAP_MS / MINUTE_MS

  test('of acts close to each other run from the first to the last', () => {
    expect(operatorTime([act('a', 10), act('b', 10 + gap)])).toEqual({
      ...{ minutes: lead + gap, acts: 2, sittings: 1 },
    })
  })

  test('of acts far apart are a sitting each, as are those of two people', () => {
    expect(operatorTime([act('a', 0), act('b', gap + 1)]).sittings).toBe(2)
    expect(operatorTime([act('a', 0), act('b', 1, { who: 'ada' })])).toEqual({
      ...{ minutes: 2 * lead, acts: 2, sittings: 2 },
    })
  })

  test('begin where the evidence was looked at that a decision names', () => {
    const facts = [
      aFact('evidence/seen', { kind: 'evidence', atMs: 2 * MINUTE_MS }),
      act('decided', 12, { kind: 'decision', evidence: 'seen' }),
    ]
    expect(operatorTime(facts)).toEqual({ minutes: lead + 10, acts: 1, sittings: 1 })
  })

  test('hold nothing of what Restamp or its autonomy did', () => {
    const facts = [
      aFact('effect'),
      act('hold', 1, { who: 'restamp' }),
      act('opened', 1, { kind: 'decision', who: AUTONOMY_AUTHOR }),
    ]
    expect(operatorTime(facts)).toEqual({ minutes: 0, acts: 0, sittings: 0 })
  })
})

test("a gate's wait lasts until the next status that lasts, and while there is none it has no end", () => {
  const waiting = statusFacts(aRun({ ...EVERY_STATUS.awaitingApproval, gate: 'right-size-12', sinceMs: 10 }))
  const blocked = statusFacts(aRun({ ...EVERY_STATUS.blocked, sinceMs: 5 }))
  const moving = statusFacts(aRun({ ...EVERY_STATUS.moving, sinceMs: 70 }))
  expect(gateWaits([...moving, ...waiting, ...blocked])).toEqual([
    { gate: 'right-size-12', sinceMs: 10, untilMs: 70 },
  ])
  expect(gateWaits([...waiting, ...blocked])).toEqual([{ gate: 'right-size-12', sinceMs: 10, untilMs: null }])
})
