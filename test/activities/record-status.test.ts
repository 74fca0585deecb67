import { expect, test } from 'vitest'
import { createRecordStatus } from '../../src/activities/orders.ts'
import { GateId } from '../../src/domain/ids.ts'
import { aMovingRun } from '../support/moving-run.ts'

const MINUTE_MS = 60_000

async function aRun() {
  const { ports, plan, gate, clock } = await aMovingRun()
  const record = createRecordStatus(ports)
  const write = (atMs: number, kind: 'checking' | 'aborted') =>
    record({
      ...{ planId: plan.id, atMs, waiting: null },
      status: kind === 'aborted' ? { kind, atMs, reason: 'enough' } : { kind, gate: GateId.parse(gate) },
    })
  const status = async () => (await ports.records.read('runs', plan.id))?.value.status.kind
  return { write, status, nowMs: clock.ms }
}

test('an older status changes nothing: it is a repeat', async () => {
  const { write, status, nowMs } = await aRun()
  await write(nowMs - MINUTE_MS, 'checking')
  expect(await status()).toBe('moving')
})

test('a run ends, whatever clock was ahead of the one that ends it', async () => {
  const { write, status, nowMs } = await aRun()
  await write(nowMs - MINUTE_MS, 'aborted')
  expect(await status()).toBe('aborted')
})

test('a run that has ended stays ended', async () => {
  const { write, status, nowMs } = await aRun()
  await write(nowMs, 'aborted')
  await write(nowMs + MINUTE_MS, 'checking')
  expect(await status()).toBe('aborted')
})
