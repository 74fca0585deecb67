import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aRoutedReplica, home, made, other, replica, third } from './routed-replica.ts'
import type { Disturbance } from './traffic-manager-server.ts'

const RUNS = 150
const TRIES_MAX = 60
const TTL_SECONDS = 300

const busy = { error: { code: 'X', message: 'not now' } }
const disturbances: readonly Disturbance[] = [
  'lost after the write',
  { status: 429, headers: { 'retry-after': '30' }, body: busy },
  { status: 503, body: busy },
  { status: 500, text: '<html>' },
  { status: 200, text: '{"id":' },
]

/** What a move does, in order: some of it is left out where a move breaks off, or comes again where its answer was late. */
const anyMove = fc.record({
  to: fc.constantFrom(home, other, third, made),
  steps: fc.shuffledSubarray(['prepare', 'route', 'route', 'settle', 'late'] as const),
})

/** Every how many requests something comes in between, and what. */
const anyTrouble = fc.array(fc.record({ after: fc.nat(6), what: fc.constantFrom(...disturbances) }), {
  maxLength: 12,
})

test('whatever breaks off in between, some stamp is always enabled, the newest move has its way, and the TTL comes back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyMove, { minLength: 1, maxLength: 4 }),
      anyTrouble,
      async (moves, troubles) => {
        const azure = aRoutedReplica()
        const waiting = [...troubles]
        let quietFor = waiting[0]?.after ?? 0
        azure.routing.disturb(() => {
          expect(azure.enabled()).not.toEqual([])
          if (waiting.length === 0 || quietFor-- > 0) return undefined
          const trouble = waiting.shift()
          quietFor = waiting[0]?.after ?? 0
          return trouble?.what
        })
        let led = { stamp: home, epoch: 1 }
        for (const [at, { to, steps }] of moves.entries()) {
          const change = { replica, to, moveKey: `p/${at}`, epoch: at + 2 }
          for (const step of steps) {
            if (step === 'prepare') await untilDone(() => azure.traffic.prepareRoute(change))
            if (step === 'settle') await untilDone(() => azure.traffic.settleRoute(replica))
            if (step === 'late' && led.epoch > 1)
              expect(await untilDone(() => azure.traffic.setRoute({ ...change, epoch: led.epoch - 1 }))).toBe(
                'stale',
              )
            if (step === 'route') {
              expect(await untilDone(() => azure.traffic.setRoute(change))).toBe('routed')
              led = { stamp: to, epoch: change.epoch }
            }
            expect(await untilDone(() => azure.traffic.route(replica))).toEqual({
              stamp: led.stamp,
              ttlSeconds: TTL_SECONDS,
            })
          }
        }
        await untilDone(() => azure.traffic.settleRoute(replica))
        expect(azure.enabled()).toEqual([led.stamp])
        expect(azure.profile().ttl).toBe(TTL_SECONDS)
      },
    ),
    { numRuns: RUNS },
  )
})

/** Again and again, as the durable layer does, as long as what comes is a fault that a retry may cure. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      const name = error instanceof Error ? error.name : ''
      if (tries === TRIES_MAX || !['AzureThrottled', 'AzureUnavailable'].includes(name)) throw error
    }
  }
}
