import * as df from 'durable-functions'
import { expect, it } from 'vitest'
import { instance, raise, start, until } from './driving.ts'
import { smallHost } from './small-host.ts'

it('an event that came before its race began keeps no later activity from being heard', async () => {
  const host = await smallHost({
    load: () => {
      df.app.activity('Slow', { handler: async () => new Promise((resolve) => setTimeout(resolve, 50)) })
      df.app.activity('Quick', { handler: () => 'heard' })
      df.app.orchestration('Racing', function* (context) {
        yield context.df.callActivity('Slow')
        const event = context.df.waitForExternalEvent('early')
        const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 86_400_000))
        const winner = yield context.df.Task.any([event, timer])
        if (winner === event) timer.cancel()
        return yield context.df.callActivity('Quick')
      })
    },
  })
  await start(host, 'Racing', 'r', null)
  await raise(host, 'r', 'early', {})
  const seen = await until(
    () => instance(host, 'r'),
    ({ runtimeStatus }) => runtimeStatus === 'Completed',
  )
  expect(seen.output).toBe('heard')
})
