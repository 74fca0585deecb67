import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { type WireAnswer, wire } from './azure-client.ts'
import {
  type AnsweredPool,
  armError,
  autoscaleSetting,
  bodyOf,
  machines,
  scaleSet,
} from './scale-set-answers.ts'

export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'
const PROVIDER = '/providers/Microsoft.Resources/deployments/'

/** What one deployment was asked to make. */
export interface Made {
  readonly stamp: string
  readonly resourceGroup: string
  readonly tags: Readonly<Record<string, string>>
  readonly host: string
  readonly location: string
  readonly pools: readonly {
    readonly role: string
    readonly nodes: number
    readonly maxNodes: number
    readonly scaleSet: string
    readonly autoscaleSetting: string
    readonly sku: string
    readonly like: string
  }[]
}

interface Deployment {
  readonly name: string
  readonly location: string
  readonly tags: Readonly<Record<string, string>>
  readonly made: Made
  readonly begunMs: number
  canceledMs: number | null
}

interface Group {
  readonly name: string
  readonly location: string
  readonly tags: Readonly<Record<string, string>>
  readonly made: Made | null
  deletedMs: number | null
}

/** How long things take, and what goes wrong. */
export interface ServerOptions {
  readonly nowMs: () => number
  /** From the first request until the group is there, until all is there, and until a deleted group is gone. */
  readonly groupMs?: number
  readonly madeMs?: number
  readonly removedMs?: number
  /** Scale sets and autoscale settings that were there before, by name: what new ones are built like. */
  readonly models?: Readonly<Record<string, AnsweredPool>>
  /** Why a deployment fails, when its time has come; undefined where it does not. */
  readonly failure?: (made: Made) => object | undefined
  /** What what-if says of a deployment; the truth, unless it is changed here. */
  readonly whatIf?: (told: { status: string; properties: Record<string, unknown> }) => object
  /** Told as soon as a deployment is accepted and a group's deletion is: whoever leads a simulated region listens here. */
  readonly onBegun?: (made: Made) => void
  readonly onRemoved?: (stamp: string) => void
}

