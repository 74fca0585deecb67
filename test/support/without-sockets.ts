import { createRequire } from 'node:module'
import type { HostOptions } from '../../src/host/host.ts'

type Listen = NonNullable<HostOptions['listen']>
type Answer = Parameters<Listen>[0]['answer']

/** What is used of the HTTP client that the durable SDK brings. */
interface Axios {
  readonly defaults: { adapter: unknown }
  getAdapter(adapters: unknown, config: Sent): (config: Sent) => Promise<unknown>
}

interface Sent {
  readonly url: string
  readonly method: string
  readonly data?: string
  readonly headers: { toJSON(): Record<string, string> }
}

/** No test listens on one of these, and hosts of one process at a time are few: the numbers are used again. */
const PORTS = { min: 2, max: 1001 }

const answers = new Map<number, { readonly answer: Answer; readonly cut: Promise<never> }>()
let lastPort = PORTS.max

const ofTest = createRequire(import.meta.url)
const axios: Axios = createRequire(ofTest.resolve('durable-functions'))('axios')
const { adapter } = axios.defaults
axios.defaults.adapter = async (sent: Sent) => {
  const port = Number(/^http:\/\/127\.0\.0\.1:(\d+)\//.exec(sent.url)?.[1])
  return port >= PORTS.min && port <= PORTS.max ? answered(port, sent) : axios.getAdapter(adapter, sent)(sent)
}

/** Takes the place of a host's server: the durable client of this process reaches it by a call, in a later turn. */
export const listenWithoutSockets: Listen = async ({ answer }) => {
  lastPort = lastPort < PORTS.max ? lastPort + 1 : PORTS.min
  const port = lastPort
  const { promise: cut, reject } = Promise.withResolvers<never>()
  cut.catch(() => {})
  answers.set(port, { answer, cut })
  return {
    port,
    cut: () => reject(new Error('socket hang up')),
    close: async () => void answers.delete(port),
  }
}

async function answered(port: number, sent: Sent): Promise<unknown> {
  await new Promise((resolve) => setImmediate(resolve))
  const server = answers.get(port)
  if (!server) throw new Error(`connect ECONNREFUSED 127.0.0.1:${port}`)
  const headers = Object.entries(sent.headers.toJSON()).map(([name, value]) => [name.toLowerCase(), value])
  const asked = server.answer({
    method: sent.method.toUpperCase(),
    url: new URL(sent.url),
    headers: { ...Object.fromEntries(headers), host: `127.0.0.1:${port}` },
    body: new TextEncoder().encode(sent.data ?? ''),
  })
  const { status, headers: given = {}, body = '' } = await Promise.race([asked, server.cut])
  const data = typeof body === 'string' ? body : new TextDecoder().decode(body)
  return { status, statusText: '', headers: given, data, config: sent, request: {} }
}
