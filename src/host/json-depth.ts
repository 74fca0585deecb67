const depthMax = 64

/** Whether a value is nested deeper than Json.NET reads. */
export function isTooDeep(value: unknown, levelsLeft = depthMax): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levelsLeft === 0) return true
  const members = Array.isArray(value) ? value : Object.values(value)
  for (const member of members) if (isTooDeep(member, levelsLeft - 1)) return true
  return false
}

/** What Json.NET says of a JSON text that is nested too deep: where its reader stopped. */
export function tooDeepAt(json: string): string {
  const path: (string | number)[] = []
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\],]/g)) {
    if (token === '{' || token === '[') {
      if (path.length === depthMax) {
        return `The reader's MaxDepth of ${depthMax} has been exceeded. Path '${written(path)}', line 1, position ${index + 1}.`
      }
      path.push(token === '{' ? '' : 0)
    } else if (token === '}' || token === ']') path.pop()
    else if (token === ',') {
      const last = path.at(-1)
      if (typeof last === 'number') path[path.length - 1] = last + 1
    } else if (token.endsWith(':')) {
      path[path.length - 1] = String(JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)))
    }
  }
  return 'The JSON text is nested too deep.'
}

function written(path: readonly (string | number)[]): string {
  return path
    .map((part) => {
      if (typeof part === 'number') return `[${part}]`
      return /[ .'/"[\]()\t\n\r\f\b\\\u0085\u2028\u2029]/.test(part) ? `['${part}']` : `.${part}`
    })
    .join('')
    .replace(/^\./, '')
}
