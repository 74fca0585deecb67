import { app } from '@azure/functions'
import * as df from 'durable-functions'
import { describe, expect, it } from 'vitest'
import type { CommitPoint } from '../../src/host/fault-points.ts'
import { type NamedFault, NamedFaults, startTestHost } from '../../src/host/testkit.ts'
import { driveFaultyApp, faultyRuns, registerFaultyApp } from './faulty-app.ts'
import { appFolder, jan1Ms } from './small-host.ts'

const ids = faultyRuns.map(({ id }) => id)
const hourMs = 3_600_000
/** Two commit points of the app's own client and functions are left out; they have tests of their own below. */
const points: readonly CommitPoint[] = ['clock', 'start', 'event', 'control', 'episode']

async function disturbed(fault: NamedFault) {
  const faults = new NamedFaults(fault)
  let mayAdvance = false
  const test = await startTestHost({
    ...{ appDir: appFolder(), startAtMs: jan1Ms, load: registerFaultyApp, faults },
    mayAdvance: () => mayAdvance,
  })
  await driveFaultyApp(test)
  mayAdvance = true
  const rows = await test.ended(ids)
  const ends = rows.map(({ id, status, output }) => ({ id, status, output }))
  const { crashes } = test
  await test.stop()
  return { faults, ends, crashes }
}

const undisturbed = faultyRuns.map(({ id, status = 'Completed', output }) => ({
  id,
  status,
  output: status === 'Completed' ? JSON.stringify(output) : output,
}))

describe('an app ends as without faults', () => {
  it.each(
    points.flatMap((at) => [{ kind: 'crashBefore', at } as const, { kind: 'crashAfter', at } as const]),
  )('after a crash: $kind the commit of $at', async (fault) => {
    const { faults, ends, crashes } = await disturbed(fault)
    expect(ends).toEqual(undisturbed)
    expect(faults.hit).toEqual([fault])
    expect(crashes).toBe(1)
  })

  const messages = [
    'ExecutionStarted',
    'TaskCompleted',
    'TaskFailed',
    'SubOrchestrationInstanceCompleted',
    'SubOrchestrationInstanceFailed',
    'TimerFired',
    'EventRaised',
    'ExecutionSuspended',
    'ExecutionResumed',
    'ExecutionTerminated',
  ] as const
  it.each(
    messages
      .flatMap((of) => (['lost', 'twice', 'late', 'reordered'] as const).map((kind) => ({ kind, of })))
      .filter(
        // An external event has no identity of its own: a second copy is a second event.
        ({ kind, of }) => !(kind === 'twice' && of === 'EventRaised'),
      ),
  )('with a message $kind: $of', async (fault) => {
    const { faults, ends, crashes } = await disturbed(fault)
    expect(ends).toEqual(undisturbed)
    expect(faults.hit).toEqual([fault])
    // What is lost comes again with a restart only.
    expect(crashes).toBe(fault.kind === 'lost' ? 1 : 0)
  })

  it.each([
    { kind: 'resultLost', of: 'Echo' },
    { kind: 'resultLost', of: 'Boom' },
    { kind: 'slowDisk', at: 'episode', ms: 300 },
    { kind: 'clockForward', ms: 6 * hourMs },
    { kind: 'clockBack', ms: 6 * hourMs },
  ] as const)('with %j', async (fault) => {
    const { faults, ends } = await disturbed(fault)
    expect(ends).toEqual(undisturbed)
    expect(faults.hit).toEqual([fault])
  })
})

it.each(['crashBefore', 'crashAfter'] as const)(
  'a purge that meets a crash (%s) is there or not, as a whole',
  async (kind) => {
    const faults = new NamedFaults({ kind, at: 'purge' })
    const test = await startTestHost({
      ...{ appDir: appFolder(), startAtMs: jan1Ms, load: registerFaultyApp, faults },
    })
    await test.start('Chain', 'chain')
    await test.ended(['chain'])
    await test.act((control) => control.purge('chain'))
    expect(await test.look('chain')).toBeUndefined()
    expect([faults.hit.length, test.crashes]).toEqual([1, 1])
    await test.start('Chain', 'chain')
    expect((await test.ended(['chain']))[0]?.output).toBe('[1,2]')
    await test.stop()
  },
)

it('a timer function whose record meets a crash runs again at its next time', async () => {
  const at: number[] = []
  const faults = new NamedFaults({ kind: 'crashBefore', at: 'schedule' })
  const test = await startTestHost({
    ...{ appDir: appFolder(), clock: 'real', startAtMs: jan1Ms, faults },
    load: ({ clock }) => {
      df.app.activity('Any', { handler: () => {} })
      app.timer('hourly', { schedule: '0 0 * * * *', handler: () => void at.push(clock.nowMs()) })
    },
  })
  for (let hour = 0; hour < 3; hour++) await test.advance(hourMs)
  expect(faults.hit).toHaveLength(1)
  expect(test.crashes).toBe(1)
  expect(new Set(at.map((ms) => Math.floor((ms - jan1Ms) / hourMs)))).toEqual(new Set([1, 2, 3]))
  await test.stop()
})
