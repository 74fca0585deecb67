import { expect, test } from 'vitest'
import { gateWork, workGates } from '../../src/dashboard/gate-work.ts'
import { runWords } from '../../src/dashboard/words.ts'
import { GateId, StampId } from '../../src/domain/ids.ts'
import { isolationPlan } from '../support/isolation.ts'
import { aPlan } from './worked-plan.ts'

const lowering = { stamp: StampId.parse('weu-a'), pool: 'registry', why: 'its peak fits' }
const sized = {
  lowerings: [
    { ...lowering, from: 6, to: 5, batch: 1 },
    { ...lowering, from: 5, to: 4, batch: 2 },
  ],
}

test('an approver sees which minimums a gate lowers, and why they may go down', () => {
  expect(gateWork(sized, ['right-size-2'])).toEqual(['weu-a registry: minimum 5 → 4 nodes; its peak fits'])
  expect(workGates(sized)).toEqual(['right-size-1', 'right-size-2'])
})

test('an approver sees which stamp a gate makes, of what size and like which', () => {
  const plan = isolationPlan()
  expect(gateWork(plan, ['tail-1'])).toEqual([])
  expect(gateWork(plan, workGates(plan))).toEqual([
    expect.stringMatching(/^isolated-acme is made: compute \d nodes like s-[ab]; nobody moves before/),
  ])
})

test('a plan of moves alone does nothing else', () => {
  expect([workGates(aPlan()), gateWork(aPlan(), ['tail-1'])]).toEqual([[], []])
})

test.each([
  ['right-size-1', 'Lowering minimums of right-size-1'],
  ['provision-1', 'Making the stamp of provision-1'],
  ['tail-1', 'Moving tail-1'],
])('a run at %s is named for what it does', (gate, words) => {
  expect(runWords({ kind: 'moving', gate: GateId.parse(gate), sinceMs: 0 })).toMatchObject({ words })
})
