import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, NotCanonical, sha256Hex } from '../../src/domain/canonical.ts'

test("the RFC's own example comes out as the RFC prints it", () => {
  const input = JSON.parse(
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  )
  expect(canonicalJson(input)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test("keys stand in the order of the RFC's sorting example", () => {
  const input = JSON.parse(
    '{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}',
  )
  expect(canonicalJson(input)).toBe(
    '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}',
  )
})

test('minus zero is zero, and a property without a value is left out', () => {
  expect(canonicalJson({ b: -0, a: undefined })).toBe('{"b":0}')
})

const cycle: Record<string, unknown> = {}
cycle.self = cycle

test.each([
  ['NaN', { a: [Number.NaN] }, '$.a[0] is NaN'],
  ['Infinity', Number.POSITIVE_INFINITY, '$ is Infinity'],
  ['undefined in an array', [1, undefined], '$[1] is undefined'],
  ['a hole in an array', new Array(1), '$[0] is undefined'],
  ['undefined itself', undefined, '$ is undefined'],
  ['half a surrogate pair', { a: '\ud83d' }, '$.a holds half of a surrogate pair'],
  ['half a surrogate pair in a key', { '\ude00': 1 }, 'holds half of a surrogate pair'],
  ['a big integer', { a: 1n }, '$.a is bigint'],
  ['a function', { a: () => 1 }, '$.a is function'],
  ['a Date', { a: new Date(0) }, '$.a is a Date'],
  ['a Map', new Map(), '$ is a Map'],
  ['a cycle', cycle, 'more than 100 deep'],
])('%s is refused by its path', (_, value, message) => {
  expect(() => canonicalJson(value)).toThrow(NotCanonical)
  expect(() => canonicalJson(value)).toThrow(message)
})

test('canonical JSON reads back as the same value, and its own canonical form is itself', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = canonicalJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    }),
  )
})

test('the order in which keys were set changes nothing', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 8 }), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed())
      expect(canonicalJson(turned)).toBe(canonicalJson(value))
    }),
  )
})

test('different values have different texts', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
      const same = canonicalJson(a) === canonicalJson(b)
      expect(same).toBe(
        canonicalJson(JSON.parse(JSON.stringify(a))) === canonicalJson(JSON.parse(JSON.stringify(b))),
      )
      if (same) expect(JSON.parse(JSON.stringify(a))).toEqual(JSON.parse(JSON.stringify(b)))
    }),
  )
})

test('the hash is the published one of "abc"', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
