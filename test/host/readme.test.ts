import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { instance, start, until } from './driving.ts'
import { serveApp } from './served-app.ts'
import { appFolder } from './small-host.ts'

it('the app in the README runs as it stands there', async () => {
  const readme = readFileSync(resolve(import.meta.dirname, '../../src/host/README.md'), 'utf8')
  const source = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const dir = appFolder()
  writeFileSync(join(dir, 'greeter.js'), source)
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ type: 'module', main: 'greeter.js' }))
  symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(dir, 'node_modules'))
  const app = await serveApp(dir, { clock: 'skip' })
  await start(app, 'Greetings', 'g1', null)
  const done = await until(
    () => instance(app, 'g1'),
    ({ runtimeStatus }) => runtimeStatus === 'Completed',
  )
  expect(done.output).toEqual(['Hello Ada', 'Hello Grace'])
  expect(await (await fetch(`${app.baseUrl}/api/hello`)).text()).toBe('Hello')
  await app.stop()
})
