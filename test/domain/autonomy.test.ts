import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Autonomy, type AutonomyStep, levelOf, stepRefusal } from '../../src/domain/autonomy.ts'
import { Policy } from '../../src/domain/policy.ts'

const step = (given: Partial<AutonomyStep>): AutonomyStep => ({
  ...{ region: 'testland', phase: 'tail', step: 'asked', by: 'olga', reason: 'because', atMs: 10 },
  ...given,
})
const allowed = Autonomy.parse({ tail: 'autonomous' })

test('a phase is autonomous only where the policy allows it, two people said so, and nothing went wrong since', () => {
  const anyLast = fc.option(
    fc.record({
      step: fc.constantFrom('asked' as const, 'confirmed' as const, 'withdrawn' as const),
      atMs: fc.integer({ min: 1, max: 20 }),
    }),
    { nil: undefined },
  )
  fc.assert(
    fc.property(
      fc.constantFrom('recommend' as const, 'review' as const, 'autonomous' as const),
      anyLast,
      fc.integer({ min: 0, max: 20 }),
      (tail, last, brokenMs) => {
        const standing = { allowed: { ...allowed, tail }, last: last && step(last), brokenMs }
        const level = levelOf('tail', standing)

        const isRaised = tail === 'autonomous' && last?.step === 'confirmed' && last.atMs > brokenMs
        expect(level).toBe(isRaised ? 'autonomous' : tail === 'recommend' ? 'recommend' : 'review')
      },
    ),
  )
})

test('who asked for autonomy may not confirm it, and nobody confirms what was not asked for', () => {
  const last = step({})
  expect(stepRefusal(step({ step: 'confirmed', by: 'Olga' }), { allowed, last })).toContain('second person')
  expect(stepRefusal(step({ step: 'confirmed', by: 'piet' }), { allowed, last })).toBeUndefined()
  const gone = step({ step: 'withdrawn' })
  expect(stepRefusal(step({ step: 'confirmed', by: 'piet' }), { allowed, last: gone })).toContain('ask first')
  expect(stepRefusal(step({ phase: 'medium' }), { allowed, last: undefined })).toContain(
    'policy allows review',
  )
  expect(stepRefusal(gone, { allowed: Autonomy.parse({}), last: undefined })).toBeUndefined()
})

test('top talkers are autonomous only where the policy says in so many words that no person is needed', () => {
  const autonomy = { top: 'autonomous' }
  expect(Policy.safeParse({ autonomy }).error?.message).toContain('no person is needed')
  expect(Policy.safeParse({ autonomy, topTalkers: 'no person is needed' }).success).toBe(true)
  expect(Policy.parse({}).autonomy).toEqual({ tail: 'review', medium: 'review', top: 'review' })
})
