import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as df from 'durable-functions'
import { expect, it } from 'vitest'
import { startTestHost } from '../../src/host/testkit.ts'
import { appFolder, jan1Ms } from './small-host.ts'

const minuteMs = 60_000

function load() {
  df.app.activity('Echo', { handler: (x: unknown) => x })
  df.app.orchestration('Later', function* (context) {
    const due = new Date(context.df.currentUtcDateTime.getTime() + 10 * minuteMs)
    yield context.df.createTimer(due)
    return yield context.df.callActivity('Echo', context.df.getInput())
  })
}

const kit = (hub?: string) =>
  startTestHost({
    ...{ appDir: appFolder(), clock: 'real', startAtMs: jan1Ms, load },
    ...(hub === undefined ? {} : { hub }),
  })

it.each(['memory', undefined])('a test advances time and reads a history, with the hub %s', async (hub) => {
  const test = await kit(hub)
  await test.start('Later', 'one', 5)
  await test.until(['one'], ({ status }) => status === 'Running')
  await test.advance(9 * minuteMs)
  expect((await test.look('one'))?.row.status).toBe('Running')
  await test.advance(2 * minuteMs)
  const [row] = await test.ended(['one'])
  expect([row?.status, row?.output]).toEqual(['Completed', '5'])
  const { events = [] } = (await test.look('one')) ?? {}
  expect(events.map(({ EventType: type }) => type)).toEqual([12, 0, 10, 13, 12, 11, 4, 13, 12, 5, 1, 13])
  expect(await test.replayCheck('one')).toEqual([])
  await test.stop()
})

it('a hub on a file of the test outlives the test host', async () => {
  const hub = join(appFolder(), 'hub.db')
  const first = await kit(hub)
  await first.start('Later', 'one', 6)
  await first.until(['one'], ({ status }) => status === 'Running')
  await first.crash()
  await first.stop()
  expect(existsSync(hub)).toBe(true)
  const second = await kit(hub)
  await second.advance(11 * minuteMs)
  expect((await second.ended(['one']))[0]?.output).toBe('6')
  await second.stop()
})

it('a test that waits for what never comes is told so at once', async () => {
  const test = await kit()
  await test.start('Later', 'one', 7)
  await expect(test.until(['one', 'never'], ({ status }) => status === 'Completed')).rejects.toThrow(
    /until nothing was under way any more; one is Running/,
  )
  await test.stop()
})
