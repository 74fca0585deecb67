import { describe, expect, it } from 'vitest'
import { start } from './driving.ts'
import { api, isStatus, keepAndHold } from './one-of-each.ts'
import { appFolder, smallHost } from './small-host.ts'

const json = { 'content-type': 'application/json' }

describe('a start', () => {
  it('is answered with links that work, and a new id of 32 hex digits', async () => {
    const host = await smallHost({ load: keepAndHold })
    const response = await fetch(api(host, 'orchestrators/Hold'), { method: 'POST' })
    expect([response.status, response.headers.get('retry-after')]).toEqual([202, '10'])
    const links = await response.json()
    expect(links.id).toMatch(/^[\da-f]{32}$/)
    expect(Object.keys(links).toSorted()).toEqual([
      ...['id', 'purgeHistoryDeleteUri', 'restartPostUri', 'resumePostUri', 'sendEventPostUri'],
      ...['statusQueryGetUri', 'suspendPostUri', 'terminatePostUri'],
    ])
    expect(response.headers.get('location')).toBe(links.statusQueryGetUri)
    await isStatus(host, links.id, 'Running')
    const post = (url: string) => fetch(url.replace('{text}', 'why'), { method: 'POST' })
    expect((await post(links.suspendPostUri)).status).toBe(202)
    await isStatus(host, links.id, 'Suspended')
    expect((await post(links.resumePostUri)).status).toBe(202)
    await isStatus(host, links.id, 'Running')
    const event = links.sendEventPostUri.replace('{eventName}', 'go')
    expect((await fetch(event, { method: 'POST', headers: json, body: '5' })).status).toBe(202)
    expect((await isStatus(host, links.id, 'Completed')).output).toBe(5)
    expect((await fetch(links.purgeHistoryDeleteUri, { method: 'DELETE' })).status).toBe(200)
    expect((await fetch(links.statusQueryGetUri)).status).toBe(404)
  })

  it('waits for the end as long as it is told to', async () => {
    const host = await smallHost({ load: keepAndHold })
    const post = async (path: string, body: string) =>
      fetch(api(host, `orchestrators/${path}`), { method: 'POST', body })
    const done = await post('Keep/a?timeout=10&pollingInterval=1', '[1]')
    expect([done.status, await done.json()]).toEqual([200, [1]])
    const failed = await post('Keep/b?timeout=10&pollingInterval=1', '"fail"')
    expect([failed.status, (await failed.json()).runtimeStatus]).toEqual([200, 'Failed'])
    const late = await post('Hold/c?timeout=0.1&pollingInterval=0.1', '1')
    expect([late.status, (await late.json()).id]).toEqual([202, 'c'])
  })

  it('of an unknown orchestrator is taken, and fails with the names of those there are', async () => {
    const host = await smallHost({ load: keepAndHold })
    expect(await start(host, 'Nowhere', 'n', null)).toBe(202)
    expect((await isStatus(host, 'n', 'Failed')).output).toContain(
      "The following are the known orchestrator functions: 'Keep', 'Hold'.",
    )
  })

  it.each([
    ['NonRunningStates', 409],
    ['AnyState', 202],
  ])(
    'over a running instance is answered with overridableExistingInstanceStates %s as %i',
    async (states, status) => {
      const appDir = appFolder({ extensions: { durableTask: { overridableExistingInstanceStates: states } } })
      const host = await smallHost({ appDir, load: keepAndHold })
      await start(host, 'Hold', 'h', null)
      await isStatus(host, 'h', 'Running')
      expect(await start(host, 'Keep', 'h', 'new')).toBe(status)
      if (status === 202) expect((await isStatus(host, 'h', 'Completed')).output).toBe('new')
    },
  )

  it('again under the same id, or a new one, gets the input of the first', async () => {
    const host = await smallHost({ load: keepAndHold })
    await start(host, 'Keep', 'k', { n: 2 })
    await isStatus(host, 'k', 'Completed')
    const restart = async (query: string) =>
      (await fetch(api(host, `instances/k/restart${query}`), { method: 'POST' })).json()
    expect((await restart('?restartWithNewInstanceId=false')).id).toBe('k')
    const { id } = await restart('')
    expect(id).toMatch(/^[\da-f]{32}$/)
    expect((await isStatus(host, id, 'Completed')).output).toEqual({ n: 2 })
  })
})
