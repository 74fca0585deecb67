import { expect, test } from 'vitest'
import {
  LateTelemetry,
  type LogEntry,
  type StartedTelemetry,
} from '../../src/adapters/telemetry/late-telemetry.ts'

/** Telemetry whose loading the test ends, and where its log entries went. */
function aTelemetry(load: 'works' | 'fails') {
  const seen = { emitted: [] as string[], printed: [] as string[], loads: 0, flushes: 0 }
  const started: StartedTelemetry = {
    emit: ({ words }) => void seen.emitted.push(words),
    flush: async () => {
      seen.flushes += 1
    },
  }
  const telemetry = new LateTelemetry({
    load: async () => {
      seen.loads += 1
      if (load === 'fails') throw new Error('no SDK\nand a long stack')
      return started
    },
    print: ({ words, fields }: LogEntry) => void seen.printed.push([words, fields.error].join(' ').trim()),
    nowMs: () => 1,
  })
  return { telemetry, seen, started }
}

test('what is logged before telemetry is there comes with it, in order and once', async () => {
  const { telemetry, seen } = aTelemetry('works')
  telemetry.log('info', 'first', {})
  telemetry.log('info', 'second', {})
  expect(seen).toMatchObject({ emitted: [], printed: [], loads: 0 })
  await telemetry.publish([])
  telemetry.log('info', 'third', {})
  expect(seen).toMatchObject({ emitted: ['first', 'second', 'third'], printed: [], loads: 1, flushes: 1 })
})

test('measurements load it at once, and send before they are done', async () => {
  const { telemetry, seen } = aTelemetry('works')
  await Promise.all([telemetry.publish([]), telemetry.publish([])])
  expect(seen).toMatchObject({ loads: 1, flushes: 2 })
})

test('where it can not be loaded everything is printed, the reason too, and nobody who measures fails', async () => {
  const { telemetry, seen } = aTelemetry('fails')
  telemetry.log('info', 'before', {})
  await telemetry.publish([{ metric: 'restamp.runs', value: 1, at: { region: 'weu', status: 'held' } }])
  telemetry.log('info', 'after', {})
  await telemetry.publish([])
  expect(seen).toMatchObject({
    ...{ emitted: [], loads: 1, flushes: 0 },
    printed: ['before', 'telemetry was not started no SDK', 'after'],
  })
})

test('of more entries than can wait the oldest are printed, and none is lost', async () => {
  const { telemetry, seen } = aTelemetry('works')
  for (let at = 0; at < 600; at += 1) telemetry.log('info', `entry ${at}`, {})
  await telemetry.publish([])
  expect(seen.printed).toHaveLength(100)
  expect([...seen.printed, ...seen.emitted]).toEqual(Array.from({ length: 600 }, (_, at) => `entry ${at}`))
})

test('measurements that can not be sent are told, and fail nobody', async () => {
  const { telemetry, seen, started } = aTelemetry('works')
  Object.assign(started, { flush: () => Promise.reject(new Error('429')) })
  await telemetry.publish([])
  expect(seen.emitted).toEqual(['measurements were not sent'])
})
