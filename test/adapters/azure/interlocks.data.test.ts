import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createGraph } from '../../../src/adapters/azure/graph-rows.ts'
import { anyCredential, wire } from './azure-client.ts'
import { anEvent } from './graph-server.ts'
import { graphed, NOW_MS, scaleSetId } from './graphed-azure.ts'

const folder = resolve(import.meta.dirname, '../../../../shared/wire')
const isThere = existsSync(folder)
if (!isThere) console.warn(`Payloads of interlocks SKIPPED: ${folder} is not there.`)

/** The body of an example's answer, its names and places put where our stamps are. */
function body(name: string, places: readonly (readonly [string | RegExp, string])[] = []) {
  const text = places.reduce(
    (all, [from, to]) => all.replaceAll(from, to),
    readFileSync(join(folder, name), 'utf8'),
  )
  return JSON.parse(text).responses['200'].body
}

describe.skipIf(!isThere)(
  'the platform as the real services tell of it, skipped where ../shared/wire is not there',
  () => {
    it('pages of Resource Graph follow each other, and a last one that leaves rows out throws', async () => {
      const pages = ['first', 'next'].map((page) => body(`discovery/graph-${page}-page.json`))
      const asked: object[] = []
      const httpClient = wire((request) => {
        asked.push(JSON.parse(String(request.body)).options)
        const { $skipToken: _, ...last } = pages[1]
        return { status: 200, body: asked.length === 1 ? pages[0] : last }
      })
      const ask = createGraph({ credential: anyCredential, httpClient })

      await expect(ask(['s'], 'Resources')).rejects.toThrow('6 rows of 386')
      expect(asked[1]).toMatchObject({ $skipToken: pages[0].$skipToken, resultFormat: 'objectArray' })
      const whole = body('discovery/graph-basic.json')
      const one = wire(() => ({ status: 200, body: whole }))
      const rows = await createGraph({ credential: anyCredential, httpClient: one })(['s'], 'Resources')
      expect(rows).toEqual(whole.data)
    })

    it("an event of Service Health is read in the REST API's names as in those of Resource Graph", async () => {
      const [row] = body('interlocks/events-by-subscription.json', [['West US', 'West Europe']]).value
      const { told } = graphed({ events: [row] })
      expect(await told()).toEqual([
        {
          ...{ kind: 'incident', region: 'weu', fromMs: Date.parse('2018-11-07T00:00:00Z'), untilMs: null },
          words: 'ACTIVE: Virtual machines in West Europe',
        },
      ])
      expect(await graphed({ events: body('interlocks/events-by-subscription.json').value }).told()).toEqual(
        [],
      )
      const resource = body('interlocks/events-of-resource.json', [['West US', 'West Europe']]).value
      expect(await graphed({ events: resource }).told()).toHaveLength(1)
    })

    it('resources that an event names are found, those without an id are none', async () => {
      const target = scaleSetId('weu-b', '2')
      const rows = body('interlocks/impacted-resources.json', [
        [/\/subscriptions\/4970d23e[^"]*testvm"/g, `${target}"`],
      ]).value
      const event = anEvent({ id: 'BC_1-FXZ', fromMs: NOW_MS - 1, untilMs: null })
      expect(await graphed({ events: [event], impacted: rows }).told()).toMatchObject([{ stamp: 'weu-b' }])
    })

    it("availability of a resource is read in the REST API's shape, whose time is spelt otherwise", async () => {
      const id = `${scaleSetId('weu-a', '4')}/providers/Microsoft.ResourceHealth/availabilityStatuses/current`
      const { properties } = body('interlocks/availability-unavailable.json')
      const { server, told, well } = graphed()
      server.state.statuses = [...well.statuses, { id, properties }]
      expect(await told()).toMatchObject([
        { stamp: 'weu-a', kind: 'incident', untilMs: null, fromMs: Date.parse('2016-03-29T09:12:00Z') },
      ])
    })

    it('a pending update of a scale set keeps it from the time on that it names', async () => {
      const name = scaleSetId('weu-a')
      const places = [[/\/subscriptions\/[^"]*smdtest1/g, name]] as const
      const { value } = body('interlocks/maintenance-updates.json', places)
      for (const properties of [{ value }, value[0]])
        expect(await graphed({ updates: [{ id: '/x', name: 'u', properties }] }).told()).toMatchObject([
          { kind: 'rollout', stamp: 'weu-a', fromMs: Date.parse('2018-10-09T06:17:44.235Z'), untilMs: null },
        ])
      const applied = body('interlocks/maintenance-apply-update.json', places)
      expect(await graphed({ updates: [applied] }).told(6)).toEqual([])
    })

    it('a rolling upgrade that rolls forward keeps its scale set', async () => {
      const { properties } = body('capacity/vmss-rolling-upgrade.json')
      const { told } = graphed({ upgrades: { 'vmss-weu-b-registry': properties } })
      expect(await told()).toMatchObject([
        { kind: 'rollout', stamp: 'weu-b', fromMs: Date.parse('2021-11-30T13:06:23.362Z'), untilMs: null },
      ])
    })
  },
)
