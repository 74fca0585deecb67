import { Activities } from './activities.ts'
import type { VirtualClock } from './clock.ts'
import { Commits } from './commits.ts'
import { Engine } from './engine.ts'
import type { EpisodeHost } from './episode.ts'
import type { FunctionApp } from './function-app.ts'
import { EventType } from './history.ts'
import type { HostOptions } from './host.ts'
import type { HostConfig } from './host-config.ts'
import { type HostKeys, hostKeys, isAllowed } from './host-keys.ts'
import { type HostRequest, type HostResponse, jsonResponse } from './http-exchange.ts'
import { HttpFunctions } from './http-functions.ts'
import { type HttpServer, startHttpServer } from './http-server.ts'
import { refusal } from './hub-file.ts'
import type { HubStore, InstanceRow, TaskRow } from './hub-store.ts'
import { InFlight } from './in-flight.ts'
import { InstanceControl } from './instance-control.ts'
import { type InstanceState, Instances } from './instances.ts'
import { Invoker, type Log } from './invocation.ts'
import { ManagementApi } from './management-api.ts'
import { clientBinding, managementPath } from './management-links.ts'
import { replayCheck } from './replay-check.ts'
import { RetentionSweep } from './retention.ts'
import type { Settings } from './settings.ts'
import { Slots } from './slots.ts'
import { Timeline, type TimeSource } from './timeline.ts'
import { TimerFunctions } from './timer-functions.ts'
import type { TaskTrace } from './trace-context.ts'
import type { Versioning } from './versioning.ts'

export interface RuntimeOptions {
  readonly app: FunctionApp
  readonly store: HubStore
  readonly clock: VirtualClock
  readonly config: HostConfig
  readonly settings: Settings
  readonly log: Log
  readonly hubPath: string
  readonly appDir: string
  readonly extras: Pick<
    HostOptions,
    | 'mayAdvance'
    | 'bodyMaxBytes'
    | 'advancePath'
    | 'faults'
    | 'onBroken'
    | 'retention'
    | 'leniences'
    | 'listen'
  >
}

const dayMs = 86_400_000
/** How Azure Storage cuts long timers. */
const timerLimits = { shortTimerMaxMs: 6 * dayMs, longTimerStepMs: 3 * dayMs }
const oneTimer = { shortTimerMaxMs: 36_500 * dayMs, longTimerStepMs: 3 * dayMs }
const bodyMaxDefault = 100 * 1024 * 1024
const rpcPath = '/durabletask/'
/** The host's own areas; what they hold in Azure is not part of this host, and no function can answer there. */
const reservedPath = /^\/(admin|runtime\/webhooks)(\/|$)/i
const welcome = 'Your Functions app is up and running on the embedded host.\n'

/** All parts of one running host, wired together. */
export class Runtime {
  readonly keys: HostKeys
  readonly inFlight: InFlight
  readonly timeline: Timeline
  readonly #options: RuntimeOptions
  readonly #commits: Commits
  readonly #activities: Activities
  readonly #engine: Engine
  readonly #http: HttpFunctions
  readonly control: InstanceControl
  readonly #management: ManagementApi
  readonly #episodes: EpisodeHost
  readonly #instances: Instances
  readonly #invoker: Invoker
  readonly retention: RetentionSweep | undefined
  #servers: HttpServer[] = []
  #rpcPort = 0
  #broken = false

