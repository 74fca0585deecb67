import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import { type ServedApp, serveApp } from './served-app.ts'

export interface KillingProxy {
  readonly baseUrl: string
  kills(): number
  stop(): Promise<void>
}

/**
 * Stands in front of an app whose host it kills and restarts before every request that changes something, so that a
 * client which works step by step meets a new process at each step. Requests wait while the host is down.
 */
export async function killingProxy(
  dir: string,
  options: object,
): Promise<KillingProxy & { readonly systemKey: string }> {
  let app: ServedApp = await serveApp(dir, options)
  let turn: Promise<unknown> = Promise.resolve()
  let kills = 0
  const restart = async () => {
    kills += 1
    await app.kill()
    app = await serveApp(dir, options)
  }
  const server = createServer((incoming, outgoing) => {
    const isStep = incoming.method !== 'GET'
    // One after another: no request may be under way in the process that is killed.
    turn = turn.then(async () => {
      if (isStep) await restart()
      await forward(app, incoming, outgoing)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  return {
    baseUrl: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    systemKey: app.systemKey,
    kills: () => kills,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await app.kill()
    },
  }
}

function forward(app: ServedApp, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(app.baseUrl)
    const { method, url: path, headers } = incoming
    const onward = send(
      { hostname, port, method, path, headers: { ...headers, connection: 'close' } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing).once('close', resolve)
      },
    )
    onward.once('error', () => {
      outgoing.destroy()
      resolve()
    })
    incoming.pipe(onward)
  })
}
