import { expect, test } from 'vitest'
import { withFaults } from '../../src/adapters/worker/worker-rehearsal.ts'

const passed = { status: 'passed', words: 'all landed', virtualMs: 1, movesDone: 1, movesPlanned: 1 } as const

test('one unsafe fault fails the rehearsal of a plan that would pass', () => {
  const faults = [{ fault: 'kill', outcome: 'unsafe', words: 'acme01 moved twice' }] as const
  expect(withFaults({ ...passed, pools: [] }, faults)).toMatchObject({
    status: 'failed',
    words: 'all landed; but under kill: acme01 moved twice',
  })
})

test.each(['safe', 'unnoticed', 'unknown'] as const)(
  'a fault that is %s is shown and fails nothing',
  (outcome) => {
    const faults = [{ fault: 'kill', outcome, words: 'so' }] as const
    expect(withFaults({ ...passed, pools: [] }, faults)).toMatchObject({ status: 'passed', faults })
  },
)
