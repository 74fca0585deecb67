import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline'
import {
  BlobServiceClient,
  ContainerClient,
  newPipeline,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { wire } from './azure-client.ts'
import type { Between } from './azure-world.ts'

const MAIN = fileURLToPath(import.meta.resolve('azurite/dist/src/blob/main.js'))
const READY = /successfully listens on (http:\/\/\S+)/
/** Longer than a busy machine needs. */
const START_WITHIN_MS = 30_000
/** The key that everybody's Azurite has. */
const ACCOUNT = 'devstoreaccount1'
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

/** Azurite's blob service in a process of its own, empty, in memory. */
export async function startAzurite() {
  const args = ['--blobPort', '0', '--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry']
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    const take = (chunk: Buffer) => {
      text += chunk.toString()
      const found = text.match(READY)?.[1]
      if (found) resolve(found)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('exit', (code) => reject(new Error(`Azurite ended with ${code}: ${text}`)))
    setTimeout(() => reject(new Error(`Azurite did not come up: ${text}`)), START_WITHIN_MS).unref()
  })
  const credential = new StorageSharedKeyCredential(ACCOUNT, KEY)
  const service = new BlobServiceClient(`${url}/${ACCOUNT}`, credential)
  let containers = 0
  return {
    /** An empty container; `between` stands between its client and the service. */
    async container(between?: Between) {
      const container = service.getContainerClient(`c-${containers++}`)
      await container.create()
      if (!between) return container
      // Its own options have the network's client under this name, with a type from before the current pipeline.
      const options = { httpClient: through(between) } as object
      return new ContainerClient(container.url, newPipeline(credential, options))
    },
    async stop(): Promise<void> {
      child.removeAllListeners('exit')
      const ended = new Promise((resolve) => child.on('exit', resolve))
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The network, with somebody in between; what is let through goes on as it came. */
function through(between: Between): HttpClient {
  const network = createDefaultHttpClient()
  return {
    async sendRequest(request) {
      const came: { answer?: Awaited<ReturnType<HttpClient['sendRequest']>> } = {}
      const answer = await between(request, async () => {
        came.answer = await network.sendRequest(request)
        return { status: came.answer.status }
      })
      return came.answer && answer.text === undefined ? came.answer : wire(() => answer).sendRequest(request)
    },
  }
}
