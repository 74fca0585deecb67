import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { signatureProblem } from '../../../examples/callout-server/signature.mjs'
import { OPERATIONS } from '../../../src/adapters/callout/callout-operations.ts'
import { RebindRequest } from '../../../src/adapters/callout/callout-shapes.ts'
import { SIGNATURE_HEADER, signatureOf, signedText } from '../../../src/adapters/callout/signature.ts'

const page = readFileSync(new URL('../../../docs/callout.md', import.meta.url), 'utf8')

/** The signed request of the page, taken apart. */
function vector() {
  const [, request = ''] = /```http\n([\s\S]*?)\n```/.exec(page) ?? []
  const [head = '', body = ''] = request.split('\n\n')
  const [line = '', ...fields] = head.split('\n')
  const [method = '', path = ''] = line.split(' ')
  const headers = new Map(fields.map((field) => [field.split(': ')[0], field.split(': ')[1] ?? '']))
  const [, secret = ''] = /Signed with the secret `([^`]+)`/.exec(page) ?? []
  const header = headers.get(SIGNATURE_HEADER) ?? ''
  const atMs = Number(/^t=(\d+),/.exec(header)?.[1]) * 1000
  return { secret, header, atMs, method, path, key: headers.get('idempotency-key') ?? '', body }
}

it('the signature on the page is ours, and the example server takes it', () => {
  const { secret, header, atMs, ...request } = vector()

  expect(header).toMatch(/^t=1764126000,v1=[0-9a-f]{64}$/)
  expect(signatureOf({ secret, atMs, text: signedText(request) })).toBe(header)
  expect(signatureProblem({ header, ...request, secret, nowMs: atMs })).toBeUndefined()
  expect(RebindRequest.safeParse(JSON.parse(request.body)).success).toBe(true)
})

it('the example server refuses it when any part of it is another', () => {
  const signed = { ...vector(), nowMs: vector().atMs }
  for (const part of ['secret', 'method', 'path', 'key', 'body'] as const)
    expect(signatureProblem({ ...signed, [part]: `${signed[part]} ` })).toContain('not that of this request')
  expect(signatureProblem({ ...signed, nowMs: signed.atMs + 301_000 })).toContain('301 s away')
})

it('the page names each operation of the contract', () => {
  const verbs = page.replaceAll('.../', '/stamps/{stamp}/replicas/{replica}/')
  for (const { method, path } of Object.values(OPERATIONS)) {
    const named = [...verbs.matchAll(/`((?:GET|PUT|POST)[^`]*)`/g)].map(([, text = '']) => text)
    const isNamed =
      named.some((text) => text.split('?')[0] === `${method} ${path}`) ||
      (method === 'GET' && named.includes(`PUT ${path}`) && verbs.includes(`\`GET\` and \`PUT ${path}\``))
    expect([path, isNamed]).toEqual([path, true])
  }
})
