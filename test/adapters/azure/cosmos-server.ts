import type { AddressInfo } from 'node:net'
import { type Container, CosmosClient, PartitionKeyKind } from '@azure/cosmos'
import { createHttpServer } from '@vercel/cosmosdb-server'
import {
  BINDINGS_PARTITION,
  type CatalogContainers,
  FLEET_PARTITION,
} from '../../../src/adapters/azure/cosmos-catalog.ts'
import { PARTITION_PATHS } from '../../../src/adapters/azure/cosmos-document.ts'

/** A Cosmos-compatible server in this process, empty, on a port of its own. */
export async function startCosmosServer() {
  const server = createHttpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const clientWith = (plugins: readonly object[] = []) => {
    const options = {
      endpoint: `http://127.0.0.1:${port}`,
      key: Buffer.from('a key that the double does not look at').toString('base64'),
      connectionPolicy: { enableEndpointDiscovery: false },
    }
    // The SDK takes plugins, but its types don't say so.
    return new CosmosClient(plugins.length > 0 ? { ...options, ...{ plugins } } : options)
  }
  const client = clientWith()
  let databases = 0
  const made = async () => {
    const { database } = await client.databases.create({ id: `db-${databases++}` })
    return database
  }
  return {
    clientWith,
    /** The two containers, empty; `id` opens those of another client. */
    async containers(): Promise<{ databaseId: string; records: Container; audit: Container }> {
      const database = await made()
      const container = async (id: string) => {
        const partitionKey = { paths: [...PARTITION_PATHS], kind: PartitionKeyKind.MultiHash, version: 2 }
        return (await database.containers.create({ id, partitionKey, defaultTtl: -1 })).container
      }
      return { databaseId: database.id, records: await container('records'), audit: await container('audit') }
    },
    /** The two containers of a catalog, empty. */
    async catalogContainers(): Promise<{ databaseId: string; containers: CatalogContainers }> {
      const database = await made()
      const container = async (id: string, path: string) =>
        (await database.containers.create({ id, partitionKey: { paths: [path] } })).container
      const bindings = await container('bindings', BINDINGS_PARTITION)
      return {
        databaseId: database.id,
        containers: { bindings, fleet: await container('fleet', FLEET_PARTITION) },
      }
    },
    async stop(): Promise<void> {
      client.dispose()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
