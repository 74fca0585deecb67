import { afterEach } from 'vitest'
import { startCalloutServer } from '../../../examples/callout-server/server.mjs'
import { createCallout } from '../../../src/adapters/callout/callout.ts'
import { StampId } from '../../../src/domain/ids.ts'
import type { Interlock } from '../../../src/domain/interlocks.ts'
import { capacityContract } from '../../ports/capacity.contract.ts'
import { catalogContract } from '../../ports/catalog.contract.ts'
import { interlocksContract } from '../../ports/interlocks.contract.ts'
import { provisioningContract } from '../../ports/provisioning.contract.ts'
import { trafficContract } from '../../ports/traffic.contract.ts'
import { aTwin, busy, empty, HandClock, MINUTE_MS, shared, someFiles } from '../../twin/a-twin.ts'
import { servePorts } from './port-server.ts'

const secret = 'a-secret-of-both-sides'
const auth = { kind: 'hmac', secret } as const
const pause = async () => undefined

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** The example's control plane over the fleet that the twin's tests have. */
async function overExample(interlocks: readonly Interlock[] = []) {
  const clock = new HandClock()
  const { fleet } = someFiles()
  const server = await startCalloutServer({ fleet, interlocks, secret, nowMs: () => clock.ms })
  stops.push(server.close)
  return { ...createCallout({ baseUrl: server.baseUrl, auth, clock, pause }), clock }
}

/** The twin, through the same contract. */
async function overTwin(interlocks: readonly Interlock[] = []) {
  const { twin, clock } = aTwin()
  for (const interlock of interlocks) twin.inject({ kind: 'interlock', interlock })
  const server = await servePorts({ ports: () => twin, secret, nowMs: () => clock.ms })
  stops.push(server.close)
  return { ...createCallout({ baseUrl: server.baseUrl, auth, clock, pause }), clock }
}

for (const [name, open] of [
  ['Callout over the example server', overExample],
  ['Callout over the twin', overTwin],
] as const) {
  const opened = async () => {
    const { clock, ...ports } = await open()
    const pass = async (durationMs: number) => {
      clock.ms += durationMs
    }
    return { ...ports, pass }
  }
  const places = { replica: busy, home: shared, other: empty }

  catalogContract(name, async () => ({ ...(await opened()), ...places }))

  trafficContract(name, async () => {
    const within = { warmWithinMs: 5 * MINUTE_MS, readyWithinMs: MINUTE_MS }
    return { ...(await opened()), ...places, ...within }
  })

  capacityContract(name, async () => {
    const pool = { stamp: empty, role: 'registry', readyWithinMs: 5 * MINUTE_MS }
    return { ...(await opened()), ...pool }
  })

  provisioningContract(name, async () => {
    const stamp = StampId.parse('made')
    const pools = [{ role: 'registry', nodes: 3, like: shared }]
    const wanted = { region: 'north', stamp, customer: 'contoso', pools, key: 'plan/made/001' }
    return { ...(await opened()), replica: busy, known: shared, wanted, withinMs: 20 * MINUTE_MS }
  })

  interlocksContract(name, async (known) => (await open(known)).interlocks)
}