  constructor(options: RuntimeOptions) {
    const { app, store, clock, config, settings, log, extras } = options
    this.#options = options
    this.keys = hostKeys(store)
    const nowMs = () => clock.nowMs()
    this.inFlight = new InFlight(() => this.timeline.poke())
    const { inFlight } = this
    const clockText = () => JSON.stringify({ nowMs: nowMs(), wallMs: Date.now() })
    const onBroken = (error: unknown) => this.#break(error)
    this.#commits = new Commits({ store, clockText, faults: extras.faults, onBroken })
    const commits = this.#commits
    const instances = new Instances(store)
    this.#instances = instances
    const { functionTimeoutMs, isTraced } = config
    const clientBinding = (origin: string | undefined) => this.#clientBinding(origin)
    this.#invoker = new Invoker({ app, log, clientBinding, functionTimeoutMs })
    const invoker = this.#invoker
    this.#episodes = episodeHost(options, invoker)
    this.#activities = new Activities({
      ...{ app, invoker, inFlight, nowMs },
      faults: extras.faults,
      concurrencyMax: config.activitiesMax,
      traceOf: (task) => (isTraced ? this.#taskTrace(task) : undefined),
      deliver: (task, event) => this.#engine.deliverTask(task, event),
    })
    this.#engine = new Engine({
      ...{ store, commits, instances, inFlight },
      episodes: this.#episodes,
      faults: extras.faults,
      startTask: (task) => this.#activities.add(task),
      onTimers: () => this.timeline.poke(),
      onError: onBroken,
      onRejected: (row) => this.#warnOfVersion(row),
    })
    const onScheduled = () => this.timeline.poke()
    const timers = new TimerFunctions({
      ...{ app, invoker, inFlight, store, commits, settings, nowMs, log, onScheduled },
      retry: config.retry,
    })
    const mayAdvance = extras.mayAdvance ?? (() => true)
    const sources = [durableTimers(store, this.#engine), timers]
    this.timeline = new Timeline({ clock, inFlight, sources, mayAdvance, onError: onBroken })
    const { anyStateReplaceable, hubName } = config
    const { defaultVersion } = config.versioning
    this.control = new InstanceControl({
      ...{ store, commits, instances, inFlight, nowMs, defaultVersion, anyStateReplaceable, isTraced },
      engine: this.#engine,
    })
    const { control } = this
    const { retention } = extras
    const shrink = () => store.shrink()
    this.retention = retention && new RetentionSweep({ retention, control, nowMs, shrink })
    this.#management = new ManagementApi({ control, hubName, systemKey: this.keys.system })
    this.#http = new HttpFunctions({ app, invoker, inFlight, keys: this.keys, config: config.http, log })
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.#servers[0]?.port ?? 0}`
  }

  async start(port: number): Promise<void> {
    try {
      await this.#listen(port)
      await this.#invoker.appStart(this.#options.appDir)
      // The clock is on disk from the first moment, so that a restart knows when this hub began.
      await this.#commits.commit('clock', () => {})
    } catch (error) {
      await this.stop()
      throw error
    }
    this.#engine.resume()
    this.timeline.start()
    this.retention?.start()
  }

  async #listen(port: number): Promise<void> {
    const { bodyMaxBytes = bodyMaxDefault, listen = startHttpServer } = this.#options.extras
    this.#servers.push(await listen({ port, bodyMaxBytes, answer: (request) => this.answer(request) }))
    const rpc = await listen({ port: 0, bodyMaxBytes, answer: (request) => this.#answerRpc(request) })
    this.#servers.push(rpc)
    this.#rpcPort = rpc.port
    // While this is unset, the durable client rewrites its links to port 7071.
    process.env.WEBSITE_HOSTNAME ||= `localhost:${this.#servers[0]?.port}`
  }

  /** Takes no more work, lets nothing new begin and writes what is decided. Activities that run on are repeated later. */
  async stop(): Promise<void> {
    this.retention?.stop()
    this.timeline.stop()
    this.#engine.stop()
    this.#activities.stop()
    this.#commits.soon('clock', () => {})
    this.#commits.close()
    await Promise.all(this.#servers.map((server) => server.close()))
    await this.#invoker.appTerminate()
  }

  /** For tests: from now on the host is as good as killed; nothing reaches its hub any more. */
  abandon(): void {
    this.#commits.abandon()
    for (const server of this.#servers) server.cut()
  }

  get versioning(): Versioning {
    return this.#episodes.versioning
  }

  /** See replay-check.ts. */
  async replayCheck(id: string): Promise<string[]> {
    const state = this.#instances.get(id)
    return state ? this.replay(state) : [`There is no instance ${id}.`]
  }

  replay(state: InstanceState): Promise<string[]> {
    return replayCheck(this.#episodes, state)
  }

  async answer(request: HostRequest): Promise<HostResponse> {
    if (this.#broken) return { status: 503 }
    const { pathname } = request.url
    if (pathname.toLowerCase().startsWith(`${managementPath}/`)) {
      if (!isAllowed(request, 'system', this.keys)) return { status: 401 }
      return this.#management.answer(request, pathname.slice(managementPath.length))
    }
    if (pathname === this.#options.extras.advancePath && request.method === 'POST')
      return this.#advance(request)
    if (reservedPath.test(pathname)) return { status: isAllowed(request, 'admin', this.keys) ? 404 : 401 }
    const answer = await this.#http.answer(request)
    if (answer) return answer
    return pathname === '/'
      ? { status: 200, headers: { 'content-type': 'text/plain' }, body: welcome }
      : { status: 404 }
  }

  /** The endpoint of the durable client in this process. It asks for no key, so pages in a browser must not reach it. */
  async #answerRpc(request: HostRequest): Promise<HostResponse> {
    if (this.#broken) return { status: 503 }
    const foreign = request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined
    const local = request.headers.host === `127.0.0.1:${this.#rpcPort}`
    if (foreign || !local || !request.url.pathname.startsWith(rpcPath)) return { status: 403 }
    return this.#management.answer(request, request.url.pathname.slice(rpcPath.length))
  }

  async #advance({ body }: HostRequest): Promise<HostResponse> {
    const { ms }: { ms: number } = JSON.parse(new TextDecoder().decode(body))
    await this.timeline.advance(ms)
    return jsonResponse(200, { nowMs: this.timeline.nowMs() })
  }

  #taskTrace({ instanceId, executionId, taskId }: TaskRow): TaskTrace | undefined {
    const state = this.#instances.get(instanceId)
    if (state?.row.executionId !== executionId) return undefined
    return state.events.findLast(
      ({ EventType: type, EventId: id }) => type === EventType.TaskScheduled && id === taskId,
    )?.ParentTraceContext
  }

  #warnOfVersion({ id, name, version }: InstanceRow): void {
    const { defaultVersion, match } = this.#options.config.versioning
    const message =
      `Instance ${id} of '${name}' has version ${version ?? 'none'} and is left as it is: with defaultVersion ` +
      `${defaultVersion ?? 'none'} and versionMatchStrategy ${match} this host does not run it.`
    this.#options.log({ level: 'warning', category: 'Host.Triggers.DurableTask', message })
  }

  #clientBinding(origin = `http://localhost:${this.#servers[0]?.port ?? 0}`): string {
    const { hubName, hasRpcEndpoint } = this.#options.config
    const rpcBaseUrl = hasRpcEndpoint ? `http://127.0.0.1:${this.#rpcPort}${rpcPath}` : null
    return clientBinding({ origin, hubName, systemKey: this.keys.system }, rpcBaseUrl)
  }

  #break(error: unknown): void {
    if (this.#broken) return
    this.#broken = true
    this.timeline.stop()
    this.#engine.stop()
    this.#activities.stop()
    const refused = refusal(error, this.#options.hubPath)
    this.#options.log({ level: 'critical', category: 'Host', message: refused.message })
    this.#options.extras.onBroken?.(refused)
  }
}

function durableTimers(store: HubStore, engine: Engine): TimeSource {
  return { nextMs: (nowMs) => store.timers.nextMs(nowMs), fire: (nowMs) => engine.fireTimers(nowMs) }
}

function episodeHost({ app, clock, config, extras }: RuntimeOptions, invoker: Invoker): EpisodeHost {
  const { versioning, storeInputs, actionsMax, orchestratorsMax } = config
  const { leniences = {} } = extras
  const timers = leniences.longTimers ? oneTimer : timerLimits
  return {
    ...{ app, invoker, versioning, storeInputs, leniences },
    nowMs: () => clock.nowMs(),
    limits: { ...timers, actionsMax },
    orchestrators: new Slots(orchestratorsMax),
  }
}
