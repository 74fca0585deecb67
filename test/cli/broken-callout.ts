import { createServer, type IncomingHttpHeaders } from 'node:http'
import { startCalloutServer } from '../../examples/callout-server/server.mjs'
import { signatureProblem } from '../../examples/callout-server/signature.mjs'
import { SIGNATURE_HEADER, signatureOf, signedText } from '../../src/adapters/callout/signature.ts'

export const SECRET = 'a-secret-of-both-sides'

interface Passing {
  readonly method: string
  readonly path: string
  readonly key: string
  readonly body: string
  readonly headers: IncomingHttpHeaders
}

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** How a control plane is broken, which keeps the contract but for this. */
export interface Break {
  /** Takes a request whose signature is wrong as if it were right. */
  readonly trusts?: (request: Passing) => boolean
  /** Has another request than the one that came. */
  readonly reads?: (request: Passing) => Partial<Passing>
  /** Answers otherwise. */
  readonly says?: (request: Passing, answer: Answered) => Partial<Answered> | undefined
}

/** The problem that the example's server has with a signature under another secret. */
export function isSignedBy(secret: string, { headers, ...request }: Passing): boolean {
  const header = headers[SIGNATURE_HEADER]
  return signatureProblem({ header, ...request, secret, nowMs: Date.now() }) === undefined
}

/** The example's server behind a proxy that breaks it. */
export async function brokenCallout(fleet: object, broken: Break = {}) {
  const whole = await startCalloutServer({ fleet, secret: SECRET })
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const { method = '', url: path = '', headers } = request
    const key = String(headers['idempotency-key'] ?? '')
    const came: Passing = { method, path, key, body: Buffer.concat(chunks).toString(), headers }
    const answer = await pass(whole.baseUrl, came, broken)
    const said = { ...answer, ...broken.says?.(came, answer) }
    response.writeHead(said.status, said.headers).end(said.text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await whole.close()
    },
  }
}

async function pass(baseUrl: string, came: Passing, { trusts, reads }: Break): Promise<Answered> {
  const read = { ...came, ...reads?.(came) }
  const isTrusted = isSignedBy(SECRET, came) || trusts?.(came) === true
  const { method, path, key, body } = read
  const own = signatureOf({ secret: SECRET, atMs: Date.now(), text: signedText(read) })
  const headers = {
    ...{ 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) },
    [SIGNATURE_HEADER]: isTrusted ? own : String(came.headers[SIGNATURE_HEADER] ?? ''),
  }
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    headers,
    ...(method === 'GET' ? {} : { body }),
  })
  const text = await response.text()
  const kept = ['content-type', 'location', 'retry-after'].flatMap((name) => {
    const value = response.headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  return { status: response.status, headers: Object.fromEntries(kept), text }
}
