import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { causeOf, errorIn } from '../../../src/adapters/azure/arm-fault.ts'
import { whyRefused } from '../../../src/adapters/azure/what-if.ts'
import { azure, MINUTE_MS, stamp, wanted } from './provisioned-azure.ts'

const folder = resolve(import.meta.dirname, '../../../../shared/wire/provisioning')
const isThere = existsSync(folder)
if (!isThere) console.warn(`Payloads of deployments SKIPPED: ${folder} is not there.`)

interface Entry {
  readonly RequestMethod: string
  readonly RequestUri: string
  readonly StatusCode: number
  readonly ResponseHeaders: Readonly<Record<string, string>>
  readonly ResponseBody: { readonly error?: { readonly code: string }; readonly properties?: object }
}

function read(name: string) {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'))
}

const entries = (name: string): Entry[] => read(name).Entries

describe.skipIf(!isThere)('deployments as ARM sends them, skipped where ../shared/wire is not there', () => {
  it('the double answers a deployment as a recorded one was answered', async () => {
    const recorded = entries('recorded-deployment-lifecycle.json')
    const { provisioning, server, pass } = azure()
    const answers = new Map<string, { status: number; headers: Set<string>; body: Entry['ResponseBody'] }>()
    const send = server.httpClient.sendRequest.bind(server.httpClient)
    server.httpClient.sendRequest = async (request) => {
      const answer = await send(request)
      const headers = new Set(Object.keys(answer.headers.toJSON()))
      const body = JSON.parse(answer.bodyAsText ?? '{}')
      if (request.url.includes('/deployments/'))
        answers.set(request.method, { status: answer.status, headers, body })
      return answer
    }
    await provisioning.create(wanted)
    await pass(20 * MINUTE_MS)
    await provisioning.state(stamp)

    for (const method of ['PUT', 'GET']) {
      const known = recorded.findLast(
        (entry) => entry.RequestMethod === method && /deployments\/[^/]+\?/.test(entry.RequestUri),
      )
      const given = answers.get(method)
      expect(given?.status).toBe(known?.StatusCode)
      for (const header of ['azure-asyncoperation', 'retry-after', 'location'])
        expect([header, given?.headers.has(header)]).toEqual([
          header,
          Object.keys(known?.ResponseHeaders ?? {}).some((name) => name.toLowerCase() === header),
        ])
      expect(Object.keys(known?.ResponseBody.properties ?? {})).toEqual(
        expect.arrayContaining(Object.keys(given?.body.properties ?? {})),
      )
    }
  })

  it('a deployment that is gone is answered as it was', async () => {
    const [deleted, , gone] = entries('recorded-delete-then-404.json')
    const { server } = azure()
    const url = 'https://management.azure.com/subscriptions/s/providers/Microsoft.Resources/deployments/none'
    const request = { url, method: 'GET', headers: {}, body: undefined }
    const answer = await server.httpClient.sendRequest(Object.assign(Object.create(null), request))

    expect(answer.status).toBe(gone?.StatusCode)
    expect(JSON.parse(answer.bodyAsText ?? '{}').error.code).toBe(gone?.ResponseBody.error?.code)
    expect([deleted?.StatusCode, deleted?.ResponseHeaders['Retry-After']]).toEqual([202, '15'])
  })

  it('the innermost words of a refused template are found', () => {
    const { body } = read('validate-with-400.json').responses['400']
    expect(causeOf(errorIn(body))).toMatch(
      /^AccountNameInvalid: a is not a valid storage account name.*\(a\)$/,
    )
  })

  it('a what-if that changes what others have is refused', () => {
    const { body } = read('what-if-subscription.json').responses['200']
    const { status, properties } = body
    const groupId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/my-resource-group2'
    const told = { status, changes: properties.changes }

    expect(whyRefused(told, { groupId, tags: {}, resources: [] })).toMatch(
      /^it would change what is not the stamp's: Modify .*myExistingIdentity, Create .*myNewIdentity$/,
    )
    const own = { ...told, changes: told.changes.slice(-1) }
    expect(whyRefused(own, { groupId, tags: {}, resources: [] })).toBeUndefined()
  })

  it('an outright refusal is read through the SDK with its details', async () => {
    const { body } = read('validate-with-400.json').responses['400']
    const under = azure()
    under.faults.push((method) => (method === 'POST' ? { status: 400, body } : undefined))

    await expect(under.provisioning.create(wanted)).rejects.toThrow(/AccountNameInvalid/)
  })
})
