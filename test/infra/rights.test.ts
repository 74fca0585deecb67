import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { BINDINGS_PARTITION, FLEET_PARTITION } from '../../src/adapters/azure/cosmos-catalog.ts'
import { PARTITION_PATHS } from '../../src/adapters/azure/cosmos-document.ts'
import { appSettings } from '../../src/settings.ts'
import { ROOT } from './compiler.ts'
import { type Line, linesIn, plainName } from './digest.ts'

// What the compiler foretells is proven equal to this file by bicep.test.ts, wherever the compiler is.
const made = linesIn(readFileSync(join(ROOT, 'test', 'infra', 'whole.jsonl'), 'utf8'))
const guide = readFileSync(join(ROOT, 'docs', 'deploy.md'), 'utf8')

const Permissions = z.array(
  z.object({ actions: z.array(z.string()).default([]), dataActions: z.array(z.string()).default([]) }),
)

interface RoleActions {
  readonly role: string
  readonly actions: readonly string[]
}

const roles: readonly RoleActions[] = made
  .filter(({ type }) => type.endsWith('oleDefinitions'))
  .map(({ facts = {} }) => ({
    role: plainName(String(facts.roleName)),
    actions: Permissions.parse(facts.permissions).flatMap(({ actions, dataActions }) => [
      ...actions,
      ...dataActions,
    ]),
  }))

/** Rows of the table under a heading of docs/deploy.md, cells without back-ticks. */
function rowsUnder(heading: string): string[][] {
  const part = guide.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return part
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.replaceAll('`', '').trim()),
    )
}

const granted = rowsUnder('What it may do').map(([call = '', right = '', role = '', at = '', who = '']) => ({
  call,
  right,
  role,
  at,
  who,
}))

