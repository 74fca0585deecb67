import findMyWay, { type HTTPMethod } from 'find-my-way'

/** Paths in the syntax of find-my-way, for some methods. */
export interface Route {
  readonly methods: readonly HTTPMethod[]
  readonly paths: readonly string[]
}

export interface Found {
  /** Which of the routes it is. */
  readonly route: number
  readonly params: Readonly<Record<string, string | undefined>>
}

export interface Router {
  find(method: HTTPMethod, path: string): Found | undefined
  /** By route: why it leads nowhere, as where another one has its path. */
  readonly refused: ReadonlyMap<number, Error>
}

const known = new Map<string, Router>()
const knownMax = 20

/** The router over some routes; a host that starts anew with the same ones finds it ready. */
export function routerOf(routes: readonly Route[]): Router {
  const key = JSON.stringify(routes)
  const router = known.get(key) ?? made(routes)
  if (known.size >= knownMax) known.clear()
  known.set(key, router)
  return router
}

function made(routes: readonly Route[]): Router {
  const all = findMyWay({ caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 8192 })
  const refused = new Map<number, Error>()
  for (const [route, { methods, paths }] of routes.entries()) {
    try {
      for (const method of methods) for (const path of paths) all.on(method, path, () => {}, route)
    } catch (error) {
      refused.set(route, error instanceof Error ? error : new Error(String(error)))
    }
  }
  const find = (method: HTTPMethod, path: string) => {
    const found = all.find(method, path)
    return found ? { route: Number(found.store), params: found.params } : undefined
  }
  return { find, refused }
}
