import { afterAll, describe, expect, it } from 'vitest'
import { BlobAnchors } from '../../../src/adapters/azure/blob-anchors.ts'
import { BlobPayloads, PayloadChanged } from '../../../src/adapters/azure/blob-payloads.ts'
import { CosmosRecords } from '../../../src/adapters/azure/cosmos-records.ts'
import { PlanId } from '../../../src/domain/ids.ts'
import { anchorsContract } from '../../ports/anchors.contract.ts'
import { startAzurite } from './azurite.ts'
import { startCosmosServer } from './cosmos-server.ts'

const [azurite, cosmos] = await Promise.all([startAzurite(), startCosmosServer()])
afterAll(() => Promise.all([azurite.stop(), cosmos.stop()]))

anchorsContract('BlobAnchors', async () => new BlobAnchors(await azurite.container()))

const MEGABYTE = 1024 * 1024
const controls = (reason: string) => ({
  planId: PlanId.parse('plan-1'),
  hold: { by: 'olga', reason, atMs: 1 },
  rollback: null,
  abort: null,
})

describe('payloads in blobs', () => {
  it('a text is kept under its digest, once however often', async () => {
    const container = await azurite.container()
    const payloads = new BlobPayloads(container)
    const names = await Promise.all(Array.from({ length: 4 }, () => payloads.keep('the same')))
    const blobs = []
    for await (const blob of container.listBlobsFlat()) blobs.push(blob.name)

    expect(new Set(names).size).toBe(1)
    expect(blobs).toHaveLength(1)
    expect(await payloads.read(names[0] ?? '')).toBe('the same')
  })

  it('a payload that was changed is refused by name', async () => {
    const container = await azurite.container()
    const payloads = new BlobPayloads(container)
    const [name, other] = [await payloads.keep('one'), await payloads.keep('other')]
    const bytes = await container.getBlobClient(`${other}.json.gz`).downloadToBuffer()
    await container.getBlockBlobClient(`${name}.json.gz`).upload(bytes, bytes.length)

    await expect(payloads.read(name)).rejects.toThrow(PayloadChanged)
    await expect(payloads.read(name)).rejects.toThrow(name)
  })

  it('a record too large for a document is kept as a payload, listed and replaced like any other', async () => {
    const containers = await cosmos.containers()
    const records = new CosmosRecords(containers, new BlobPayloads(await azurite.container()))
    const large = controls('x'.repeat(3 * MEGABYTE))
    await records.create('controls', 'plan-1', large)
    await records.create('controls', 'plan-2', controls('small'))

    const [first, second] = await records.list('controls', { limit: 10 })
    expect(first?.value).toEqual(large)
    expect(second?.value.hold?.reason).toBe('small')
    expect(await records.replace('controls', 'plan-1', controls('now small'), first?.etag ?? '')).toBe(
      'replaced',
    )
    expect((await records.read('controls', 'plan-1'))?.value.hold?.reason).toBe('now small')
  })

  it('a record that refers to a payload is not read as if it had none', async () => {
    const containers = await cosmos.containers()
    const payloads = new BlobPayloads(await azurite.container())
    await new CosmosRecords(containers, payloads).create('controls', 'plan-1', controls('x'.repeat(MEGABYTE)))

    await expect(new CosmosRecords(containers).read('controls', 'plan-1')).rejects.toThrow(
      'refers to the payload',
    )
  })
})