/** A table that an operator names stands in the guide as TABLE. */
const generic = (action: string) => action.replace(/(workspaces\/query)\/(?!read$)[\w.]+\//, '$1/TABLE/')

test('every right that a role has is a row of the guide, and every row is a right that a role has', () => {
  const own = granted.filter(({ role, right }) => role.startsWith('Restamp ') && !right.startsWith('as at '))
  const told = own.map(({ role, right }) => `${role}: ${right}`)
  const has = roles.flatMap(({ role, actions }) => actions.map((action) => `${role}: ${generic(action)}`))
  expect([...new Set(told)].toSorted()).toEqual([...new Set(has)].toSorted())
})

test('every grant goes to whom the guide says, in the place that it says', () => {
  const places: Readonly<Record<string, RegExp>> = {
    "a stamp's group": /^\/subscriptions\/[^/]+\/resourceGroups\/rg-(weu|eus)-\d+$/,
    "a stamp's subscription": /^\/subscriptions\/[^/]*00[12]$/,
    'the routing group': /\/resourceGroups\/rg-routing$/,
    'the workspace': /\/rg-logs\/providers\/Microsoft\.OperationalInsights\/workspaces\/log-weu$/,
    'the subscription for new stamps': /^\/subscriptions\/[^/]*003$/,
    'container audit': /\/colls\/audit$/,
    'container records': /\/colls\/records$/,
    'containers bindings, fleet': /\/colls\/(bindings|fleet)$/,
    'containers anchors, payloads': /\/containers\/(anchors|payloads)$/,
    "the host's account": /\/storageAccounts\/sthost\w+$/,
    'the task hub': /\/taskHubs\/restamp$/,
    'Application Insights': /\/components\/appi-\w+$/,
  }
  const grants = made.flatMap(({ grant }) => (grant ? [grant] : []))
  expect(grants.length).toBeGreaterThan(0)
  for (const { role, at, to } of grants) {
    const row = granted.find((one) => one.role === role && one.who === to && places[one.at]?.test(at))
    expect(row, `${role} is granted to ${to} at ${at}`).toBeDefined()
  }
  const unused = granted.filter(({ role, who }) => !grants.some((one) => one.role === role && one.to === who))
  expect(unused).toEqual([])
})

test('no role has a right with a wildcard, a right to grant rights, or one to list keys', () => {
  for (const { role, actions } of roles) {
    for (const action of actions) {
      expect(action, role).not.toMatch(/\*|Microsoft\.Authorization|listKeys|regenerate|sas/i)
    }
  }
})

test('nothing that the app runs as may delete anything but what the host needs for itself', () => {
  const ofRun = made.flatMap(({ grant }) => (grant?.to === 'run' ? [grant.role] : []))
  const actions = roles.filter(({ role }) => ofRun.includes(role)).flatMap((role) => role.actions)
  expect(actions.filter((action) => /delete/i.test(action))).toEqual([])
})

test('the audit may be added to and read, and records may not be deleted', () => {
  const items = /items\/(\w+)$/
  const of = (name: string) =>
    roles
      .find(({ role }) => role === name)
      ?.actions.flatMap((action) => items.exec(action)?.[1] ?? [])
      .toSorted()
  expect(of('Restamp appender')).toEqual(['create', 'read'])
  expect(of('Restamp writer')).toEqual(['create', 'read', 'replace'])
  expect(of('Restamp changer')).toEqual(['read', 'replace'])
})

const of = (type: string): Line[] => made.filter((line) => line.type === type)

test('no account takes keys, an old TLS or a public blob', () => {
  const storage = of('Microsoft.Storage/storageAccounts')
  expect(storage).toHaveLength(2)
  for (const { facts } of storage)
    expect(facts).toMatchObject({
      allowSharedKeyAccess: false,
      allowBlobPublicAccess: false,
      minimumTlsVersion: 'TLS1_2',
      supportsHttpsTrafficOnly: true,
    })
  expect(of('Microsoft.DocumentDB/databaseAccounts')[0]?.facts).toMatchObject({
    disableLocalAuth: true,
    minimalTlsVersion: 'Tls12',
  })
  expect(of('Microsoft.Insights/components')[0]?.facts).toEqual({ DisableLocalAuth: true })
  const app = of('Microsoft.Web/sites')[0]?.facts
  expect(app).toMatchObject({
    httpsOnly: true,
    siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2' },
  })
  for (const { facts } of of('Microsoft.Web/sites/basicPublishingCredentialsPolicies'))
    expect(facts).toEqual({ allow: false })
})

test('anchors can neither be changed nor appended to while their time lasts', () => {
  expect(of('Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies')).toMatchObject([
    { name: expect.stringContaining('/anchors/'), facts: { allowProtectedAppendWrites: false } },
  ])
})

test('with a network of its own nothing of Restamp but its door is reached from outside', () => {
  const closed = made.filter(({ facts }) => facts && 'publicNetworkAccess' in facts)
  expect(closed.map(({ type }) => type)).toHaveLength(4)
  for (const { facts } of closed) expect(facts?.publicNetworkAccess).toBe('Disabled')
})

test('each container is partitioned as its adapter writes documents', () => {
  const paths = new Map(
    of('Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers').map(({ name, facts }) => [
      name.split('/').at(-1),
      facts?.['resource.partitionKey.paths'],
    ]),
  )
  expect(paths.get('records')).toEqual(PARTITION_PATHS)
  expect(paths.get('audit')).toEqual(PARTITION_PATHS)
  expect(paths.get('bindings')).toEqual([BINDINGS_PARTITION])
  expect(paths.get('fleet')).toEqual([FLEET_PARTITION])
})

test('no setting of the app holds a secret: what must be one is a reference to a vault', () => {
  const settings =
    of('Microsoft.Web/sites/config').find(({ name }) => name.endsWith('/appsettings'))?.facts ?? {}
  for (const [name, value] of Object.entries(settings)) {
    if (/SECRET|NOTIFY_URL/.test(name) && !/FIC/.test(name))
      expect(value, name).toMatch(/^@Microsoft\.KeyVault\(SecretUri=/)
    expect(String(value), name).not.toMatch(/AccountKey=|SharedAccess|sig=|listKeys/)
  }
  expect(settings).not.toHaveProperty('AzureWebJobsStorage')
})

test('the app gets every setting that local.settings.json and host.json name', () => {
  const settings =
    of('Microsoft.Web/sites/config').find(({ name }) => name.endsWith('/appsettings'))?.facts ?? {}
  const hostFile = readFileSync(join(ROOT, 'host.json'), 'utf8')
  const local = Object.keys(JSON.parse(readFileSync(join(ROOT, 'local.settings.json'), 'utf8')).Values)
  const named = [
    ...[...hostFile.matchAll(/%(\w+)%/g)].map(([, name]) => name),
    ...[...hostFile.matchAll(/"connectionStringName": "(\w+)"/g)].map(([, name]) => name),
    // The runtime, and what only the Azure Storage provider reads, are no settings on Flex Consumption.
    ...local.filter(
      (name) => !/^(FUNCTIONS_WORKER_RUNTIME|AzureWebJobsStorage|AzureFunctionsJobHost__.*)$/.test(name),
    ),
  ]
  expect(named.filter((name) => !(String(name) in settings))).toEqual([])
})

test('the app takes the settings that a deployment gives it', () => {
  const settings =
    of('Microsoft.Web/sites/config').find(({ name }) => name.endsWith('/appsettings'))?.facts ?? {}
  // What only Azure knows stands in brackets or refers to a vault; a likely value stands in for each.
  const id = '0ad04412-c4d5-4796-b79c-f76d14c8d402'
  const likely = (name: string) => {
    if (name === 'APPLICATIONINSIGHTS_CONNECTION_STRING') return `InstrumentationKey=${id}`
    if (name === 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING') return `ClientId=${id};Authorization=AAD`
    return /CLIENT_?ID/i.test(name) ? id : 'https://somewhere.example.com/at-length'
  }
  const env = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      /^[@[]/.test(String(value)) ? likely(name) : String(value),
    ]),
  )
  const { place, webhook, telemetry } = appSettings(env)
  const named = [
    'COSMOS_DATABASE',
    'RESTAMP_MAP',
    'RESTAMP_POLICY',
    'RESTAMP_STAMP_TEMPLATE',
    'RESTAMP_CALLOUT_URL',
  ]
  expect(place).toMatchObject({
    kind: 'azure',
    azure: Object.fromEntries(named.map((name) => [name, settings[name]])),
  })
  expect(place).toMatchObject({
    azure: { PROVISION_CLIENT_ID: likely('CLIENT_ID'), AZURE_CLIENT_ID: likely('CLIENT_ID') },
  })
  expect(webhook).toMatchObject({ format: 'teams' })
  expect(telemetry).toEqual({ connectionString: `InstrumentationKey=${id}`, clientId: id })
})

test('what alert rules look for is what the app says', () => {
  const timers = readFileSync(join(ROOT, 'src', 'triggers', 'timers.ts'), 'utf8')
  const queries = of('Microsoft.Insights/scheduledQueryRules').map(({ facts }) => JSON.stringify(facts))
  const words = queries.flatMap(
    (query) => /(?:startswith|OperationName ==) \\+"([^"\\]+)/.exec(query)?.[1] ?? [],
  )
  expect(words).toHaveLength(3)
  for (const each of words) expect(timers).toContain(`'${each}'`)
})
