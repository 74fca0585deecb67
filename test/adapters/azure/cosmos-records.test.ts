import { type Container, type Plugin, PluginOn, type RequestContext } from '@azure/cosmos'
import { afterAll, describe, expect, it } from 'vitest'
import { RecordTooLarge } from '../../../src/adapters/azure/cosmos-document.ts'
import { CosmosRecords } from '../../../src/adapters/azure/cosmos-records.ts'
import { PlanId } from '../../../src/domain/ids.ts'
import { aChain, aFact, CHAIN } from '../../domain/an-audit.ts'
import { recordsContract } from '../../ports/records.contract.ts'
import { startCosmosServer } from './cosmos-server.ts'

const server = await startCosmosServer()
afterAll(() => server.stop())

recordsContract('CosmosRecords', async () => new CosmosRecords(await server.containers()))

const controls = (reason: string) => ({
  planId: PlanId.parse('plan-1'),
  hold: { by: 'olga', reason, atMs: 1 },
  rollback: null,
  abort: null,
})

type Fault = (context: RequestContext, next: Parameters<Plugin<unknown>>[2]) => Promise<never>

/** The same containers through a client of which the next write meets a fault, and calmly. */
async function disturbed(fault: Fault) {
  const { databaseId, ...calm } = await server.containers()
  const faults = [fault]
  const plugin: Plugin<unknown> = async (context, _node, next) => {
    const isWrite = context.method === 'POST' || context.method === 'PUT'
    const now = isWrite && context.resourceType === 'docs' && !isQuery(context) ? faults.shift() : undefined
    return now ? now(context, next) : next(context)
  }
  const client = server.clientWith([{ on: PluginOn.request, plugin }])
  const database = client.database(databaseId)
  const containers = { records: database.container('records'), audit: database.container('audit') }
  return { records: new CosmosRecords(containers), calm: new CosmosRecords(calm) }
}

function isQuery({ headers }: RequestContext): boolean {
  return Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'x-ms-documentdb-isquery')
}

const answers = (code: number, headers: Record<string, string> = {}): Fault => {
  const error = Object.assign(new Error(`answered ${code}`), { code, headers })
  return () => Promise.reject(error)
}

/** The server does what it was asked, and its answer never comes. */
const answerLost: Fault = async (context, next) => {
  await next(context)
  throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
}

describe('CosmosRecords on a bad day', () => {
  it('a create whose answer was lost is known as made, and made once', async () => {
    const { records, calm } = await disturbed(answerLost)

    expect(await records.create('controls', 'plan-1', controls('mine'))).toBe('created')
    expect(await calm.list('controls', { limit: 10 })).toHaveLength(1)
  })

  it("a create that never arrived, and whose id somebody else took meanwhile, is somebody else's", async () => {
    const held: { calm?: CosmosRecords } = {}
    const { records, calm } = await disturbed(async () => {
      await held.calm?.create('controls', 'plan-1', controls('mine'))
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    })
    held.calm = calm

    expect(await records.create('controls', 'plan-1', controls('mine'))).toBe('exists')
  })

  it('a replace whose answer was lost is known as made', async () => {
    const { records, calm } = await disturbed(answerLost)
    await calm.create('controls', 'plan-1', controls('first'))
    const etag = (await calm.read('controls', 'plan-1'))?.etag ?? ''

    expect(await records.replace('controls', 'plan-1', controls('second'), etag)).toBe('replaced')
    expect(await records.replace('controls', 'plan-1', controls('third'), etag)).toBe('stale')
    expect((await calm.read('controls', 'plan-1'))?.value.hold?.reason).toBe('second')
  })

  it.each([408, 503])(
    'a replace that failed with %s and was not made is thrown, never taken for stale',
    async (code) => {
      const { records, calm } = await disturbed(answers(code))
      await calm.create('controls', 'plan-1', controls('first'))
      const etag = (await calm.read('controls', 'plan-1'))?.etag ?? ''
      const replaced = records.replace('controls', 'plan-1', controls('second'), etag)

      // The SDK may have made it at its second attempt: then it says so.
      const outcome = await replaced.catch(() => 'thrown')
      const reason = (await calm.read('controls', 'plan-1'))?.value.hold?.reason
      expect([outcome, reason]).toEqual(reason === 'second' ? ['replaced', 'second'] : ['thrown', 'first'])
    },
  )

  it.each([429, 449])('an answer of %s is waited for', async (code) => {
    const { records } = await disturbed(answers(code, { 'x-ms-retry-after-ms': '1' }))

    expect(await records.create('controls', 'plan-1', controls('mine'))).toBe('created')
  })

  it('a missing data role is an error, not a record that is not there', async () => {
    const { records } = await disturbed(answers(403))

    await expect(records.create('controls', 'plan-1', controls('mine'))).rejects.toMatchObject({ code: 403 })
  })
})

describe('the documents of CosmosRecords', () => {
  it('refuses what is larger than a document may be, and writes nothing', async () => {
    const records = new CosmosRecords(await server.containers())
    const large = controls('x'.repeat(2 * 1024 * 1024))

    await expect(records.create('controls', 'plan-1', large)).rejects.toThrow(RecordTooLarge)
    expect(await records.list('controls', { limit: 1 })).toEqual([])
  })

  it('keeps ids apart that differ only in what Cosmos DB does not take', async () => {
    const records = new CosmosRecords(await server.containers())
    const ids = ['p/a~b', 'p/a/b', 'p/a\\b', 'p/a?b', 'p/a#b', 'p/a%b', 'p/a%2Fb', 'p/a~2Fb', 'p/ä b']
    for (const id of ids) expect(await records.create('controls', id, controls(id))).toBe('created')

    for (const id of ids) expect((await records.read('controls', id))?.value.hold?.reason).toBe(id)
  })

  it('lists more than a page', async () => {
    const records = new CosmosRecords(await server.containers())
    const ids = Array.from({ length: 25 }, (_, number) => `plan-1/${String(number).padStart(3, '0')}`)
    for (const id of ids) await records.create('controls', id, controls(id))

    const listed = await records.list('controls', { prefix: 'plan-1/', limit: 1000 })
    expect(listed.map(({ id }) => id)).toEqual(ids)
  })

  it('says of a document that was changed by hand that it does not read back', async () => {
    const containers = await server.containers()
    const records = new CosmosRecords(containers)
    await records.create('controls', 'plan-1', controls('mine'))
    const item = containers.records.item('plan-1', ['controls', 'plan-1'])
    const { resource } = await item.read<object>()
    await item.replace({ ...resource, id: 'plan-1', value: { planId: 7 } })

    await expect(records.read('controls', 'plan-1')).rejects.toThrow(/controls plan-1 does not read back/)
  })

  it('keeps the audit in a container of its own', async () => {
    const { records, audit } = await server.containers()
    const both = new CosmosRecords({ records, audit })
    for (const entry of aChain([aFact('one'), aFact('two')]))
      await both.create('audit', `${CHAIN}/${entry.number}`, entry)
    const count = async (container: Container) =>
      (await container.items.readAll().fetchAll()).resources.length

    expect([await count(records), await count(audit)]).toEqual([0, 2])
  })
})
