import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { serveApp } from './served-app.ts'
import { appFolder } from './small-host.ts'

const modules = resolve(import.meta.dirname, '../../node_modules')

function folder(files: Readonly<Record<string, string>>): string {
  const dir = appFolder()
  mkdirSync(join(dir, 'src'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  symlinkSync(modules, join(dir, 'node_modules'))
  return dir
}

const http = (name: string) =>
  `app.http('${name}', { authLevel: 'anonymous', handler: () => ({ body: process.env.GREETING ?? '${name}' }) })`

it('a folder of modules that import each other registers each function once', async () => {
  const dir = folder({
    'package.json': JSON.stringify({ type: 'module', main: 'src/*.js' }),
    'src/a.js': `import { app } from '@azure/functions'\nimport './b.js'\n${http('one')}`,
    'src/b.js': `import { app } from '@azure/functions'\n${http('two')}`,
    'local.settings.json': JSON.stringify({ Values: { GREETING: 'from settings' } }),
  })
  const app = await serveApp(dir)
  for (const name of ['one', 'two']) {
    expect(await (await fetch(`${app.baseUrl}/api/${name}`)).text()).toBe('from settings')
  }
  await app.stop()
})

it('a folder whose "main" matches nothing is refused with what it says', async () => {
  const dir = folder({ 'package.json': JSON.stringify({ main: 'dist/*.js' }) })
  await expect(serveApp(dir)).rejects.toThrow('No file matches "main": "dist/*.js"')
})

it('a folder without host.json is refused with what it needs', async () => {
  await expect(serveApp(join(modules, 'croner'))).rejects.toThrow(
    /host\.json cannot be read.*"version":"2\.0"/,
  )
})
