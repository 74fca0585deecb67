import { expect, test } from 'vitest'
import { routeTemplate } from '../../src/host/route-template.ts'

test('a catch-all also takes nothing, as on ASP.NET', () => {
  expect(routeTemplate('dashboard/{*path}').paths).toEqual(['/dashboard/*', '/dashboard'])
  expect(routeTemplate('plans/{id}/{part?}').paths).toEqual(['/plans/:id/:part?'])
})

test('a template that this host does not understand is refused by name', () => {
  expect(() => routeTemplate('a/{b:odd}')).toThrow('a/{b:odd}')
})

test('a parameter that is not optional is never empty', () => {
  expect(routeTemplate('plans/{id}/status').accepts({})).toBe(false)
  expect(routeTemplate('plans/{id}/status').accepts({ id: 'x' })).toBe(true)
  expect(routeTemplate('plans/{id?}').accepts({})).toBe(true)
})
