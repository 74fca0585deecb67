import { z } from 'zod'
import type { Predicted } from './compiler.ts'

/** What is kept of each type of resource: what a reviewer would ask about. */
const FACTS: Readonly<Record<string, readonly string[]>> = {
  'Microsoft.Authorization/roleDefinitions': ['roleName', 'permissions', 'assignableScopes'],
  'Microsoft.DocumentDB/databaseAccounts': [
    'disableLocalAuth',
    'minimalTlsVersion',
    'publicNetworkAccess',
    'capabilities',
    'consistencyPolicy',
    'locations',
    'backupPolicy',
  ],
  'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers': [
    'resource.partitionKey.paths',
    'resource.defaultTtl',
  ],
  'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions': ['roleName', 'permissions'],
  'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments': ['scope'],
  'Microsoft.DurableTask/schedulers': ['sku', 'publicNetworkAccess', 'ipAllowlist'],
  'Microsoft.DurableTask/schedulers/retentionPolicies': ['retentionPolicies'],
  'Microsoft.Insights/actionGroups': ['webhookReceivers', 'emailReceivers'],
  'Microsoft.Insights/activityLogAlerts': ['actions'],
  'Microsoft.Insights/components': ['DisableLocalAuth'],
  'Microsoft.Insights/metricAlerts': ['scopes', 'criteria.allOf'],
  'Microsoft.Insights/scheduledQueryRules': ['severity', 'criteria.allOf'],
  'Microsoft.Network/privateEndpoints': ['privateLinkServiceConnections'],
  'Microsoft.Network/virtualNetworks': ['addressSpace', 'subnets'],
  'Microsoft.OperationalInsights/workspaces': ['retentionInDays', 'features'],
  'Microsoft.Storage/storageAccounts': [
    'allowSharedKeyAccess',
    'allowBlobPublicAccess',
    'minimumTlsVersion',
    'supportsHttpsTrafficOnly',
    'publicNetworkAccess',
    'networkAcls',
  ],
  'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies': [
    'immutabilityPeriodSinceCreationInDays',
    'allowProtectedAppendWrites',
  ],
  'Microsoft.Web/sites': ['httpsOnly', 'siteConfig', 'functionAppConfig'],
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': ['allow'],
  'Microsoft.Web/sites/config': ['*'],
}

/** One resource in a line: where it is, what it is, and what of it is worth a look. */
export const Line = z.object({
  where: z.string(),
  type: z.string(),
  name: z.string(),
  /** Of a role that somebody is granted. */
  grant: z.object({ to: z.string(), role: z.string(), at: z.string() }).optional(),
  facts: z.record(z.string(), z.unknown()).optional(),
})
export type Line = z.infer<typeof Line>

/** Roles of Azure itself that are granted; all others are ours. */
const BUILT_IN: Readonly<Record<string, string>> = {
  '0ad04412-c4d5-4796-b79c-f76d14c8d402': 'Durable Task Data Contributor',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
}

/** The resources of a deployment, few words each, in an order of their own. */
export function digestOf(resources: readonly Predicted[]): Line[] {
  const roles = new Map(
    resources
      .filter(({ type }) => type.endsWith('oleDefinitions'))
      .map(({ id, properties }) => [id, plainName(String(properties?.roleName))]),
  )
  const lines = resources.map((resource) => lineOf(resource, roles))
  return lines.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/** A digest as text, one resource a line. */
export function textOf(lines: readonly Line[]): string {
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`
}

export function linesIn(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Line.parse(JSON.parse(line)))
}

/** The name of a role without what makes it unique in a tenant. */
export function plainName(roleName: string): string {
  return roleName.replace(/ [a-z0-9]{13}$/, '')
}

function lineOf(resource: Predicted, roles: ReadonlyMap<string, string>): Line {
  const { id, type, name, properties = {} } = resource
  const isGrant = type.endsWith('oleAssignments')
  const found = (FACTS[type] ?? []).flatMap((path): [string, unknown][] =>
    path === '*' ? Object.entries(properties) : [[path, at(properties, path)]],
  )
  const facts = Object.fromEntries(found.map(([path, value]) => [path, shortened(value)]))
  return {
    where: whereOf(id),
    type,
    name: isGrant ? 'grant' : shortName(name),
    ...(isGrant ? { grant: grantOf(resource, roles) } : {}),
    ...(found.length > 0 && !isGrant ? { facts } : {}),
  }
}

function grantOf({ id, properties = {} }: Predicted, roles: ReadonlyMap<string, string>): Line['grant'] {
  const definition = String(properties.roleDefinitionId)
  const to =
    /outputs\.(run|provision)PrincipalId/.exec(String(properties.principalId))?.[1] ?? 'somebody else'
  return { to, role: roleOf(definition, roles), at: String(shortened(properties.scope ?? scopeIn(id))) }
}

/** A definition is named by its id, or by an output of the module that defines it. */
function roleOf(definition: string, roles: ReadonlyMap<string, string>): string {
  const own = roles.get(definition)
  if (own) return own
  const output = /outputs\.(\w+)Id\.value/.exec(definition)?.[1]
  if (output) return `Restamp ${output.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`
  const known = Object.entries(BUILT_IN).find(([guid]) => definition.includes(guid))
  return known ? known[1] : definition
}

/** What a grant holds for: the resource it extends, or the group or subscription that it lies in. */
function scopeIn(id: string): string {
  const extended = /^\[extensionResourceId\('([^']+)'/.exec(id)?.[1]
  if (extended) return extended
  const [, subscription = '', group] =
    /^\[(?:subscriptionR|r)esourceId\('([^']+)', (?:'([^']+)')?/.exec(id) ?? []
  return `/subscriptions/${subscription}${group && !group.includes('/') ? `/resourceGroups/${group}` : ''}`
}

function whereOf(id: string): string {
  const path = id.startsWith('[') ? scopeIn(id) : id
  const [, subscription = '', group] =
    /\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/.exec(path) ?? []
  return [subscription.replace(/^[-0]*/, '') || subscription, group]
    .filter((part) => part !== undefined)
    .join('/')
}

function shortName(name: string): string {
  return name.startsWith('[') ? 'named at run time' : name
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce(
      (inner: unknown, key) =>
        inner instanceof Object ? Object.entries(inner).find(([name]) => name === key)?.[1] : undefined,
      value,
    )
}

/** Expressions of run time say only what they are of. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replaceAll(/reference\(resourceId\([^\]]*?\)[^\]]*?\)\.outputs\.(\w+)\.value/g, 'output $1')
  if (Array.isArray(value)) return value.map(shortened)
  if (value instanceof Object)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]))
  return value
}
