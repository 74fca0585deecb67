import { describe, expect, it } from 'vitest'
import { StampId } from '../../../src/domain/ids.ts'
import { provisioningContract } from '../../ports/provisioning.contract.ts'
import { azure, failure, group, known, MINUTE_MS, puts, stamp, wanted } from './provisioned-azure.ts'
import { stampTemplate } from './stamp-template-example.ts'

provisioningContract('ArmProvisioning', async () => {
  const { provisioning, catalog, capacity, replica, pass } = azure()
  return {
    ...{ provisioning, catalog, capacity, wanted, known, replica, pass },
    withinMs: 20 * MINUTE_MS,
  }
})

describe('ArmProvisioning', () => {
  it('hands the template in with the names, tags and sizes of the stamp, each pool like its model', async () => {
    const under = azure()
    await under.provisioning.create(wanted)

    const [put] = puts(under)
    expect(put?.body).toMatchObject({
      location: 'westeurope',
      tags: { 'restamp-key': wanted.key, 'restamp-pool-1': 'registry 3 like weu-a' },
      properties: {
        mode: 'Incremental',
        template: stampTemplate,
        parameters: {
          resourceGroup: { value: group },
          host: { value: 'weu-iso-1.example.net' },
          pools: {
            value: [
              {
                ...{ role: 'registry', nodes: 3, maxNodes: 10, sku: 'Standard_D4s_v5', zones: ['1'] },
                ...{ scaleSet: 'vmss-weu-iso-1-registry', autoscaleSetting: 'scale-weu-iso-1-registry' },
              },
              { role: 'dataproxy', nodes: 12, maxNodes: 12 },
            ],
          },
        },
      },
    })
  })

  it('knows everything of a stamp anew in another process', async () => {
    const under = azure()
    await under.provisioning.create(wanted)
    await under.pass(20 * MINUTE_MS)

    expect(await under.stamps.find(stamp)).toMatchObject({
      ...{ stamp, resourceGroup: group, host: 'weu-iso-1.example.net' },
      pools: [
        { role: 'registry', autoscaleSetting: 'scale-weu-iso-1-registry' },
        { role: 'dataproxy', scaleSet: 'vmss-weu-iso-1-dataproxy' },
      ],
    })
    expect(await under.stamps.find(StampId.parse('nobody'))).toBeUndefined()
  })

  it('a failed deployment is told with the innermost cause, until it is removed', async () => {
    const { provisioning, pass } = azure({ failure: () => failure })
    await provisioning.create(wanted)
    await pass(20 * MINUTE_MS)

    const reason = 'AllocationFailed: There is no capacity of this size. (vmss)'
    expect(await provisioning.state(stamp)).toEqual({ kind: 'failed', key: wanted.key, reason })
    expect(await provisioning.create({ ...wanted, key: 'another' })).toBe('taken')
    expect(await provisioning.remove(wanted)).toBe('removing')
    expect(await provisioning.state(stamp)).toEqual({ kind: 'removing', key: wanted.key })
    await pass(6 * MINUTE_MS)
    expect(await provisioning.state(stamp)).toEqual({ kind: 'absent' })
  })

  it('a deployment that fails before its group is there is told, and removed too', async () => {
    const { provisioning, pass } = azure({ failure: () => failure, groupMs: 30 * MINUTE_MS, madeMs: 0 })
    await provisioning.create(wanted)
    expect(await provisioning.state(stamp)).toMatchObject({ kind: 'creating' })
    await pass(30 * MINUTE_MS - 1)
    expect(await provisioning.remove(wanted)).toBe('removing')
    await pass(1)
    expect(await provisioning.remove(wanted)).toBe('absent')
  })

  it('a stamp whose group somebody deletes by hand is gone, and its name is free again', async () => {
    const { provisioning, server, pass } = azure()
    await provisioning.create(wanted)
    await pass(20 * MINUTE_MS)
    server.dropGroup(group)

    expect(await provisioning.state(stamp)).toEqual({ kind: 'absent' })
    expect(await provisioning.create({ ...wanted, key: 'another' })).toBe('begun')
  })

  it.each([
    ['restamp-region', 'weu/1', /restamp-region/],
    ['restamp-pool-2', 'twelve like weu-a', /ROLE NODES like STAMP/],
  ])('a tag %s that somebody wrote over with %s is told by its name', async (tag, text, words) => {
    const { stamps, server, provisioning, pass } = azure()
    await provisioning.create(wanted)
    await pass(20 * MINUTE_MS)
    await provisioning.state(stamp)
    const found = server.groups.get(group)
    if (found) server.groups.set(group, { ...found, tags: { ...found.tags, [tag]: text } })

    await expect(stamps.find(stamp)).rejects.toThrow(words)
    await expect(provisioning.activate(wanted)).rejects.toMatchObject({ name: 'StampTagsUnread' })
    expect(await provisioning.state(stamp)).toMatchObject({ kind: 'ready' })
  })

  it('a group of that name which Restamp did not make is never touched', async () => {
    const { provisioning, server } = azure()
    server.addGroup(group, { owner: 'team-a' })

    expect(await provisioning.create(wanted)).toBe('taken')
    expect(await provisioning.remove(wanted)).toBe('absent')
    expect(server.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  it('nor is one that appears while our deployment is under way', async () => {
    const { provisioning, server, pass } = azure({ failure: () => failure, groupMs: 60 * MINUTE_MS })
    await provisioning.create(wanted)
    server.addGroup(group, { owner: 'team-a' })
    expect(await provisioning.state(stamp)).toMatchObject({ kind: 'creating' })
    expect(await provisioning.remove(wanted)).toBe('removing')
    await pass(MINUTE_MS)

    expect(await provisioning.remove(wanted)).toBe('absent')
    expect(server.groups.get(group)).toMatchObject({ deletedMs: null })
  })

  it('an active stamp leaves the catalog before its group is deleted', async () => {
    const { provisioning, register, server, pass } = azure()
    await provisioning.create(wanted)
    await pass(20 * MINUTE_MS)
    await provisioning.activate(wanted)
    expect(await provisioning.remove(wanted)).toBe('removing')

    expect(await register.stateOf(stamp)).toBeUndefined()
    expect(server.requests.at(-1)).toMatchObject({ method: 'DELETE' })
  })

  it('an activated stamp is listed with pools like their models, and the nodes that it was made with', async () => {
    const { provisioning, catalog, pass } = azure()
    await provisioning.create(wanted)
    await pass(20 * MINUTE_MS)
    await provisioning.activate(wanted)
    const [listed] = (await catalog.fleet()).regions

    expect(listed?.stamps.find(({ id }) => id === stamp)).toMatchObject({
      labels: { customer: 'contoso' },
      pools: [
        { role: 'registry', nodes: 3, minNodes: 3, maxNodes: 10, vcpusPerNode: 4 },
        { role: 'dataproxy', nodes: 12, minNodes: 12, maxNodes: 12 },
      ],
    })
  })

  it('a stamp with a replica on it stays on the list all the while', async () => {
    const { provisioning, register, catalog, replica, pass } = azure()
    await provisioning.create(wanted)
    await pass(20 * MINUTE_MS)
    await provisioning.activate(wanted)
    await catalog.rebind({ replica, to: stamp, expectedEpoch: 0, moveKey: 'k1' })
    register.leave = () => Promise.reject(new Error('it left the list'))

    expect(await provisioning.remove(wanted)).toBe('inUse')
  })

  it('a replica that is bound while the stamp is taken off the list keeps it', async () => {
    const { provisioning, register, catalog, replica, server, pass } = azure()
    await provisioning.create(wanted)
    await pass(20 * MINUTE_MS)
    await provisioning.activate(wanted)
    const leave = register.leave.bind(register)
    register.leave = async (left) => {
      await catalog.rebind({ replica, to: stamp, expectedEpoch: 0, moveKey: 'late' })
      await leave(left)
    }

    expect(await provisioning.remove(wanted)).toBe('inUse')
    expect(await register.stateOf(stamp)).toBe('active')
    expect(server.requests.some(({ method }) => method === 'DELETE')).toBe(false)
  })
})
