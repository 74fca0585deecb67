import { createServer } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { createCallout } from '../../../src/adapters/callout/callout.ts'
import { aTwin, busy, empty, HandClock } from '../../twin/a-twin.ts'
import type { FaultKind } from './port-faults.ts'
import { servePorts } from './port-server.ts'

const secret = 'a-secret-of-both-sides'
const TRIES_MAX = 60
const MOVES = 12

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A platform that keeps silent is waited for so long; the others answer sooner, also on a busy machine. */
const SILENCE_MS = 500
const NEVER_SILENT_MS = 30_000

async function faulty(faults: { seed: number; share: number; kinds?: readonly FaultKind[] }) {
  const { twin, clock } = aTwin()
  const server = await servePorts({ ports: () => twin, secret, nowMs: () => clock.ms, faults })
  stops.push(server.close)
  const settings = {
    baseUrl: server.baseUrl,
    auth: { kind: 'hmac', secret },
    clock,
    answerMsMax: faults.kinds ? NEVER_SILENT_MS : SILENCE_MS,
  } as const
  return { callout: createCallout({ ...settings, pause: async () => undefined }), twin, met: server.met }
}

/** As the durable layer does: asks again what a retry may cure. */
async function untilDone<T>(work: () => Promise<T>, names: string[]): Promise<T> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    try {
      return await work()
    } catch (error) {
      names.push(error instanceof Error ? error.name : 'unknown')
    }
  }
  throw new Error('a fault that never ends')
}

/** Moves a replica to and fro; gives what was thrown on the way. */
async function toAndFro({ callout, twin }: Awaited<ReturnType<typeof faulty>>): Promise<string[]> {
  const names: string[] = []
  const home = (await twin.catalog.binding(busy))?.homeStamp ?? empty
  for (let at = 1; at <= MOVES; at++) {
    const move = { replica: busy, to: at % 2 === 1 ? empty : home, expectedEpoch: at, moveKey: `k${at}` }
    const outcome = await untilDone(() => callout.catalog.rebind(move), names)
    expect(['bound', 'alreadyBound']).toContain(outcome.kind)
    const route = { replica: busy, to: move.to, moveKey: move.moveKey, epoch: outcome.binding.epoch }
    expect(await untilDone(() => callout.traffic.setRoute(route), names)).toBe('routed')
    const binding = await untilDone(() => callout.catalog.binding(busy), names)
    expect(binding).toEqual(await twin.catalog.binding(busy))
    expect(binding).toMatchObject({ homeStamp: move.to, epoch: at + 1, lastMoveKey: move.moveKey })
  }
  return names
}

it('under half of all calls failing each move takes effect exactly once, and only faults are thrown', async () => {
  const under = await faulty({ seed: 1, share: 0.5 })
  const names = await toAndFro(under)

  expect(names.length).toBeGreaterThan(10)
  expect(new Set(names)).toEqual(new Set(['PlatformUnavailable']))
  const kinds: FaultKind[] = [
    ...(['tooMany', 'unavailable', 'gateway', 'silent'] as const),
    ...(['lost', 'cutOff', 'twice', 'slow'] as const),
  ]
  expect([...under.met.keys()].toSorted()).toEqual(kinds.toSorted())
})

it('the same seed gives the same faults, another one others', async () => {
  const of = async (seed: number) => {
    const under = await faulty({ seed, share: 0.4, kinds: ['tooMany', 'lost', 'twice', 'slow'] })
    return { names: await toAndFro(under), met: [...under.met].toSorted() }
  }
  const [first, again, other] = [await of(7), await of(7), await of(8)]
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
})

it('a redirect is not followed: nobody else gets what we signed', async () => {
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(async () => server.close())
  const address = server.address()
  const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const { catalog } = createCallout({ baseUrl, auth: { kind: 'hmac', secret }, clock: new HandClock() })

  await expect(catalog.bindings()).rejects.toMatchObject({ name: 'AnswerNotUnderstood' })
  expect(asked).toEqual(['/bindings'])
})

it('an effect whose answer was lost is known again by its key', async () => {
  const { callout, twin } = await faulty({ seed: 1, share: 1, kinds: ['lost'] })
  const move = { replica: busy, to: empty, expectedEpoch: 1, moveKey: 'k1' }
  await expect(callout.catalog.rebind(move)).rejects.toMatchObject({ name: 'PlatformUnavailable' })
  expect(await twin.catalog.binding(busy)).toMatchObject({ homeStamp: empty, lastMoveKey: 'k1' })
  expect(await twin.catalog.rebind(move)).toMatchObject({ kind: 'alreadyBound' })
})
