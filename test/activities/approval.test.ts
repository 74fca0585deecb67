import { expect, test } from 'vitest'
import { approvalFor } from '../../src/activities/approval.ts'
import { createOpenGate } from '../../src/activities/open-gate.ts'
import { Digest } from '../../src/domain/ids.ts'
import { MoveRecord } from '../../src/domain/run.ts'
import { takeStep } from '../../src/queries/autonomy.ts'
import { aMovingRun, type MovingRun } from '../support/moving-run.ts'
import { REGION } from '../support/small-region.ts'

const MINUTE_MS = 60_000

/** A run whose gates nobody has answered, in a region where two people have raised all but the top talkers. */
async function anAutonomousRun(): Promise<MovingRun> {
  const run = await aMovingRun()
  const { records } = run.ports
  for (const { id } of await records.list('decisions', { limit: 100 })) await leadElsewhere(run, id)
  const plan = await records.read('plans', run.plan.id)
  const autonomy = { tail: 'autonomous', medium: 'autonomous', top: 'review' } as const
  const policy = { ...run.plan.policy, autonomy }
  await records.replace('plans', run.plan.id, { ...run.plan, policy }, plan?.etag ?? '')
  const of = { region: run.plan.region, atMs: run.clock.ms, reason: 'a month went well' }
  for (const phase of ['tail', 'medium'] as const) {
    await takeStep(run.ports, { ...of, phase, step: 'asked', by: 'operator' })
    await takeStep(run.ports, { ...of, phase, step: 'confirmed', by: 'approver' })
  }
  run.clock.ms += MINUTE_MS
  return run
}

/** Makes an answer one to another plan. */
async function leadElsewhere({ ports: { records } }: MovingRun, id: string): Promise<void> {
  const stored = await records.read('decisions', id)
  const digest = Digest.parse('f'.repeat(64))
  if (stored) await records.replace('decisions', id, { ...stored.value, digest }, stored.etag)
}

async function takeSomebodyHome({ ports, clock }: MovingRun): Promise<void> {
  const key = `plan-other/other01@${REGION}/002`
  const move = MoveRecord.parse({
    ...{ key, planId: 'plan-other', replica: `other01@${REGION}`, gate: 'tail-1', direction: 'reverse' },
    ...{ from: 's-b', to: 's-a', steps: [], outcome: null, begunMs: clock.ms },
  })
  await ports.records.create('moves', key, move)
}

test('a gate that opened by itself is asked of a person again once anything of its region goes home', async () => {
  const run = await anAutonomousRun()
  const of = { planId: run.plan.id, digest: run.plan.digest, gate: run.step({}).gate }
  expect(await approvalFor(run.ports, of)).toMatchObject({ kind: 'lacking' })
  expect(await createOpenGate(run.ports)(of)).toEqual({ kind: 'opened' })
  expect(await approvalFor(run.ports, of)).toMatchObject({ kind: 'approved', by: ['autonomy policy'] })

  run.clock.ms += MINUTE_MS
  await takeSomebodyHome(run)
  expect(await approvalFor(run.ports, of)).toMatchObject({ kind: 'lacking' })
  expect(await createOpenGate(run.ports)(of)).toEqual({ kind: 'left' })
})
