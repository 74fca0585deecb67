import { type WireAnswer, wire } from './azure-client.ts'
import { armError, bodyOf } from './scale-set-answers.ts'

interface Query {
  readonly subscriptions: readonly string[]
  readonly query: string
  readonly options: { readonly $skipToken?: string; readonly $top: number; readonly resultFormat: string }
}

/** What Resource Graph has, a list of rows each, and the last rolling upgrade of a scale set by its name. */
export interface GraphState {
  groups: object[]
  scaleSets: object[]
  settings: object[]
  profiles: object[]
  workspaces: object[]
  statuses: object[]
  changes: { properties: { changeAttributes: { timestamp: string } } }[]
  events: object[]
  impacted: object[]
  updates: object[]
  upgrades: Record<string, object>
  histories: Record<string, object[]>
}

const TABLES: readonly (readonly [RegExp, keyof GraphState])[] = [
  [/^resourcecontainers /, 'groups'],
  [/^resources .*virtualmachinescalesets/, 'scaleSets'],
  [/^resources .*autoscalesettings/, 'settings'],
  [/^resources .*trafficmanagerprofiles/, 'profiles'],
  [/^resources .*operationalinsights/, 'workspaces'],
  [/^healthresources .*availabilitystatuses/, 'statuses'],
  [/^healthresourcechanges .*availabilitystatuses/, 'changes'],
  [/^servicehealthresources .*events\/impactedresources/, 'impacted'],
  [/^servicehealthresources .*events'/, 'events'],
  [/^maintenanceresources /, 'updates'],
]

/**
 * Resource Graph over lists of rows, by pages as it sends them: `resultTruncated` is a text, and the rows are objects. It knows the
 * queries that Restamp asks by their table. `rowsAPage` makes pages smaller than was asked for, as the service does.
 */
export function graphServer(given: Partial<GraphState> & { readonly rowsAPage?: number } = {}) {
  const state: GraphState = {
    ...{ settings: [], profiles: [], workspaces: [] },
    ...{ groups: [], scaleSets: [], statuses: [], changes: [], events: [], impacted: [], updates: [] },
    ...{ upgrades: {}, histories: {} },
    ...given,
  }
  const queries: string[] = []
  const faults: ((query: string) => WireAnswer | undefined)[] = []

  function rowsFor(query: string): readonly object[] {
    const table = TABLES.find(([pattern]) => pattern.test(query))?.[1]
    if (!table) throw new Error(`the double knows no such query: ${query}`)
    const rows = state[table]
    if (table !== 'changes' || !Array.isArray(rows)) return Array.isArray(rows) ? rows : []
    const since = Date.parse(/datetime\((\d[^)]+)\)/.exec(query)?.[1] ?? '')
    return state.changes.filter(
      ({ properties }) => Date.parse(properties.changeAttributes.timestamp) >= since,
    )
  }

  function page({ query, options }: Query): WireAnswer {
    queries.push(query)
    const fault = faults[0]?.(query)
    if (fault) {
      faults.shift()
      return fault
    }
    const rows = rowsFor(query)
    const from = Number(options.$skipToken ?? 0)
    const data = rows.slice(from, from + Math.min(options.$top, given.rowsAPage ?? options.$top))
    const next = from + data.length
    const more = next < rows.length ? { $skipToken: String(next) } : {}
    const counts = { totalRecords: rows.length, count: data.length, resultTruncated: 'false', facets: [] }
    return { status: 200, body: { ...counts, ...more, data } }
  }

  return {
    ...{ state, queries, faults },
    httpClient: wire((request) => {
      const { pathname } = new URL(request.url)
      if (pathname.endsWith('/providers/Microsoft.ResourceGraph/resources'))
        return page(bodyOf<Query>(request))
      const [, name = '', rest] = /virtualMachineScaleSets\/([^/]+)\/(.+)$/i.exec(pathname) ?? []
      if (rest === 'osUpgradeHistory') return { status: 200, body: { value: state.histories[name] ?? [] } }
      const upgrade = rest === 'rollingUpgrades/latest' ? state.upgrades[name] : undefined
      return upgrade
        ? { status: 200, body: { name: 'latest', location: 'westeurope', properties: upgrade } }
        : armError(404, 'NotFound', `there is no rolling upgrade of ${name}`)
    }),
  }
}

const time = (ms: number) => new Date(ms).toISOString()

/** Availability of a scale set or of one of its nodes, as `healthresources` has it. */
export function aStatus(targetResourceId: string, availabilityState: string, sinceMs = 0): object {
  return {
    id: `${targetResourceId}/providers/Microsoft.ResourceHealth/availabilityStatuses/current`,
    properties: {
      ...{ targetResourceId, availabilityState, occurredTime: time(sinceMs) },
      targetResourceType: 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines',
      previousAvailabilityState: availabilityState === 'Available' ? 'Unavailable' : 'Available',
    },
  }
}

/** A change of availability, as `healthresourcechanges` has it. */
export function aChange(targetResourceId: string, atMs: number, previousValue: string, newValue: string) {
  return {
    id: `${targetResourceId}/providers/Microsoft.Resources/changes/c-${atMs}`,
    properties: {
      targetResourceId: `${targetResourceId}/providers/Microsoft.ResourceHealth/availabilityStatuses/current`,
      targetResourceType: 'microsoft.resourcehealth/availabilitystatuses',
      changeType: 'Update',
      changeAttributes: { timestamp: time(atMs), changesCount: 1 },
      changes: { 'properties.availabilityState': { previousValue, newValue } },
    },
  }
}

/** An event of Service Health as Resource Graph has it: names in upper case, other than the REST API. */
export function anEvent(event: {
  readonly id: string
  readonly type?: string
  readonly status?: string
  readonly title?: string
  readonly region?: string
  readonly service?: string
  readonly fromMs: number
  readonly untilMs: number | null
  readonly trackingId?: string
}): object {
  const { id, type = 'ServiceIssue', title = 'Virtual machines are slow', region = 'West Europe' } = event
  const { service = 'Virtual Machine Scale Sets', fromMs, untilMs, trackingId } = event
  const status = event.status ?? (untilMs === null ? 'Active' : 'Resolved')
  return {
    id: `/subscriptions/s/providers/Microsoft.ResourceHealth/events/${id}`,
    name: id,
    properties: {
      ...{ EventType: type, Status: status, Title: title, ImpactStartTime: time(fromMs) },
      ...(trackingId ? { TrackingId: trackingId } : {}),
      ImpactMitigationTime: untilMs === null ? '' : time(untilMs),
      Impact: [{ ImpactedService: service, ImpactedRegions: [{ ImpactedRegion: region, Status: status }] }],
    },
  }
}
