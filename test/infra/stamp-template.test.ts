import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AzureMap } from '../../src/adapters/azure/azure-map.ts'
import { groupOf, madeStampAt, placesOf } from '../../src/adapters/azure/made-stamp.ts'
import { newStampIn, tagsOf } from '../../src/adapters/azure/stamp-tags.ts'
import { deploymentOf, resourcesOf, StampTemplate } from '../../src/adapters/azure/stamp-template.ts'
import { whyRefused } from '../../src/adapters/azure/what-if.ts'
import { StampId } from '../../src/domain/ids.ts'
import type { NewStamp } from '../../src/ports/provisioning.ts'
import { bicep, HOW_TO_GET_IT, hasCompiler, INFRA, type Predicted, predict } from './compiler.ts'

const SUBSCRIPTION = '00000000-0000-0000-0000-0000000000ff'
const OPERATOR = join(INFRA, 'stamp-template', 'operator.json')
const LIKE = StampId.parse('weu-02')

const WANTED: NewStamp = {
  ...{ key: 'plan-1a2b3c4d/provision-1', stamp: StampId.parse('weu-iso-1'), region: 'west-europe' },
  customer: 'contoso',
  pools: [
    { role: 'registry', nodes: 4, like: LIKE },
    { role: 'dataproxy', nodes: 6, like: LIKE },
  ],
}

const map = AzureMap.parse({
  regions: [
    {
      ...{ name: 'west-europe', location: 'westeurope' },
      logs: { workspaceId: SUBSCRIPTION, loadQuery: 'Load', residueQuery: 'Residue' },
      provisioning: {
        ...{ subscriptionId: SUBSCRIPTION, resourceGroupPrefix: 'rg-' },
        hostSuffix: 'westeurope.cloudapp.azure.com',
      },
      stamps: [
        {
          ...{
            stamp: LIKE,
            subscriptionId: SUBSCRIPTION,
            resourceGroup: 'rg-weu-02',
            host: 'weu-02.example',
          },
          pools: [{ role: 'registry', scaleSet: 'vmss', autoscaleSetting: 'scale' }],
        },
      ],
    },
  ],
  routing: {
    ...{ subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-routing' },
    ...{ profile: 'tm-{registry}.{region}', endpoint: '{registry}.registry.example' },
  },
})
const [place] = placesOf(map)
if (!place) throw new Error('the map has a place where stamps are made')
const groupId = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${groupOf(place, WANTED.stamp)}`
const models = WANTED.pools.map(({ role }) => ({
  ...{ role, scaleSetId: `/like/${role}`, sku: 'Standard_D8s_v5', zones: ['1', '2', '3'], maxNodes: 20 },
}))

test.skipIf(hasCompiler)(`the template of a stamp is not looked at, since ${HOW_TO_GET_IT}`, (context) => {
  context.skip(HOW_TO_GET_IT)
})

describe.runIf(hasCompiler)('infra/stamp-template, compiled with the operator’s part filled in', () => {
  let folder: string
  let template: StampTemplate
  let made: readonly Predicted[]
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'restamp-stamp-'))
    cpSync(join(INFRA, 'stamp-template'), folder, { recursive: true })
    writeFileSync(join(folder, 'operator.json'), filledIn())
    template = StampTemplate.parse(compiled(join(folder, 'main.bicep')))
    made = predict(parametersFor(template), join(folder, 'main.bicep'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const of = (type: string) => made.filter((each) => each.type === type)

  test('all that Restamp gives is a parameter of it, and it asks for nothing else', () => {
    const { parameters = {} } = deploymentOf(template, placed(), { wanted: WANTED, models }).properties
    const open = Object.entries(template.parameters).filter(
      ([, parameter]) => !(parameter instanceof Object && 'defaultValue' in parameter),
    )
    expect(open.map(([name]) => name).toSorted()).toEqual(Object.keys(parameters).toSorted())
  })

  test('what it would make passes the rules by which Restamp judges what-if', () => {
    expect(whyRefused({ status: 'Succeeded', changes: changesOf(made) }, allowed())).toBeUndefined()
    const withoutOne = changesOf(made).filter(({ resourceId }) => !/autoscaleSettings/i.test(resourceId))
    expect(whyRefused({ status: 'Succeeded', changes: withoutOne }, allowed())).toContain('it would not make')
  })

  test('the group has exactly the tags by which the stamp is known again', () => {
    const [group] = of('Microsoft.Resources/resourceGroups')
    expect(newStampIn(tagsIn(group))).toEqual(WANTED)
  })

  test('each pool starts with what was asked for, and never goes below', () => {
    const { pools } = madeStampAt(placed(), WANTED)
    for (const { role, scaleSet, autoscaleSetting } of pools) {
      const nodes = WANTED.pools.find((pool) => pool.role === role)?.nodes
      const set = made.find(({ name }) => name === scaleSet)
      expect(set).toMatchObject({ sku: { name: 'Standard_D8s_v5', capacity: nodes }, zones: ['1', '2', '3'] })
      const setting = made.find(({ name }) => name === autoscaleSetting)
      expect(setting?.properties).toMatchObject({
        targetResourceUri: set?.id,
        profiles: [{ capacity: { minimum: String(nodes), maximum: '20', default: String(nodes) } }],
      })
    }
  })

  test('its front end answers under the host name that routes lead to', () => {
    const [address] = of('Microsoft.Network/publicIPAddresses')
    const { domainNameLabel } = Object(address?.properties?.dnsSettings)
    expect(`${domainNameLabel}.westeurope.cloudapp.azure.com`).toBe(madeStampAt(placed(), WANTED).host)
  })

  test('a node counts as ready by its own pool’s probe', () => {
    for (const { role } of WANTED.pools) {
      const set = made.find(({ name }) => name === `vmss-weu-iso-1-${role}`)
      expect(JSON.stringify(set)).toContain(`/loadBalancers/lbe-weu-iso-1/probes/${role}"`)
    }
  })

  test('who makes stamps may make and remove each part of it', () => {
    const text = readFileSync(join(INFRA, 'stamps', 'provisioning.bicep'), 'utf8')
    const rights = text.replaceAll(/\$\{network\}/g, 'Microsoft.Network')
    const types = new Set(made.map(({ type }) => type).filter((type) => !/resourceGroups$/i.test(type)))
    for (const type of types)
      for (const verb of ['read', 'write', 'delete'])
        expect(rights.toLowerCase(), `${type}/${verb}`).toContain(`'${type}/${verb}'`.toLowerCase())
  })

  test('it grants nobody anything and holds no password', () => {
    expect(of('Microsoft.Authorization/roleAssignments')).toEqual([])
    expect(JSON.stringify(made)).not.toMatch(/adminPassword|protectedSettings/)
    expect(JSON.stringify(made)).toContain('"disablePasswordAuthentication":true')
  })

  test('as it lies here it is refused, since the operator has yet to say what is marked', () => {
    const marked = StampTemplate.safeParse(compiled(join(INFRA, 'stamp-template', 'main.bicep')))
    expect(marked.error?.issues[0]?.message).toContain('? fill in')
  })
})

