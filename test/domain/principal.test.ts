import { expect, test } from 'vitest'
import { type Action, decisionRefusal, type Role, refusal } from '../../src/domain/principal.ts'

const as = (...roles: Role[]) => ({ name: 'kim', roles })

test('a reader may read and nothing else', () => {
  const others: Action[] = ['scan', 'plan', 'start', 'decide', 'hold', 'resume', 'rollback', 'abort']
  expect(refusal(as('Reader'), 'read')).toBeUndefined()
  for (const action of others) expect(refusal(as('Reader'), action)).toContain('kim has Reader')
})

test('a planner and operator may not decide on a gate', () => {
  expect(refusal(as('Planner', 'Operator'), 'decide')).toBe(
    'kim has Planner, Operator; to decide takes Approver or Admin',
  )
  expect(refusal(as('Approver'), 'decide')).toBeUndefined()
})

test('a planner asks for plans, but only an operator for an emergency', () => {
  expect(refusal(as('Planner'), 'plan')).toBeUndefined()
  expect(refusal(as('Planner'), 'planEmergency')).toContain('takes Operator or Admin')
  expect(refusal(as('Operator'), 'planEmergency')).toBeUndefined()
})

test('somebody without a role may do nothing', () => {
  expect(refusal(as(), 'read')).toContain('no role')
})

test('who asked for a plan may not approve it, an admin neither', () => {
  expect(decisionRefusal({ name: 'kim', roles: ['Admin'] }, 'kim')).toContain('kim asked for this plan')
  expect(decisionRefusal({ name: 'lee', roles: ['Approver'] }, 'kim')).toBeUndefined()
})
