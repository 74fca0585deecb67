/** A request path as a Functions host sees it: escapes are read, but an escaped slash stays one. */
export function readPath(pathname: string): string {
  return pathname.replace(/(?:%(?!2f)[0-9a-f]{2})+/gi, (run) => decoded(run) ?? run)
}

/** The same path written again: only what may not stand in a path is escaped. */
export function writtenPath(path: string): string {
  return encodeURI(path.toWellFormed())
    .replace(/[?#]/g, (mark) => (mark === '?' ? '%3F' : '%23'))
    .replace(/%25(?=[0-9a-f]{2})/gi, '%')
}

/** The names and values of a query; escapes that are no UTF-8 stay. */
export function queryPairs(search: string): [name: string, value: string][] {
  return search
    .slice(1)
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      const [name, value] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
      return [unescaped(name), unescaped(value)]
    })
}

function unescaped(text: string): string {
  return text.replaceAll('+', ' ').replace(/(?:%[0-9a-f]{2})+/gi, (run) => decoded(run) ?? run)
}

/** .NET's form decoding: a plus is a blank, bytes that are no UTF-8 become replacement characters. */
export function formDecoded(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
}

/** .NET's form encoding: a blank becomes a plus. */
export function formEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%20', '+')
    .replaceAll("'", '%27')
    .replaceAll('~', '%7E')
}

function decoded(run: string): string | undefined {
  try {
    return decodeURIComponent(run)
  } catch {
    return undefined
  }
}