function placed() {
  if (!place) throw new Error('the map has a place where stamps are made')
  return place
}

const allowed = () => ({ groupId, tags: tagsOf(WANTED), resources: resourcesOf(placed(), WANTED) })

function filledIn(): string {
  const operator = JSON.parse(readFileSync(OPERATOR, 'utf8'))
  const gallery = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-images/providers/Microsoft.Compute/galleries/stamps`
  return JSON.stringify({
    ...operator,
    image: `${gallery}/images/node/versions/1.0.0`,
    sshPublicKey: 'ssh-ed25519 AAAAC3Nz',
  })
}

function compiled(path: string): unknown {
  const { code, stdout, stderr } = bicep('build', path, '--stdout')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

/** What Restamp gives, as the text of a .bicepparam file. */
function parametersFor(template: StampTemplate): string {
  const { parameters = {} } = deploymentOf(template, placed(), { wanted: WANTED, models }).properties
  const lines = Object.entries(parameters).map(([name, { value }]) => `param ${name} = ${literal(value)}`)
  return ["using 'main.bicep'", ...lines].join('\n')
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[\n${value.map(literal).join('\n')}\n]`
  if (!(value instanceof Object)) return typeof value === 'string' ? `'${value}'` : String(value)
  return `{\n${Object.entries(value)
    .map(([name, each]) => `'${name}': ${literal(each)}`)
    .join('\n')}\n}`
}

function tagsIn(resource: Predicted | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Object(resource?.tags)).map(([name, value]) => [name, String(value)]),
  )
}

/** As what-if tells it: nothing of it is there yet. */
function changesOf(resources: readonly Predicted[]) {
  return resources.map((resource) => ({
    resourceId: resource.id,
    changeType: 'Create' as const,
    after: { tags: tagsIn(resource) },
  }))
}
