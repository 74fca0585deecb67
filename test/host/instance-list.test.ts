import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHost, type Host } from '../../src/host/host.ts'
import { start } from './driving.ts'
import { api, isStatus, keepAndHold } from './one-of-each.ts'
import { appFolder, jan1Ms, smallHost } from './small-host.ts'

const dayMs = 86_400_000

describe('a list', () => {
  let host: Host
  beforeAll(async () => {
    host = await createHost({
      ...{ appDir: appFolder(), hub: 'memory', clock: 'real', startAtMs: jan1Ms, port: 0, load: keepAndHold },
    })
    // One instance a day, in another order than that of their ids.
    for (const id of ['l-3', 'l-1', 'other', 'l-5', 'l-2', 'l-4']) {
      await start(host, 'Keep', id, id === 'l-2' ? 'fail' : id)
      await isStatus(host, id, id === 'l-2' ? 'Failed' : 'Completed')
      await host.clock.advance(dayMs)
    }
    await start(host, 'Hold', 'l-6', null)
    await isStatus(host, 'l-6', 'Running')
  })
  afterAll(() => host.stop())

  const list = async (query: string, token?: string) => {
    const headers = token === undefined ? {} : { 'x-ms-continuation-token': token }
    const response = await fetch(api(host, `instances${query}`), { headers })
    const rows: { instanceId: string; input: unknown }[] = await response.json()
    return {
      rows,
      ids: rows.map(({ instanceId }) => instanceId),
      next: response.headers.get('x-ms-continuation-token'),
    }
  }
  const day = (n: number) => new Date(jan1Ms + n * dayMs).toISOString()
  const all = ['l-1', 'l-2', 'l-3', 'l-4', 'l-5', 'l-6', 'other']

  it.each([
    ['', all],
    ['/', all],
    ['?instanceIdPrefix=l-', all.slice(0, 6)],
    ['?INSTANCEIDPREFIX=oth', ['other']],
    ['?instanceIdPrefix=none', []],
    ['?runtimeStatus=Failed', ['l-2']],
    ['?runtimeStatus=Failed,Running', ['l-2', 'l-6']],
    ['?runtimeStatus=Failed&runtimeStatus=Running', ['l-2', 'l-6']],
    ['?runtimeStatus=failed', all],
    ['?runtimeStatus=Nonsense', all],
    [`?createdTimeFrom=${day(3.5)}`, ['l-2', 'l-4', 'l-6']],
    [`?createdTimeTo=${day(1.5)}`, ['l-1', 'l-3']],
    [`?createdTimeFrom=${day(0.5)}&createdTimeTo=${day(3.5)}`, ['l-1', 'l-5', 'other']],
    ['?createdTimeFrom=yesterday', all],
    [`?createdTimeFrom=${day(3.5)}&runtimeStatus=Completed&instanceIdPrefix=l-`, ['l-4']],
    ['?top=abc', all],
  ])('%s has the instances that match, by id', async (query, ids) => {
    expect((await list(query)).ids).toEqual(ids)
  })

  it('comes page by page, and the last page has no token, also when it is full', async () => {
    const pages: string[][] = []
    let token: string | null | undefined
    do {
      const { ids, next } = await list('?instanceIdPrefix=l-&top=2', token ?? undefined)
      pages.push(ids)
      token = next
    } while (token)
    expect(pages).toEqual([
      ['l-1', 'l-2'],
      ['l-3', 'l-4'],
      ['l-5', 'l-6'],
    ])
  })

  it('keeps its filter over pages', async () => {
    const first = await list('?runtimeStatus=Completed&top=3')
    expect(first.ids).toEqual(['l-1', 'l-3', 'l-4'])
    expect((await list('?runtimeStatus=Completed&top=3', first.next ?? '')).ids).toEqual(['l-5', 'other'])
  })

  it('of none at all still has a token, and a token that is none has no page', async () => {
    const none = await list('?top=0')
    expect(none.ids).toEqual([])
    expect((await list('', none.next ?? '')).ids).toEqual(all)
    for (const token of ['nonsense', '//79', '{}'])
      expect(await list('', token)).toMatchObject({ ids: [], next: null })
  })

  it('has a hundred instances at most where nothing is said', async () => {
    const many = await smallHost({ load: keepAndHold })
    await Promise.all(Array.from({ length: 101 }, (_, i) => start(many, 'Keep', `m-${i}`, i)))
    const page = await fetch(api(many, 'instances'))
    expect([await page.json(), page.headers.has('x-ms-continuation-token')]).toMatchObject([
      { length: 100 },
      true,
    ])
  })

  it('leaves inputs out where asked to', async () => {
    expect((await list('?instanceIdPrefix=other')).rows[0]?.input).toBe('other')
    expect((await list('?instanceIdPrefix=other&showInput=false')).rows[0]?.input).toBeNull()
  })
})
