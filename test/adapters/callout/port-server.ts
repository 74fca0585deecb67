import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { OPERATIONS } from '../../../src/adapters/callout/callout-operations.ts'
import { SIGNATURE_HEADER, signatureOf, signedText } from '../../../src/adapters/callout/signature.ts'
import { type FaultKind, faultDrawer, type PortFaults } from './port-faults.ts'
import { handlersOf, type OperationName, type ServedPorts } from './port-handlers.ts'
import { PortRefusal, refusalOf } from './port-refusal.ts'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

interface PortServer {
  readonly baseUrl: string
  /** How many requests met which fault. */
  readonly met: ReadonlyMap<FaultKind, number>
  close(): Promise<void>
}

const WINDOW_SECONDS = 300

/**
 * Any implementation of the ports behind the contract of docs/callout.md, on loopback. With faults, a share of the requests
 * meets one; which, follows from the seed, the request and how often it came before.
 */
export async function servePorts(served: {
  /** Looked for at each request: they may come up after their server. */
  readonly ports: () => ServedPorts
  readonly secret: string
  readonly nowMs: () => number
  readonly faults?: PortFaults
}): Promise<PortServer> {
  const { ports, secret, nowMs, faults } = served
  const { draw, met } = faultDrawer(faults)
  const later = new Map<string, Answer>()

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request
    const text = await textOf(request)
    const waiting = later.get(path)
    if (waiting) return send(response, waiting)
    const [bare = '', search = ''] = path.split('?')
    const isEffect = method !== 'GET'
    const fault = draw(`${method} ${bare}`, isEffect)
    if (fault === 'silent') return
    if (fault === 'tooMany') return send(response, busy('too-many-requests', { 'retry-after': '1' }))
    if (fault === 'unavailable') return send(response, busy('unavailable', {}))
    if (fault === 'gateway') return send(response, GATEWAY)

    const work = async () => {
      checkSignature(request, text)
      const { name, at } = operationFor(method, bare)
      const query = Object.fromEntries(new URLSearchParams(search))
      return handlersOf(ports(), nowMs)[name]({ at, query, body: text === '' ? {} : JSON.parse(text) })
    }
    let answer = await answerOf(work)
    if (fault === 'twice') answer = await answerOf(work)
    if (fault === 'lost') return void request.socket.destroy()
    if (fault === 'cutOff') return cutOff(response, answer)
    if (fault !== 'slow') return send(response, answer)
    const location = `/later/${later.size}`
    later.set(location, answer)
    send(response, { status: 202, headers: { location, 'retry-after': '0' }, text: '' })
  }

  function checkSignature(request: IncomingMessage, body: string): void {
    const header = String(request.headers[SIGNATURE_HEADER] ?? '')
    const seconds = Number(/^t=(\d+),/.exec(header)?.[1] ?? Number.NaN)
    const { method = '', url: path = '', headers } = request
    const key = String(headers['idempotency-key'] ?? '')
    const text = signedText({ method, path, key, body })
    const isRight = header === signatureOf({ secret, atMs: seconds * 1000, text })
    if (!isRight || Math.abs(nowMs() / 1000 - seconds) > WINDOW_SECONDS)
      throw new PortRefusal('not-signed', 'the signature is not that of this request now')
  }

  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { baseUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, met, close }
}

function operationFor(method: string, path: string) {
  const parts = path.split('/')
  for (const name of Object.keys(OPERATIONS).filter(isOperation)) {
    const { method: wanted, path: template } = OPERATIONS[name]
    const names = template.split('/')
    if (method !== wanted || names.length !== parts.length) continue
    const at: Record<string, string> = {}
    const fits = names.every((part, index) => {
      if (!part.startsWith('{')) return part === parts[index]
      at[part.slice(1, -1)] = parts[index] ?? ''
      return true
    })
    if (fits) return { name, at }
  }
  throw new PortRefusal('not-found', `there is no ${method} ${path}`)
}

function isOperation(name: string): name is OperationName {
  return name in OPERATIONS
}

async function answerOf(work: () => Promise<object>): Promise<Answer> {
  try {
    const text = JSON.stringify(await work())
    return { status: 200, headers: { 'content-type': 'application/json' }, text }
  } catch (error) {
    return problemOf(refusalOf(error))
  }
}

function problemOf({ problem }: PortRefusal): Answer {
  const headers = { 'content-type': 'application/problem+json' }
  return { status: problem.status, headers, text: JSON.stringify(problem) }
}

const GATEWAY: Answer = {
  ...{ status: 502, headers: { 'content-type': 'text/html' } },
  text: '<html><title>502 Bad Gateway</title></html>',
}

function busy(name: 'too-many-requests' | 'unavailable', headers: Record<string, string>): Answer {
  const answer = problemOf(new PortRefusal(name, 'a fault that was ordered'))
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

function send(response: ServerResponse, { status, headers, text }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text)
}

/** The head of a whole answer and half of its body. */
function cutOff(response: ServerResponse, { status, headers, text }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) })
  response.write(text.slice(0, text.length / 2), () => response.socket?.destroy())
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
