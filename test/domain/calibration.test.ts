import { describe, expect, test } from 'vitest'
import { calibrated, calibrationsOf, comparisonWords, type Prediction } from '../../src/domain/calibration.ts'
import { PlanId, StampId } from '../../src/domain/ids.ts'
import { pastWords } from '../../src/domain/past-words.ts'
import { makePlan } from '../../src/domain/planner.ts'
import { aContext, aRegion, REGION } from './a-region.ts'

function prediction(day: number, actual: number | null, more: Partial<Prediction> = {}): Prediction {
  return {
    planId: PlanId.parse(`plan-${day}`),
    region: REGION,
    stamp: StampId.parse('a'),
    pool: 'registry',
    madeAtMs: day,
    predicted: { hotNodeP95: 50, low: 45, high: 55 },
    comparedAtMs: day + 1,
    actual,
    words: '',
    ...more,
  }
}

describe('how predictions of a pool have done', () => {
  test('is their mean error, their bias and how many their bands held', () => {
    expect(calibrationsOf([prediction(1, 54), prediction(2, 48), prediction(3, 60)])).toMatchObject([
      { stamp: 'a', pool: 'registry', compared: 3, error: 16 / 3, bias: 4, inBand: 2, missesInARow: 1 },
    ])
  })

  test('counts misses in a row by when they were made, not by how they are listed', () => {
    const rows = [prediction(3, 60), prediction(1, 60), prediction(2, 50)]
    expect(calibrationsOf(rows)).toMatchObject([{ missesInARow: 1 }])
    expect(calibrationsOf([prediction(4, 40), ...rows])).toMatchObject([{ missesInARow: 2 }])
  })

  test('takes nothing from a prediction that could not be compared', () => {
    expect(calibrationsOf([prediction(1, null)])).toEqual([])
    expect(calibrationsOf([prediction(1, 60), prediction(2, null), prediction(3, 60)])).toMatchObject([
      { compared: 2, missesInARow: 2 },
    ])
  })

  test('is at an end of misses once a person has accepted them', () => {
    const accepted = { by: 'ada', reason: 'builds doubled', atMs: 9 }
    const rows = [prediction(1, 60, { accepted }), prediction(2, 60, { accepted })]
    expect(calibrationsOf(rows)).toMatchObject([{ missesInARow: 0, inBand: 0 }])
    expect(calibrationsOf([...rows, prediction(3, 60)])).toMatchObject([{ missesInARow: 1 }])
  })

  test('holds the edges of the band for the band', () => {
    expect(calibrationsOf([prediction(1, 45), prediction(2, 55)])).toMatchObject([{ inBand: 2 }])
  })
})

describe('a plan', () => {
  const plan = makePlan(
    aRegion({
      stamps: [{ id: 'a' }, { id: 'b' }, { id: 'c' }],
      registries: [
        { name: 'big', stamp: 'a', cores: 12 },
        { name: 'mid', stamp: 'a', cores: 6 },
        { name: 'other', stamp: 'b', cores: 2 },
      ],
    }),
    { stamp: 'a' },
    aContext(),
  )

  test('of which this speaks has moves on a', () => {
    expect(plan.moves.map(({ from }) => from)).toContain('a')
  })

  test('is proposed after one miss, with what past predictions were off', () => {
    const after = calibrated(plan, calibrationsOf([prediction(1, 58)]))
    expect(after.moves).toEqual(plan.moves)
    expect(after.pools.find(({ stamp, pool }) => stamp === 'a' && pool === 'registry')?.past).toEqual({
      compared: 1,
      error: 8,
      bias: 8,
    })
    expect(after.pools.find(({ pool }) => pool === 'dataproxy')?.past).toBeUndefined()
  })

  test('is not proposed after two misses of a pool that it would touch, and says so', () => {
    const after = calibrated(plan, calibrationsOf([prediction(1, 58), prediction(2, 30)]))
    expect([after.verdict, after.moves, after.reverses, after.phases, after.pools]).toEqual([
      'none',
      [],
      [],
      [],
      [],
    ])
    expect(after.blocked).toContainEqual({
      stamp: 'a',
      rule: 'mispredicted',
      detail: expect.stringContaining('the last 2 predictions of a registry were missed'),
    })
    expect(after.reason).toContain('nothing is proposed for it until somebody has accepted why')
  })

  test('is not held up by misses of pools that it leaves alone', () => {
    const elsewhere = { stamp: StampId.parse('far') }
    const after = calibrated(
      plan,
      calibrationsOf([prediction(1, 90, elsewhere), prediction(2, 90, elsewhere)]),
    )
    expect(after).toEqual(plan)
  })
})

test('words say what was predicted, what was seen, and on which side past ones were', () => {
  expect(comparisonWords(prediction(1, 58))).toBe(
    '50.0 % predicted, 45.0 % to 55.0 %; 58.0 % was seen, beyond its band',
  )
  expect(pastWords({ compared: 1, error: 2, bias: 2 })).toBe(
    'the one past prediction was off by 2.0 points, 2.0 too low',
  )
  expect(pastWords({ compared: 3, error: 2, bias: -1 })).toBe(
    '3 past predictions were off by 2.0 points, 1.0 too high',
  )
  expect(pastWords({ compared: 2, error: 2, bias: 0 })).toBe(
    '2 past predictions were off by 2.0 points, to neither side',
  )
})
