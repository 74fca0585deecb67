import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { registerOrchestrations } from '../../src/app.ts'
import { RunStatus } from '../../src/domain/run.ts'
import { EventType, type HistoryEvent } from '../../src/host/history.ts'
import type { InstanceState } from '../../src/host/instances.ts'
import { startTestHost, type TestHost } from '../../src/host/testkit.ts'
import * as messages from '../../src/messages/activities.ts'
import { presentVersion, readHistories, recordedStories, recordedVersions } from '../support/histories.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const EACH = recordedVersions().flatMap((version) =>
  recordedStories(version).map((story) => [version, story] as const),
)
const inputs = new Map<string, z.ZodType>(
  Object.values(messages).flatMap((message) =>
    'name' in message && 'input' in message ? [[message.name, message.input]] : [],
  ),
)

let host: TestHost
beforeAll(async () => {
  host = await startTestHost({ appDir: ROOT, load: registerOrchestrations })
})
afterAll(() => host.stop())

test.each(EACH)('a run of version %s goes on as it was: %s', async (version, story) => {
  for (const instance of readHistories(version, story)) {
    expect(await host.replay(instance), instance.row.id).toEqual([])
  }
})

test.each(EACH)('what a run of version %s asked for is still understood: %s', (version, story) => {
  const asked = readHistories(version, story).flatMap(({ events }) => events.filter(isTask))
  expect(asked.length).toBeGreaterThan(0)
  for (const { Name: name = '', Input: input } of asked) {
    const result = inputs.get(name)?.safeParse(JSON.parse(input ?? 'null'))
    expect(result?.success, `${name} ${input}`).toBe(true)
  }
})

test('runs of the present version are recorded, each orchestration and each status of a run among them', () => {
  const version = presentVersion()
  expect(recordedVersions()).toContain(version)
  const histories = recordedStories(version).flatMap((story) => readHistories(version, story))
  const names = ['cutover', 'isolate', 'observe', 'rebalance', 'rehearse', 'right-size', 'scan-region']
  expect([...new Set(histories.map(({ row }) => row.name))].toSorted()).toEqual(names)
  const Told = z.object({ status: z.object({ kind: z.string() }) })
  const seen = histories
    .flatMap(({ events }) => events.filter(({ Name: name }) => name === messages.RecordStatus.name))
    .map(({ Input: input }) => Told.parse(JSON.parse(input ?? '')).status.kind)
  const kinds = RunStatus.options.map(({ shape }) => shape.kind.value)
  // A run is `starting` before its orchestration has begun.
  expect(new Set(seen)).toEqual(new Set(kinds.filter((kind) => kind !== 'starting')))
})

test('a run that today decides otherwise is found, with the event from which on', async () => {
  const [story = ''] = recordedStories('1.0')
  const run = readHistories('1.0', story).find(({ row }) => row.name === 'rebalance')
  if (!run) throw new Error('there is no run')
  const [first] = await host.replay(withoutLeases(run))
  expect(first).toContain('history has [4 1 readOrders], replay gives [4 1 takeLeases]')
  const ended = run.events.map((event) =>
    event.EventType === EventType.ExecutionCompleted ? { ...event, Result: '{"kind":"aborted"}' } : event,
  )
  expect(await host.replay({ ...run, events: ended })).toEqual([
    expect.stringContaining('ended as Completed'),
  ])
})

/** As if an earlier version had taken no leases, and gone on at once. */
function withoutLeases(run: InstanceState): InstanceState {
  const events = run.events.map((event) =>
    event.Name === messages.TakeLeases.name ? { ...event, Name: messages.ReadOrders.name } : event,
  )
  return { ...run, events }
}

function isTask({ EventType: type }: HistoryEvent): boolean {
  return type === EventType.TaskScheduled
}
