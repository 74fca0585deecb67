import type { Container } from '@azure/cosmos'
import type { ContainerClient } from '@azure/storage-blob'
import { armFault } from './arm-fault.ts'
import { type Check, NotTold, ToFix } from './check-found.ts'
import { codeOf } from './cosmos-answers.ts'

const NO_BLOB = 'restamp-check/none'
const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'

/** What each container of Cosmos DB is opened with; see the table in docs/deploy.md. */
const ROLES = {
  records: 'Restamp writer',
  audit: 'Restamp appender',
  bindings: 'Restamp changer',
  fleet: 'Restamp changer',
} as const
type ContainerName = keyof typeof ROLES

export function storeChecks({
  containers,
  blobs,
}: {
  readonly containers: Readonly<Record<ContainerName, Container>>
  readonly blobs: Readonly<Record<'anchors' | 'payloads', ContainerClient>>
}): Check[] {
  return [
    cosmosCheck('records', containers.records),
    cosmosCheck('audit', containers.audit),
    cosmosCheck('bindings', containers.bindings),
    cosmosCheck('fleet', containers.fleet),
    blobCheck('payloads', blobs.payloads),
    blobCheck('anchors', blobs.anchors),
    immutabilityCheck(blobs.anchors),
  ]
}

/** Cosmos DB's errors are of a kind of its own: a 403 is a missing role of its data plane, a 404 a container that is not there. */
function cosmosCheck(name: ContainerName, container: Container): Check {
  return {
    check: `Cosmos DB: ${name}`,
    run: async () => {
      try {
        const { resources = [] } = await container.items
          .query('SELECT * FROM c', { maxItemCount: 1 })
          .fetchNext()
        return resources.length > 0 ? 'can be read' : 'can be read, and holds nothing yet'
      } catch (error) {
        throw cosmosFault(error, name)
      }
    },
  }
}

function cosmosFault(error: unknown, name: ContainerName): unknown {
  const code = codeOf(error)
  if (code === 401 || code === 403) {
    const todo = `assign the role ${ROLES[name]} (a role of Cosmos DB's data plane) at the container ${name}; where that is there, look at the account's network rules`
    return new ToFix('the right is missing', todo)
  }
  if (code === 404)
    return new ToFix(`there is no container ${name}`, 'deploy infra/main.bicep, or correct COSMOS_DATABASE')
  if (code === 429) return new NotTold('throttled', 'ask again in a minute')
  return new ToFix(
    `no answer: ${code ?? 'unknown'}`,
    'look whether COSMOS_ENDPOINT can be reached from here (network, private endpoint)',
  )
}

function blobCheck(name: string, container: ContainerClient): Check {
  return {
    check: `blobs: ${name}`,
    right: { name: BLOBS, role: 'Restamp blob keeper', at: `the container ${name}` },
    run: async () => {
      try {
        await container.getBlobClient(NO_BLOB).getProperties()
        return 'can be read'
      } catch (error) {
        const { statusCode, code } = armFault(error) ?? {}
        if (statusCode !== 404) throw error
        if (code === 'ContainerNotFound')
          throw new ToFix(
            `there is no container ${name}`,
            'deploy infra/main.bicep, or correct BLOB_ENDPOINT',
          )
        return 'can be read'
      }
    },
  }
}

/** The app's own identity may not read it: whether a policy protects anchors is for a person to look at. */
function immutabilityCheck(anchors: ContainerClient): Check {
  return {
    check: 'blobs: anchors can not be changed',
    run: async () => {
      const look = 'az storage container show --name anchors --auth-mode login'
      const properties = await anchors.getProperties().catch((error: unknown) => {
        if (armFault(error)?.statusCode !== 403) throw error
        throw new NotTold('may not be read by this identity', `look yourself: ${look}`)
      })
      const { hasImmutabilityPolicy, isImmutableStorageWithVersioningEnabled } = properties
      if (hasImmutabilityPolicy || isImmutableStorageWithVersioningEnabled)
        return 'an immutability policy protects them'
      throw new ToFix('no immutability policy', 'set one, as infra/app/storage.bicep does, and lock it')
    },
  }
}
