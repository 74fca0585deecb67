import Module, { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

// A stand-in for the Node worker of Azure Functions, run as a process of its own: it supplies `@azure/functions-core` as that
// worker does, by answering `require`, imports the entry of a package, and says on standard output what came of it.
const LOOK_AFTER_MS = { imported: 0, look: 1000, later: 6000 }

interface Named {
  readonly name: string
  readonly bindings: Readonly<Record<string, { readonly type: string; readonly direction?: string }>>
}

const functions: { name: string; trigger: string }[] = []
const hooks: string[] = []
const core = {
  version: '4.0.0',
  hostVersion: '4.1000.0',
  Disposable: class {
    dispose() {}
  },
  setProgrammingModel: () => {},
  getProgrammingModel: () => undefined,
  registerFunction: ({ name, bindings }: Named) => {
    const trigger = Object.values(bindings).find(({ type }) => /trigger$/i.test(type))?.type ?? 'none'
    functions.push({ name, trigger })
    return new core.Disposable()
  },
  registerHook: (name: string) => {
    hooks.push(name)
    return new core.Disposable()
  },
  log: () => {},
}

const { prototype } = Module
prototype.require = new Proxy(prototype.require, {
  apply: (target, self, args) =>
    args[0] === '@azure/functions-core' ? core : Reflect.apply(target, self, args),
})

const loaded: string[] = []
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith('file:')) loaded.push(url)
    return next(url, context)
  },
})

const entry = pathToFileURL(resolve(process.argv[2] ?? '')).href
const beganMs = performance.now()
await import(entry)
const importMs = performance.now() - beganMs
const until = process.argv[3] === 'look' || process.argv[3] === 'later' ? process.argv[3] : 'imported'
await pause(Math.max(0, LOOK_AFTER_MS[until] - importMs))
process.stdout.write(
  `${JSON.stringify({ functions, hooks, importMs, loaded, rssBytes: process.memoryUsage().rss })}\n`,
)
process.exit(0)
