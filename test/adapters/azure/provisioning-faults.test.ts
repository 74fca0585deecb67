import { describe, expect, it } from 'vitest'
import type { WireAnswer } from './azure-client.ts'
import { azure, failure, MINUTE_MS, puts, stamp, wanted } from './provisioned-azure.ts'

describe('ArmProvisioning amid faults', () => {
  const put = (fault: 'lost' | WireAnswer) => (method: string) => (method === 'PUT' ? fault : undefined)

  it('a deployment whose answer was lost is found again by its key', async () => {
    const under = azure()
    under.faults.push(put('lost'))

    // Sent once more, and refused by ARM since it runs already.
    expect(await under.provisioning.create(wanted)).toBe('begunBefore')
    expect(puts(under)).toHaveLength(2)
  })

  it('one whose answer was lost again and again is found when the step is repeated', async () => {
    const under = azure()
    under.faults.push(put('lost'), put('lost'))
    await expect(under.provisioning.create(wanted)).rejects.toThrow('connection was closed')
    expect(await under.provisioning.create(wanted)).toBe('begunBefore')
    expect(puts(under)).toHaveLength(2)
  })

  it('of two that begin at the same time one makes the stamp, and the other one hears of it', async () => {
    const under = azure()
    const outcomes = await Promise.all([
      under.provisioning.create(wanted),
      under.provisioning.create({ ...wanted, key: 'another' }),
      under.provisioning.create(wanted),
    ])

    expect(outcomes.toSorted()).toEqual(['begun', 'begunBefore', 'taken'])
  })

  const busy = (status: number, headers = {}) =>
    put({ status, headers, body: { error: { code: 'Busy', message: 'later' } } })

  it.each([500, 502, 503, 504])('one answer %i is passed over', async (status) => {
    const under = azure()
    under.faults.push(busy(status))
    expect(await under.provisioning.create(wanted)).toBe('begun')
  })

  it.each([
    [429, [busy(429, { 'retry-after': '17' })]],
    [503, [busy(503), busy(503)]],
  ])('throttling, or a second %i, is thrown at once for whoever repeats the step', async (status, faults) => {
    const under = azure()
    under.faults.push(...faults)
    await expect(under.provisioning.create(wanted)).rejects.toMatchObject({ statusCode: status })
    expect(await under.provisioning.create(wanted)).toBe('begun')
  })

  it.each([
    ['GET', 'resourcegroups'],
    ['GET', 'deployments'],
  ])('where a %s of %s fails nothing is known, and nothing is taken for absent', async (asked, kind) => {
    const { provisioning, faults } = azure()
    const fault = (method: string, path: string) =>
      method === asked && path.includes(kind)
        ? { status: 500, body: { error: { code: 'InternalServerError', message: 'oops' } } }
        : undefined
    faults.push(fault, fault, fault)
    await expect(provisioning.state(stamp)).rejects.toMatchObject({ statusCode: 500 })
    expect(await provisioning.state(stamp)).toEqual({ kind: 'absent' })
  })

  it('a removal that is cut short goes on where it was', async () => {
    const { provisioning, faults, pass } = azure({ failure: () => failure })
    await provisioning.create(wanted)
    await pass(20 * MINUTE_MS)
    const fault = (method: string, path: string) =>
      method === 'DELETE' && path.includes('deployments') ? { status: 503 } : undefined
    faults.push(fault, fault, fault)
    await expect(provisioning.remove(wanted)).rejects.toMatchObject({ statusCode: 503 })
    expect(await provisioning.remove(wanted)).toBe('removing')
    await pass(6 * MINUTE_MS)
    expect(await provisioning.remove(wanted)).toBe('absent')
  })

  it('a lock on the group is told, and the stamp stays', async () => {
    const { provisioning, faults, pass } = azure()
    await provisioning.create(wanted)
    await pass(20 * MINUTE_MS)
    const error = { code: 'ScopeLocked', message: 'The scope cannot be deleted because it is locked.' }
    faults.push((method) => (method === 'DELETE' ? { status: 409, body: { error } } : undefined))

    await expect(provisioning.remove(wanted)).rejects.toThrow(/409 ScopeLocked/)
    expect(await provisioning.state(stamp)).toMatchObject({ kind: 'ready' })
  })
})
