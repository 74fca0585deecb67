import { describe, expect, it } from 'vitest'
import { alwaysAt, stampAt, staysOf } from '../../src/domain/stays.ts'

const rebound = (from: string, to: string, atMs: number) => ({ registry: 'web', from, to, atMs })

describe('where a replica was served', () => {
  it('is its home for all time where nothing was re-bound', () => {
    expect(staysOf('a', [])).toEqual(alwaysAt('a'))
    expect(stampAt(staysOf('a', []), 0)).toBe('a')
  })

  it('follows each re-bind forth and back, in whatever order they are told', () => {
    const stays = staysOf('a', [rebound('b', 'a', 30), rebound('a', 'b', 10)])
    expect([0, 9, 10, 29, 30, 99].map((atMs) => stampAt(stays, atMs))).toEqual(['a', 'a', 'b', 'b', 'a', 'a'])
  })

  it('is not told from before a re-bind that leads elsewhere than it was next: somebody else had a hand in it', () => {
    const stays = staysOf('a', [rebound('x', 'y', 10), rebound('b', 'a', 30)])
    expect([0, 29, 30].map((atMs) => stampAt(stays, atMs))).toEqual(['b', 'b', 'a'])
  })
})
