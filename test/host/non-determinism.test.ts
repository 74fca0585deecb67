import * as df from 'durable-functions'
import { expect, it } from 'vitest'
import type { Host } from '../../src/host/host.ts'
import { control, end, instance, raise, start, until } from './driving.ts'
import { smallHost } from './small-host.ts'

const why = 'Was a change made to the orchestrator code after this instance had already started running?'
const before = 'Non-Deterministic workflow detected: A previous execution of this orchestration scheduled'

/** An orchestrator that does one thing first and, once told, another; the activity of the first time never ends. */
function changing() {
  const seen = { isTold: false, release: () => {} }
  const held = new Promise<void>((resolve) => {
    seen.release = resolve
  })
  const load = () => {
    df.app.activity('Slow', {
      handler: () => held,
    })
    df.app.activity('Quick', { handler: () => 'quick' })
    df.app.orchestration('Other', function* (c) {
      yield c.df.waitForExternalEvent('never')
    })
    df.app.orchestration('Steady', function* (c) {
      return yield c.df.callActivity('Quick')
    })
    df.app.orchestration('Changing', function* (c) {
      const [first, second] = String(c.df.getInput()).split(' ')
      c.df.setCustomStatus('decided')
      const what = seen.isTold ? second : first
      if (what === 'slow') yield c.df.callActivity('Slow')
      if (what === 'quick') yield c.df.callActivity('Quick')
      if (what === 'timer') yield c.df.createTimer(new Date(c.df.currentUtcDateTime.getTime() + 86_400_000))
      if (what === 'child') yield c.df.callSubOrchestrator('Other', null, `${c.df.instanceId}-child`)
      if (what === 'steady') yield c.df.callSubOrchestrator('Steady', null, `${c.df.instanceId}-child`)
      yield c.df.waitForExternalEvent('go')
    })
  }
  return { seen, load }
}

const isDecided = (host: Host) =>
  until(
    () => instance(host, 'it'),
    ({ customStatus }) => customStatus === 'decided',
  )

const child =
  "a sub-orchestration task with sequence ID 0 and name 'Other' (version '', instance ID 'it-child'), but"

it.each([
  [
    'slow quick',
    `${before} an activity task with sequence number 0 named 'Slow', but the current orchestration replay instead scheduled an activity task named 'Quick' with this sequence number.  ${why}`,
  ],
  [
    'slow timer',
    `${before} an activity task with sequence number 0 named 'Slow', but the current orchestration replay instead produced a CreateTimerOrchestratorAction action with this sequence number. ${why}`,
  ],
  [
    'slow nothing',
    `${before} an activity task with sequence ID 0 and name 'Slow' (version ''), but the current replay execution hasn't (yet?) scheduled this task. ${why}`,
  ],
  [
    'timer quick',
    `${before} a timer task with sequence number 0 named but the current orchestration replay instead produced a ScheduleTaskOrchestratorAction action with this sequence number. ${why}`,
  ],
  [
    'timer nothing',
    `${before} a timer task with sequence number 0 but the current replay execution hasn't (yet?) scheduled this task. ${why}`,
  ],
  [
    'child quick',
    `${before} ${child} the current orchestration replay instead produced a ScheduleTaskOrchestratorAction action at this sequence number. ${why}`,
  ],
  [
    'child steady',
    `${before} ${child} the current orchestration replay instead scheduled a sub-orchestration task with name Steady at this sequence number. ${why}`,
  ],
  [
    'child nothing',
    `${before} ${child} the current replay execution hasn't (yet?) scheduled this task. ${why}`,
  ],
])(
  'an orchestrator that first did one thing and then another (%s) fails, and says which',
  async (input, text) => {
    const { seen, load } = changing()
    const host = await smallHost({ load, clock: 'real' })
    await start(host, 'Changing', 'it', input)
    await isDecided(host)
    seen.isTold = true
    await raise(host, 'it', 'other', 1)
    expect((await end(host, 'it')).output).toBe(text)
    seen.release()
    await start(host, 'Steady', 'next', null)
    expect((await end(host, 'next')).output).toBe('quick')
  },
)

it('such an orchestrator fails when it is to be suspended, too', async () => {
  const { seen, load } = changing()
  const host = await smallHost({ load, clock: 'real' })
  await start(host, 'Changing', 'it', 'slow quick')
  await isDecided(host)
  seen.isTold = true
  expect(await control(host, 'it', 'suspend', 'why')).toBe(202)
  expect((await end(host, 'it')).runtimeStatus).toBe('Failed')
  seen.release()
})
