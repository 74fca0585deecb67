import { Catalog } from './catalog.mjs'
import { countOf } from './checks.mjs'
import { Stamps } from './stamps.mjs'
import { Traffic } from './traffic.mjs'

/**
 * A control plane in memory over a fleet file: each row is one operation of the contract, with what its body may be.
 * `background` marks the one that is answered by 202 first, as slow effects of a real platform are.
 */
export function createControlPlane({ fleet, interlocks, nowMs }) {
  const catalog = new Catalog(fleet)
  const stamps = new Stamps(fleet, nowMs)
  const traffic = new Traffic({ catalog, stamps, nowMs })
  const offers = ['catalog', 'traffic', 'capacity', 'provisioning', 'interlocks']
  const served = '/stamps/:stamp/replicas/:replica'
  const get = (path, answer) => ({ method: 'GET', path, answer })
  const put = (path, bodies, answer) => ({ method: 'PUT', path, bodies, answer })
  const post = (path, bodies, answer) => ({ method: 'POST', path, bodies, answer })
  return [
    get('/', () => ({ contract: 1, name: 'callout-server', offers, nowMs: nowMs() })),

    get('/fleet', () => catalog.fleet(stamps)),
    get('/bindings', () => ({ bindings: catalog.bindings() })),
    get('/bindings/:replica', ({ replica }) => catalog.binding(replica)),
    put('/bindings/:replica', ['rebind'], ({ replica, body }) => catalog.rebind(replica, body, stamps)),

    get('/routes', ({ query }) => ({ routes: traffic.routes(query.get('region')) })),
    get('/routes/:replica', ({ replica }) => traffic.route(replica)),
    put('/routes/:replica', ['route'], ({ replica, body }) => traffic.setRoute(replica, body)),
    post('/routes/:replica/prepare', ['prepare'], ({ replica, body }) => traffic.prepare(replica, body)),
    post('/routes/:replica/settle', ['none'], ({ replica }) => traffic.settle(replica)),
    get(`${served}/residue`, ({ replica, stamp }) => traffic.residue(replica, stamp)),
    post(`${served}/warm`, ['none'], ({ replica, stamp }) => traffic.warm(replica, stamp)),
    post(`${served}/pull`, ['none'], ({ replica, stamp }) => traffic.pull(replica, stamp)),

    get('/stamps/:stamp/pools', ({ stamp }) => ({ pools: stamps.pools(stamp) })),
    {
      ...put('/stamps/:stamp/pools/:role/minimum', ['minimum', 'minimumIf'], ({ stamp, role, body }) =>
        stamps.setMinimum(stamp, role, body),
      ),
      background: true,
      isFenced: ({ changeKey }) => changeKey !== undefined,
    },

    put('/made-stamps/:stamp', ['stamp'], ({ stamp, body }) => stamps.create(stamp, body)),
    get('/made-stamps/:stamp', ({ stamp }) => stamps.state(stamp)),
    post('/made-stamps/:stamp/activate', ['key'], ({ stamp, body }) => stamps.activate(stamp, body)),
    post('/made-stamps/:stamp/remove', ['key'], ({ stamp, body }) =>
      stamps.remove(stamp, body, catalog.bindings()),
    ),

    get('/interlocks', ({ query }) => {
      const [fromMs, toMs] = ['fromMs', 'toMs'].map((name) => countOf(query.get(name), name))
      const isSeen = (each) => each.fromMs <= toMs && (each.untilMs === null || each.untilMs > fromMs)
      return { interlocks: interlocks.filter((each) => each.region === query.get('region') && isSeen(each)) }
    }),
  ]
}
