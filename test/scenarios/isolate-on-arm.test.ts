import { afterEach, expect, test } from 'vitest'
import { createArmProvisioning } from '../../src/adapters/azure/arm-provisioning.ts'
import { AzureMap } from '../../src/adapters/azure/azure-map.ts'
import { createStampRegister } from '../../src/adapters/azure/stamp-register.ts'
import { keyIn, newStampIn } from '../../src/adapters/azure/stamp-tags.ts'
import { replicaId, StampId } from '../../src/domain/ids.ts'
import { hasEnded, type Run } from '../../src/domain/run.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Provisioning } from '../../src/ports/provisioning.ts'
import type { Twin } from '../../src/twin/twin.ts'
import { anyCredential, wire } from '../adapters/azure/azure-client.ts'
import { deploymentsServer, SUBSCRIPTION } from '../adapters/azure/deployments-server.ts'
import { stampTemplate } from '../adapters/azure/stamp-template-example.ts'
import { type Isolation, MADE, sharedStamps, startIsolation } from '../support/isolation.ts'
import { REGION, TENANTS } from '../support/small-region.ts'

const ACME = TENANTS.filter(({ customer }) => customer === 'acme')
const settled = ({ status }: Run) => hasEnded(status) || status.kind === 'held'

let isolation: Isolation
afterEach(() => isolation.stop())

function mapOf(): AzureMap {
  const stamps = sharedStamps().fleet.regions.flatMap((region) => region.stamps)
  return AzureMap.parse({
    regions: [
      {
        ...{ name: REGION, location: 'westeurope' },
        logs: { workspaceId: SUBSCRIPTION, loadQuery: 'Load', residueQuery: 'Residue' },
        provisioning: { subscriptionId: SUBSCRIPTION, resourceGroupPrefix: 'rg-', hostSuffix: 'example.net' },
        stamps: stamps.map(({ id, pools }) => ({
          ...{
            stamp: id,
            subscriptionId: SUBSCRIPTION,
            resourceGroup: `rg-${id}`,
            host: `${id}.example.net`,
          },
          pools: pools.map(({ role }) => ({ role, scaleSet: `vmss-${id}`, autoscaleSetting: `scale-${id}` })),
        })),
      },
    ],
    routing: {
      ...{ subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-dns', profile: '{registry}-{region}' },
      endpoint: '{registry}.registry.example',
    },
  })
}

/** A double of ARM that leads the simulated region: what it deploys and deletes is made and removed there at the same time. */
function onArm(twin: Twin, clock: Clock, failing: (count: number) => boolean) {
  const model = { nodes: 3, maxNodes: 20, sku: 'Standard_D4s_v5' }
  const names = ['s-a', 's-b'].flatMap((id) => [`vmss-${id}`, `scale-${id}`])
  const server = deploymentsServer({
    nowMs: clock.nowMs,
    models: Object.fromEntries(names.map((name) => [name, model])),
    onBegun: ({ tags }) => void twin.provisioning.create(newStampIn(tags)),
    onRemoved: (stamp) => void removeFromTwin(twin, StampId.parse(stamp)),
  })
  let requests = 0
  const httpClient = wire(async (request) => {
    requests += 1
    if (failing(requests)) return { status: 503, body: { error: { code: 'ServerTimeout', message: 'busy' } } }
    const answer = await server.httpClient.sendRequest(request)
    // One answer in a while is lost on its way back, after its effect.
    if (failing(requests + 9)) throw new Error('the connection was closed')
    const body = answer.bodyAsText ? JSON.parse(answer.bodyAsText) : undefined
    return { status: answer.status, body, headers: answer.headers.toJSON() }
  })
  const register = createStampRegister({
    catalog: twin.catalog,
    enterStamp: async (_, { id: stamp }) => {
      const state = await twin.provisioning.state(stamp)
      if (state.kind !== 'absent') await twin.provisioning.activate({ stamp, key: state.key })
    },
    // The simulated region lists a stamp for as long as its nodes are there.
    removeStamp: async () => {},
  })
  const provisioning = createArmProvisioning({
    ...{ credential: anyCredential, httpClient, map: mapOf(), template: stampTemplate, register },
  })
  return { server, provisioning, requests: () => requests }
}

async function removeFromTwin({ provisioning }: Twin, stamp: StampId): Promise<void> {
  const state = await provisioning.state(stamp)
  if (state.kind !== 'absent') await provisioning.remove({ stamp, key: state.key })
}

async function run(options: {
  readonly failing?: (count: number) => boolean
  readonly activate?: Provisioning['activate']
}) {
  const held: { clock?: Clock; arm?: ReturnType<typeof onArm> } = {}
  isolation = await startIsolation({
    ports: (ports) => {
      held.clock = ports.clock
      return ports
    },
    provisioning: (_, twin) => {
      if (!held.clock) throw new Error('the clock comes with the ports')
      held.arm = onArm(twin, held.clock, options.failing ?? (() => false))
      const { provisioning } = held.arm
      return options.activate
        ? {
            create: (wanted) => provisioning.create(wanted),
            state: (stamp) => provisioning.state(stamp),
            remove: (made) => provisioning.remove(made),
            activate: options.activate,
          }
        : provisioning
    },
  })
  const { status } = await isolation.until(settled)
  if (!held.arm) throw new Error('nothing asked for provisioning')
  return { status, ...held.arm }
}

const homes = () =>
  Promise.all(
    ACME.map(async ({ name }) => (await isolation.ports.catalog.binding(replicaId(name, REGION)))?.homeStamp),
  )

test.each([
  ['at its best', undefined],
  [
    'with one call in fifteen failing before its effect, and one losing its answer',
    (count: number) => count % 15 === 4,
  ],
])(
  'a customer is isolated onto a stamp that ARM deploys, %s',
  async (_, failing) => {
    const { status, server } = await run(failing ? { failing } : {})

    expect(status).toMatchObject({ kind: 'completed' })
    expect(await homes()).toEqual(ACME.map(() => MADE))
    const puts = server.requests.filter(({ method }) => method === 'PUT')
    expect(puts).toHaveLength(1)
    expect(keyIn(server.deployments.get(`restamp-${MADE}`)?.tags)).toBe(`${isolation.plan.id}/${MADE}/001`)
    expect(server.groups.get(`rg-${MADE}`)).toMatchObject({ deletedMs: null })
    expect(await isolation.twin.provisioning.state(MADE)).toMatchObject({ kind: 'active' })
  },
  120_000,
)

test('where the stamp can not be activated its group is deleted, and everybody is where they were', async () => {
  const { status, provisioning, server } = await run({
    activate: () => Promise.reject(new Error('the catalog does not answer')),
  })

  expect(status).toMatchObject({ kind: 'held', reason: expect.stringMatching(/removed again/) })
  expect(await provisioning.state(MADE)).toEqual({ kind: 'absent' })
  expect(server.groups.size).toBe(0)
  expect(await homes()).toEqual(ACME.map(({ stamp }) => stamp))
}, 120_000)
