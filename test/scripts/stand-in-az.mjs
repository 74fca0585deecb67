#!/usr/bin/env node
// Stands in for `az` and `azd` while a hook is tried: answers Microsoft Graph from a file, and writes down what azd is told.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const [, self = '', ...args] = process.argv
const folder = process.env.STAND_IN_FOLDER ?? ''
const valueAfter = (name) => args[args.indexOf(name) + 1] ?? ''

if (basename(self).startsWith('azd')) appendFileSync(join(folder, 'azd.log'), `${args.join(' ')}\n`)
else if (args[0] === 'account') process.stdout.write(JSON.stringify({ tenantId: 'tenant' }))
else process.stdout.write(JSON.stringify(graph() ?? null))

function graph() {
  const file = join(folder, 'graph.json')
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
  const method = valueAfter('--method')
  const url = new URL(valueAfter('--url'))
  if (url.pathname.endsWith('/me')) return { id: 'me' }
  const body = args.includes('--body')
    ? JSON.parse(readFileSync(valueAfter('--body').slice(1), 'utf8'))
    : undefined
  writeFileSync(
    file,
    JSON.stringify([...known, { method, path: url.pathname, filter: url.searchParams.get('$filter'), body }]),
  )
  if (method === 'POST') return { id: 'made', appId: '0ad04412-c4d5-4796-b79c-f76d14c8d402', ...body }
  return method === 'GET'
    ? {
        value:
          url.searchParams.get('$filter')?.includes('appId') && url.pathname.endsWith('applications')
            ? [{ id: 'made' }]
            : [],
      }
    : undefined
}
