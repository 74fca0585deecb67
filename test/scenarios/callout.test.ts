import { afterEach, expect, test } from 'vitest'
import { createCallout } from '../../src/adapters/callout/callout.ts'
import { replicaId } from '../../src/domain/ids.ts'
import type { Ports } from '../../src/ports/ports.ts'
import type { PortFaults } from '../adapters/callout/port-faults.ts'
import type { ServedPorts } from '../adapters/callout/port-handlers.ts'
import { servePorts } from '../adapters/callout/port-server.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { REGION, TENANTS } from '../support/small-region.ts'
import { startTestApp } from '../support/test-app.ts'

const ACME = TENANTS.filter(({ customer }) => customer === 'acme')
const secret = 'a-secret-of-both-sides'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** The app over a small region that it reaches as somebody's control plane, over HTTP. */
async function appOverCallout(faults: PortFaults) {
  const behind: { ports?: ServedPorts } = {}
  const nowMs = () => Date.now()
  const ports = () => {
    if (!behind.ports) throw new Error('asked before the region came up')
    return behind.ports
  }
  const server = await servePorts({ ports, secret, nowMs, faults })
  const auth = { kind: 'hmac', secret } as const
  const callout = createCallout({ baseUrl: server.baseUrl, auth, clock: { nowMs } })
  const { provisioning, catalog, traffic, capacity, interlocks } = callout
  const app = await startTestApp({
    ports: (own: Ports) => {
      behind.ports = { ...own, provisioning }
      return { ...own, catalog, traffic, capacity, interlocks }
    },
  })
  stops.push(app.stop, server.close)
  return { app, server }
}

test('over a control plane that fails at one call in twenty each replica moves once and the plan ends', async () => {
  // What a person asks for at once is answered by a refusal where the platform fails; what runs goes on.
  // Silence is left out: it costs real time, and is tested beside the adapter.
  const kinds = ['tooMany', 'unavailable', 'gateway', 'lost', 'cutOff', 'twice', 'slow'] as const
  const faults = { seed: 3, share: 0, kinds }
  const { app, server } = await appOverCallout(faults)
  const view = await startedRun(app)
  const asked = await app.until(view.plan.id, awaits())
  await approve(app, view, gatesOf(asked))
  faults.share = 0.05
  const ended = await app.until(view.plan.id, is('completed'))

  expect(ended.movesDone).toBe(ACME.length)
  for (const { name } of ACME)
    expect(await app.twin.catalog.binding(replicaId(name, REGION))).toMatchObject({
      ...{ homeStamp: 's-c', epoch: 2 },
    })
  expect(server.met.size).toBeGreaterThan(2)
})
