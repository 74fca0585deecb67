import { expect, test } from 'vitest'
import { gateFacts } from '../../src/domain/gate-facts.ts'
import { StampId } from '../../src/domain/ids.ts'
import type { PoolOutlook } from '../../src/domain/plan.ts'

const pool = (stamp: string, hotNodeP95: number | null): PoolOutlook => ({
  ...{ stamp: StampId.parse(stamp), pool: 'dataproxy' },
  before: { hotNodeP95, poolAverage: null, max: null },
  predicted: { hotNodeP95: 28.06, low: 26.8, high: 29.5 },
  ifNothingIsDone: { hotNodeP95: null, words: '' },
})

test('a message says what is wrong, how the rehearsal went, and what each pool shows and will', () => {
  const pools = [pool('weu-a', 43.04), pool('weu-b', null)]
  expect(
    gateFacts({ reason: 'contoso dominates', pools }, { status: 'passed', words: 'all landed' }),
  ).toEqual([
    'contoso dominates',
    'rehearsal passed: all landed',
    'weu-a dataproxy: hot-node P95 43.0 % when planned, predicted 28.1 % (26.8 to 29.5)',
    'weu-b dataproxy: hot-node P95 not known when planned, predicted 28.1 % (26.8 to 29.5)',
  ])
})

test('a plan that was not rehearsed says so, and many pools are counted', () => {
  const facts = gateFacts(
    { reason: 'hot', pools: Array.from({ length: 9 }, () => pool('weu-a', 1)) },
    undefined,
  )
  expect([facts[1], facts.length, facts.at(-1)]).toEqual(['it was not rehearsed yet', 9, 'and 3 more pools'])
})
