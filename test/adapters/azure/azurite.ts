import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { BlobServiceClient, ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'

const MAIN = fileURLToPath(import.meta.resolve('azurite/dist/src/blob/main.js'))
const READY = /successfully listens on (http:\/\/\S+)/
/** Longer than a busy machine needs. */
const START_WITHIN_MS = 30_000
/** The key that everybody's Azurite has. */
const ACCOUNT = 'devstoreaccount1'
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

/** As many as by default, without their seconds in between. */
const RETRIES = { retryOptions: { retryDelayInMs: 1, maxRetryDelayInMs: 5 } }

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
  const service = new BlobServiceClient(`${url}/${ACCOUNT}`, new StorageSharedKeyCredential(ACCOUNT, KEY))
  let containers = 0
  return {
    url,
    /** An empty container; `at` is where a proxy stands before the service. */
    async container(at = url) {
      const container = service.getContainerClient(`c-${containers++}`)
      await container.create()
      return new ContainerClient(container.url.replace(url, at), service.credential, RETRIES)
    },
    async stop(): Promise<void> {
      child.removeAllListeners('exit')
      const ended = new Promise((resolve) => child.on('exit', resolve))
      child.kill('SIGKILL')
      await ended
    },
  }
}
