import { type Plugin, PluginOn, type RequestContext } from '@azure/cosmos'
import { afterAll, describe, expect, it } from 'vitest'
import { CosmosCatalog } from '../../../src/adapters/azure/cosmos-catalog.ts'
import { enterFleet, enterStamp, removeStamp } from '../../../src/adapters/azure/cosmos-fleet.ts'
import { Stamp } from '../../../src/domain/fleet.ts'
import { StampId } from '../../../src/domain/ids.ts'
import { catalogContract } from '../../ports/catalog.contract.ts'
import { busy, empty, shared, someFiles } from '../../twin/a-twin.ts'
import { startCosmosServer } from './cosmos-server.ts'

const server = await startCosmosServer()
afterAll(() => server.stop())

const { fleet } = someFiles()
const unscaled = async () => () => undefined
const REGION = 'north'

async function opened() {
  const { databaseId, containers } = await server.catalogContainers()
  await enterFleet(containers, fleet)
  return { databaseId, containers, catalog: new CosmosCatalog(containers, unscaled) }
}

catalogContract('CosmosCatalog', async () => {
  const { catalog } = await opened()
  return { catalog, replica: busy, home: shared, other: empty }
})

type Next = Parameters<Plugin<unknown>>[2]
type Fault = (context: RequestContext, next: Next) => ReturnType<Next>

/** The same catalog through a client whose next patch meets a fault. */
async function disturbed(fault: Fault) {
  const { databaseId, catalog } = await opened()
  const faults = [fault]
  const plugin: Plugin<unknown> = async (context, _node, next) => {
    const now = context.method === 'PATCH' ? faults.shift() : undefined
    return now ? now(context, next) : next(context)
  }
  const database = server.clientWith([{ on: PluginOn.request, plugin }]).database(databaseId)
  const containers = { bindings: database.container('bindings'), fleet: database.container('fleet') }
  return { disturbed: new CosmosCatalog(containers, unscaled), calm: catalog }
}

const move = { replica: busy, to: empty, expectedEpoch: 1, moveKey: 'k1' }
const answers = (code: number | string): Fault => {
  return () => Promise.reject(Object.assign(new Error(`answered ${code}`), { code, headers: {} }))
}

describe('CosmosCatalog on a bad day', () => {
  it('a re-bind whose answer was lost is known as made, and made once', async () => {
    const lost: Fault = async (context, next) => {
      await next(context)
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    }
    const { disturbed: catalog, calm } = await disturbed(lost)

    expect(await catalog.rebind(move)).toMatchObject({ kind: 'bound', binding: { epoch: 2 } })
    expect(await calm.binding(busy)).toMatchObject({ homeStamp: empty, epoch: 2, lastMoveKey: 'k1' })
  })

  it.each([408, 503, 403, 'ECONNRESET'])(
    'a re-bind that failed with %s and was not made is thrown',
    async (code) => {
      const { disturbed: catalog, calm } = await disturbed(answers(code))
      const outcome = await catalog.rebind(move).catch(() => 'thrown')

      // The SDK may have made it at its second attempt: then it says so.
      const made = (await calm.binding(busy))?.homeStamp === empty
      expect(outcome).toEqual(made ? expect.objectContaining({ kind: 'bound' }) : 'thrown')
    },
  )

  it('somebody else who re-binds between the look and the patch makes it stale', async () => {
    const held: { calm?: CosmosCatalog } = {}
    const { disturbed: catalog, calm } = await disturbed(async (context, next) => {
      await held.calm?.rebind({ ...move, to: StampId.parse('n-2'), moveKey: 'theirs' })
      return next(context)
    })
    held.calm = calm

    expect(await catalog.rebind(move)).toMatchObject({ kind: 'stale', binding: { lastMoveKey: 'theirs' } })
    expect(await calm.binding(busy)).toMatchObject({ homeStamp: 'n-2', epoch: 2 })
  })

  it('of many at once one binds', async () => {
    const { catalog } = await opened()
    const keys = Array.from({ length: 8 }, (_, at) => `k${at}`)
    const outcomes = await Promise.all(keys.map((moveKey) => catalog.rebind({ ...move, moveKey })))

    expect(outcomes.filter(({ kind }) => kind === 'bound')).toHaveLength(1)
    expect(outcomes.filter(({ kind }) => kind === 'stale')).toHaveLength(7)
  })
})

describe('a fleet on Cosmos DB', () => {
  it('entered again keeps the bindings as they are', async () => {
    const { catalog, containers } = await opened()
    await catalog.rebind(move)
    await enterFleet(containers, fleet)

    expect(await catalog.binding(busy)).toMatchObject({ homeStamp: empty, epoch: 2 })
  })

  it('with problems is refused, each named, and nothing is entered', async () => {
    const { containers, catalog } = await server.catalogContainers().then(async ({ containers }) => {
      return { containers, catalog: new CosmosCatalog(containers, unscaled) }
    })
    const odd = { ...fleet, regions: [...fleet.regions, ...fleet.regions] }

    await expect(enterFleet(containers, odd)).rejects.toThrow('regions[1].name: "north" is there twice')
    expect(await catalog.fleet()).toEqual({ regions: [], registries: [] })
  })

  it('takes a stamp in, again without effect, and out', async () => {
    const { catalog, containers } = await opened()
    const [first] = fleet.regions[0]?.stamps ?? []
    const made = Stamp.parse({ ...first, id: 'made', kind: 'isolated' })
    const ids = async () => (await catalog.fleet()).regions[0]?.stamps.map(({ id }) => id)
    for (let time = 0; time < 2; time += 1) await enterStamp(containers.fleet, REGION, made)
    expect(await ids()).toEqual(['n-1', 'n-2', 'n-3', 'made'])
    await removeStamp(containers.fleet, REGION, made.id)

    expect(await ids()).toEqual(['n-1', 'n-2', 'n-3'])
  })

  it('shows the nodes that pools have now', async () => {
    const { containers } = await opened()
    const scales = async () => (stamp: string) => (stamp === 'n-1' ? { nodes: 9, minNodes: 7 } : undefined)
    const now = await new CosmosCatalog(containers, scales).fleet()

    expect(now.regions[0]?.stamps.map(({ pools }) => pools[0]?.nodes)).toEqual([9, 4, 4])
  })
})