/** Deployments at subscription scope and the groups that they make, as ARM shows them; time is the given clock's. */
export function deploymentsServer(options: ServerOptions) {
  const { nowMs, groupMs = 30_000, madeMs = 15 * 60_000, removedMs = 5 * 60_000 } = options
  const deployments = new Map<string, Deployment>()
  const groups = new Map<string, Group>()
  const requests: { method: string; path: string; body: unknown }[] = []
  const whatIfs: object[] = []

  function stateOf({ made, begunMs, canceledMs }: Deployment): string {
    if (canceledMs !== null) return 'Canceled'
    const sinceMs = nowMs() - begunMs
    if (sinceMs < groupMs) return 'Accepted'
    if (sinceMs < madeMs) return 'Running'
    return options.failure?.(made) ? 'Failed' : 'Succeeded'
  }

  function groupNamed(name: string): Group | undefined {
    const group = groups.get(name.toLowerCase())
    const isGone = group?.deletedMs != null && nowMs() >= group.deletedMs + removedMs
    if (isGone) groups.delete(name.toLowerCase())
    return isGone ? undefined : group
  }

  /** What deployments have made up to now. */
  function settle(): void {
    for (const { made, begunMs, canceledMs } of deployments.values()) {
      const atMs = begunMs + groupMs
      const isMade = atMs <= Math.min(nowMs(), canceledMs ?? Number.POSITIVE_INFINITY)
      const key = made.resourceGroup.toLowerCase()
      const isOld = handled.has(`${key}@${begunMs}`)
      if (!isMade || isOld) continue
      handled.add(`${key}@${begunMs}`)
      groups.set(key, {
        ...{ name: made.resourceGroup, location: made.location, tags: made.tags, made },
        deletedMs: null,
      })
    }
  }
  const handled = new Set<string>()

  function put(name: string, body: PutBody): WireAnswer {
    const before = deployments.get(name)
    if (before && ['Accepted', 'Running'].includes(stateOf(before)))
      return armError(
        409,
        'DeploymentActive',
        `Unable to edit or replace deployment '${name}': it is active.`,
      )
    if (before && before.location !== body.location)
      return armError(409, 'InvalidDeploymentLocation', `'${name}' already exists in '${before.location}'.`)
    const made = madeBy(body)
    const begunMs = nowMs()
    const { location, tags } = body
    const deployment = { ...{ name, location, tags, made, begunMs }, canceledMs: null }
    deployments.set(name, deployment)
    options.onBegun?.(made)
    const async = `https://management.azure.com/subscriptions/${SUBSCRIPTION}${PROVIDER}${name}/operationStatuses/08585?api-version=2021-04-01`
    return { status: 201, headers: { 'azure-asyncoperation': async }, body: shown(deployment, 'Accepted') }
  }

  function shown(deployment: Deployment, state: string): object {
    const { name, location, tags, made } = deployment
    const error = state === 'Failed' ? options.failure?.(made) : undefined
    const outputs =
      state === 'Succeeded' ? { outputs: { host: { type: 'String', value: made.host } } } : undefined
    const properties = { mode: 'Incremental', provisioningState: state, correlationId: 'c', dependencies: [] }
    return {
      ...{ id: `/subscriptions/${SUBSCRIPTION}${PROVIDER}${name}`, name, location, tags },
      type: 'Microsoft.Resources/deployments',
      properties: { ...properties, ...outputs, ...(error ? { error } : {}) },
    }
  }

  function deployment(name: string, rest: string, request: PipelineRequest): WireAnswer {
    const body = bodyOf<PutBody>(request)
    if (request.method === 'POST' && rest === '/whatIf') return beginWhatIf(body)
    if (request.method === 'PUT') return put(name, body)
    const found = deployments.get(name)
    if (!found) return armError(404, 'DeploymentNotFound', `Deployment '${name}' could not be found.`)
    const state = stateOf(found)
    if (rest.startsWith('/operationStatuses')) return { status: 200, body: { status: state } }
    const isActive = ['Accepted', 'Running'].includes(state)
    if (rest === '/cancel') {
      if (!isActive) return armError(409, 'DeploymentCannotBeCancelled', `'${name}' is ${state}.`)
      found.canceledMs = nowMs()
      return { status: 204 }
    }
    if (request.method !== 'DELETE') return { status: 200, body: shown(found, state) }
    if (isActive) return armError(409, 'DeploymentActive', `'${name}' is active and can't be deleted.`)
    deployments.delete(name)
    const location = `https://management.azure.com/subscriptions/${SUBSCRIPTION}/operationresults/ey?api-version=2021-04-01`
    return { status: 202, headers: { location, 'retry-after': '15' } }
  }

  function beginWhatIf(body: PutBody): WireAnswer {
    const told = { status: 'Succeeded', properties: { changes: changesOf(madeBy(body)) } }
    whatIfs.push(options.whatIf?.(told) ?? told)
    const location = `/subscriptions/${SUBSCRIPTION}/operationresults/what-if-${whatIfs.length - 1}?api-version=2021-04-01`
    return { status: 202, headers: { location, 'retry-after': '0' } }
  }

  function group(name: string, method: string): WireAnswer {
    const found = groupNamed(name)
    if (!found) return armError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`)
    if (method === 'DELETE') {
      if (found.deletedMs === null && found.made) options.onRemoved?.(found.made.stamp)
      found.deletedMs ??= nowMs()
      const location = `https://management.azure.com/subscriptions/${SUBSCRIPTION}/operationresults/ez?api-version=2021-04-01`
      return { status: 202, headers: { location, 'retry-after': '15' } }
    }
    const { location, tags, deletedMs } = found
    const provisioningState = deletedMs === null ? 'Succeeded' : 'Deleting'
    const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${found.name}`
    const type = 'Microsoft.Resources/resourceGroups'
    const body = { id, name: found.name, type, location, tags, properties: { provisioningState } }
    return { status: 200, body }
  }

  function resource(groupName: string, kind: string, name: string, rest: string): WireAnswer {
    const model = options.models?.[name]
    if (model)
      return {
        status: 200,
        body: /autoscale/i.test(kind) ? autoscaleSetting(name, model) : scaleSet(name, model),
      }
    const made = groupNamed(groupName)?.made
    const isDone = [...deployments.values()].some((one) => one.made === made && stateOf(one) === 'Succeeded')
    const pool = made?.pools.find((each) => [each.scaleSet, each.autoscaleSetting].includes(name))
    if (!pool || !isDone) return armError(404, 'ResourceNotFound', `nothing named ${name} in ${groupName}`)
    if (/autoscale/i.test(kind)) return { status: 200, body: autoscaleSetting(name, pool) }
    if (rest === '/virtualMachines') return { status: 200, body: { value: machines(pool) } }
    return { status: 200, body: scaleSet(name, pool) }
  }

  const answer = (request: PipelineRequest): WireAnswer => {
    const path = decodeURIComponent(new URL(request.url).pathname)
    requests.push({ method: request.method, path, body: bodyOf(request) })
    settle()
    const whatIf = /operationresults\/what-if-(\d+)$/.exec(path)
    if (whatIf) return { status: 200, body: whatIfs[Number(whatIf[1])] }
    const toDeployment =
      /^\/subscriptions\/[^/]+\/providers\/Microsoft\.Resources\/deployments\/([^/]+)(.*)$/i
    const [, name = '', rest = ''] = toDeployment.exec(path) ?? []
    if (name) return deployment(name, rest, request)
    const toGroup =
      /^\/subscriptions\/[^/]+\/resourcegroups\/([^/]+)(?:\/providers\/([^/]+\/[^/]+)\/([^/]+)(.*))?$/i
    const [, groupName = '', kind, resourceName = '', tail = ''] = toGroup.exec(path) ?? []
    return kind ? resource(groupName, kind, resourceName, tail) : group(groupName, request.method)
  }

  return {
    deployments,
    groups,
    requests,
    httpClient: wire(answer),
    /** A group is deleted by hand. */
    dropGroup: (name: string) => {
      settle()
      groups.delete(name.toLowerCase())
    },
    /** A group that somebody else made. */
    addGroup: (name: string, tags: Readonly<Record<string, string>> = {}) =>
      groups.set(name.toLowerCase(), { name, location: 'westeurope', tags, made: null, deletedMs: null }),
  }
}

interface PutBody {
  readonly location: string
  readonly tags: Readonly<Record<string, string>>
  readonly properties: {
    readonly parameters: { readonly [K in keyof Made]: { readonly value: Made[K] } }
  }
}

function madeBy({ properties: { parameters } }: PutBody): Made {
  return {
    stamp: parameters.stamp.value,
    resourceGroup: parameters.resourceGroup.value,
    tags: parameters.tags.value,
    host: parameters.host.value,
    location: parameters.location.value,
    pools: parameters.pools.value,
  }
}

function changesOf({ resourceGroup, tags, pools }: Made): object[] {
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${resourceGroup}`
  const within = (type: string, name: string) => ({
    resourceId: `${id}/providers/${type}/${name}`,
    changeType: 'Create',
    after: { type, name },
  })
  return [
    { resourceId: id, changeType: 'Create', after: { name: resourceGroup, tags } },
    ...pools.flatMap((pool) => [
      within('Microsoft.Compute/virtualMachineScaleSets', pool.scaleSet),
      within('Microsoft.Insights/autoscaleSettings', pool.autoscaleSetting),
    ]),
  ]
}
