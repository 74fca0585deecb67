import { isUtf8 } from 'node:buffer'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { HostRequest, HostResponse } from './http-exchange.ts'
import { HubRefused } from './hub-refused.ts'

export interface HttpServerOptions {
  readonly port: number
  readonly bodyMaxBytes: number
  readonly answer: (request: HostRequest) => Promise<HostResponse>
}

export interface HttpServer {
  readonly port: number
  close(): Promise<void>
  /** For tests: cuts every connection, as the end of a process does. */
  cut(): void
}

const tooLarge: HostResponse = { status: 413, headers: { connection: 'close' } }

/** Listens on 127.0.0.1 only. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer((incoming, outgoing) => void serve(options, incoming, outgoing))
  server.keepAliveTimeout = 30_000
  const port = await listen(server, options.port)
  return {
    port,
    cut: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 200).unref()
      }),
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const inUse = 'code' in error && error.code === 'EADDRINUSE'
      const text = inUse
        ? `Port ${port} is in use; stop what listens there or choose another port.`
        : `Port ${port} cannot be listened on: ${error.message}.`
      reject(new HubRefused(text, { cause: error }))
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

async function serve(
  options: HttpServerOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    const url = requestUrl(incoming)
    const body = await readBody(incoming, options.bodyMaxBytes)
    const { method = 'GET' } = incoming
    const headers = headersOf(incoming)
    if (!url || !headers) send(outgoing, { status: 400 })
    else send(outgoing, body ? await options.answer({ method, url, headers, body }) : tooLarge)
  } catch {
    // The client went away, or the hub can no longer be written; either way there is no answer to give.
    if (!outgoing.headersSent) send(outgoing, { status: 503 })
  }
}

function requestUrl({ url = '/', headers }: IncomingMessage): URL | undefined {
  const path = url.startsWith('/') ? url : `/${url}`
  const full = `http://${headers.host ?? '127.0.0.1'}${path}`
  return URL.canParse(full) && !/%00/.test(path.split('?')[0] ?? '') ? new URL(full) : undefined
}

/** Header values are UTF-8 to a Functions host; nothing is returned where one is not. */
function headersOf(incoming: IncomingMessage): Record<string, string> | undefined {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value === undefined) continue
    const bytes = Buffer.from(Array.isArray(value) ? value.join(', ') : value, 'latin1')
    if (!isUtf8(bytes)) return undefined
    headers[name] = bytes.toString('utf8')
  }
  return headers
}

/** Nothing is returned for a body beyond the limit, announced or not. */
async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function send(outgoing: ServerResponse, { status, headers = {}, body = '' }: HostResponse): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  for (const [name, value] of Object.entries(headers)) {
    outgoing.setHeader(name, typeof value === 'string' ? value : [...value])
  }
  const bodiless = status === 204 || status === 205 || status === 304
  if (bytes.length === 0 && !bodiless) outgoing.setHeader('content-length', 0)
  outgoing.writeHead(status)
  // Written before the end, a body goes out in chunks, without a length, as the real host sends it.
  if (bytes.length > 0 && !bodiless) outgoing.write(bytes)
  outgoing.end()
}
