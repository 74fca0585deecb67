import { once } from 'node:events'
import { createServer, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http'
import { createPipelineRequest } from '@azure/core-rest-pipeline'
import type { WireAnswer } from './azure-client.ts'
import type { Between } from './azure-world.ts'

/** A server on loopback that hands on what it is asked, with somebody in between: what is thrown there ends the connection. */
export async function startProxy(target: string, between: Between) {
  const server = createServer((incoming, outgoing) => {
    handOn(incoming, outgoing, { target, between }).catch(() => incoming.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Way {
  readonly target: string
  readonly between: Between
}

async function handOn(incoming: IncomingMessage, outgoing: ServerResponse, { target, between }: Way) {
  const url = `${target}${incoming.url}`
  const asked = createPipelineRequest({ url, method: incoming.method === 'GET' ? 'GET' : 'PUT' })
  const answer = await between(asked, () => handedOn(incoming, url))
  const text = answer.text ?? JSON.stringify(answer.body ?? {})
  outgoing.writeHead(answer.status, answer.headers)
  const isWhole = text.length >= Number(answer.headers?.['content-length'] ?? 0) || incoming.method === 'HEAD'
  if (isWhole) outgoing.end(Buffer.from(text, 'latin1'))
  else outgoing.write(Buffer.from(text, 'latin1'), () => incoming.socket.destroy())
}

/** Bytes are kept as they are, a character each. */
async function handedOn(incoming: IncomingMessage, url: string): Promise<WireAnswer> {
  const { method, headers } = incoming
  const onward = openRequest(url, { method, headers })
  incoming.pipe(onward)
  const [answer] = await once(onward, 'response')
  const bytes: Buffer[] = []
  for await (const chunk of answer) bytes.push(chunk)
  return { status: answer.statusCode, text: Buffer.concat(bytes).toString('latin1'), headers: answer.headers }
}
